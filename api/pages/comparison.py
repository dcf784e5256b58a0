"""The comparison of the proposed place with the next best place: facts that differ, and equal facts in one line."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.v1.proposals import UnitOut

TOPICS = {
    "free": ("free_now", "free_on"),
    "room": ("own_room", "shared_room", "features"),
    "children": ("children", "boys"),
    "language": ("spoken", "interpreter", "no_language"),
    "help": ("needs", "preferred", "high_care"),
    "distance": ("far_enough", "far_enough_each", "near_enough"),
    "count": ("count_old", "count_missing"),
}
"""The codes of reasons by topic, in the order of the page (`placement/placements/proposals/fit_reasons.py`)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The compared places. `differ`: by topic, a sentence for each place. `same`: sentences that are true for each."""

    differ: list[tuple[str, tuple[str, str]]]
    same: list[str]


def compare(first: UnitOut, second: UnitOut) -> Comparison:
    differ, same = [], []
    for topic in TOPICS:
        mine, other = said_of(first, topic), said_of(second, topic)
        same += [sentence for sentence in mine if sentence in other]
        left, right = (_without(mine, other), _without(other, mine))
        if left or right:
            differ.append((topic, (left, right)))
    return Comparison(differ, same)


def said_of(unit: UnitOut, topic: str) -> list[str]:
    return [reason.words for reason in unit.why if reason.code in TOPICS[topic]]


def _without(sentences: Sequence[str], equal: Sequence[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence not in equal)
