"""What goes to the shelter, and to who drives, with a decision: kept for 30 days, and in no other place."""

from dataclasses import dataclass
from typing import Any

from placement.core.consent_codes import Driver
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Hold


@dataclass(frozen=True, slots=True)
class Told:
    """`for_shelter`: free words. `driver_told`: what who drives is told, which must not be more than is needed."""

    for_shelter: str | None = None
    driver: Driver | None = None
    driver_told: str | None = None

    def stored(self) -> dict[str, Any] | None:
        """As the hold keeps it; None where nothing is said."""
        said = {"for_shelter": self.for_shelter, "driver": self.driver and self.driver.value}
        said["driver_told"] = self.driver_told
        return said if any(said.values()) else None


def told_of(held: Hold) -> Told:
    """What was said with the decision; nothing where it was erased, or cannot be read."""
    said = held.told
    if not is_readable(said) or said is None:
        return Told()
    return Told(said["for_shelter"], said["driver"] and Driver(said["driver"]), said["driver_told"])
