"""What goes to the shelter, and to who drives, with a decision: kept for 30 days, and in no other place."""

from dataclasses import dataclass, replace
from typing import Any

from placement.core.consent_codes import Driver
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Hold


@dataclass(frozen=True, slots=True)
class HandoverNotes:
    """`for_shelter`: free words. `driver_told`: what who drives is told, which must not be more than is needed.
    `road_telephone`: whom to ring on the way, as E.164, from the shelter's confirmation on.
    """

    for_shelter: str | None = None
    driver: Driver | None = None
    driver_told: str | None = None
    road_telephone: str | None = None

    def stored(self) -> dict[str, Any] | None:
        """As the hold keeps it; None where nothing is said."""
        said = {"for_shelter": self.for_shelter, "driver": self.driver and self.driver.value}
        said |= {"driver_told": self.driver_told, "road_telephone": self.road_telephone}
        return said if any(said.values()) else None

    def without_words(self) -> "HandoverNotes":
        """As it is told to an actor to whom the case is closed."""
        return replace(self, for_shelter=None, driver_told=None)


NOTHING_TOLD = HandoverNotes()


def told_of(held: Hold) -> HandoverNotes:
    """What was said with the decision; nothing where it was erased, or cannot be read."""
    said = held.told
    if not is_readable(said) or said is None:
        return NOTHING_TOLD
    driver = said["driver"] and Driver(said["driver"])
    return HandoverNotes(said["for_shelter"], driver, said["driver_told"], said.get("road_telephone"))
