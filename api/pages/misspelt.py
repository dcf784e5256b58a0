"""Places of a form that are in no list: said with its other faults, not after them."""

from collections.abc import Mapping
from typing import cast

from placement.core.errors import Fault
from placement.registrations.case_rows import PointInput, point_of


def misspelt(facts: Mapping[str, object]) -> list[Fault]:
    """A fault for each place of danger, and each that must be reached, that no place of the list is called."""
    faults: list[Fault] = []
    for name in ("threats", "reach"):
        for number, row in enumerate(cast("list[dict[str, str]]", facts.get(name) or [])):
            if row.get("place"):
                point_of(f"{name}.{number}", PointInput(row["place"]), faults)
    return faults
