"""The tree of places that a file makes or changes: providers, shelters, locations, units and rooms, with their beds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from placement.exchange.import_steps import Step, StepKind

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in the tree. `depth`: from 0 for a provider to 4 for a room. `is_new`: true if the file makes the place.
    `rooms`, `beds`: the numbers of rooms and beds that the file makes in the place.
    """

    name: str
    depth: int
    is_new: bool
    rooms: int
    beds: int


def tree_of(steps: Iterable[Step]) -> list[Branch]:
    """Returns the places that the file makes and those that contain them, sorted by name, a place before its parts."""
    made, rooms, beds = set(), Counter[Path](), Counter[Path]()
    paths: set[Path] = set()
    for step in steps:
        if step.kind is not StepKind.MAKE or "within" not in step.facts:
            continue
        path: Path = (*step.facts["within"], step.name)
        made.add(path)
        for one in (path[:length] for length in range(1, len(path) + 1)):
            paths.add(one)
            rooms[one] += "beds" in step.facts
            beds[one] += step.facts.get("beds", 0)
    return [Branch(path[-1], len(path) - 1, path in made, rooms[path], beds[path]) for path in sorted(paths)]
