"""Notes for the shelter and the driver that accompany a decision. They are stored only in the hold, for 30 days."""

from dataclasses import dataclass, replace

from placement.core.consent_codes import Driver
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Hold


@dataclass(frozen=True, slots=True)
class HandoverNotes:
    """The notes of a decision. `for_shelter`: free text. `driver_told`: instructions for the driver, limited to the
    journey. `road_telephone`: a number in E.164 for calls during the journey, known after the shelter confirmed.
    """

    for_shelter: str | None = None
    driver: Driver | None = None
    driver_told: str | None = None
    road_telephone: str | None = None

    def stored(self) -> dict[str, str | None] | None:
        """Returns the notes in the form in which the hold stores them; `None` if every note is empty."""
        said = {"for_shelter": self.for_shelter, "driver": self.driver and self.driver.value}
        said |= {"driver_told": self.driver_told, "road_telephone": self.road_telephone}
        return said if any(said.values()) else None

    def without_words(self) -> "HandoverNotes":
        """Returns the notes without free text, for an actor who may not open the case."""
        return replace(self, for_shelter=None, driver_told=None)


NOTHING_TOLD = HandoverNotes()


def told_of(held: Hold) -> HandoverNotes:
    """Returns the notes that were stored with the hold; empty if they were erased or are unreadable."""
    said = held.told
    if not is_readable(said) or said is None:
        return NOTHING_TOLD
    driver = Driver(said["driver"]) if said["driver"] else None
    return HandoverNotes(said["for_shelter"], driver, said["driver_told"], said.get("road_telephone"))
