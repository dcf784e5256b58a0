"""Disclosure control: counts about people, published so that nothing below 5 can be read or derived from the others
(docs/decisions/0022).

First every count below 5 is `<5`. A total of the country is exact; every part of one is a range of five values, so
that from one day to the next no single person shows. Then the whole table is solved for the values that remain possible
for each `<5`, with all that adds up; where fewer than three are, its total is given as a range too, and then none of
the parts.
"""

from collections.abc import Collection, Mapping, Sequence
from math import inf

Key = tuple[str, ...]
"""The key of a count, such as `("waiting", "urgency", "1")`."""
Shown = Mapping[Key, str]
Sums = Mapping[Key, Sequence[Sequence[Key]]]
"""A total, and each set of parts that it is divided into."""
Range = tuple[float, float]

LEAST = 5
STEP = 5
POSSIBLE = 3
"""At least so many values of a `<5` remain possible (assumed)."""
HIDDEN = "hidden"
_BELOW = f"<{LEAST}"
_DASH = "\u2013"


def protect(counts: Mapping[Key, int], sums: Sums, exact: Collection[Key] = ()) -> dict[Key, str]:
    """The published form of each count. `sums` form a tree: no count is a part of two totals."""
    shown = {key: _published(count, exact=key in exact) for key, count in counts.items()}
    while weak := _weak(counts, shown, sums):
        whole, parts = next((whole, parts) for whole, ways in sums.items() for parts in ways if weak in parts)
        below = [key for part in parts for way in sums.get(part, ()) for key in way]
        if shown[whole].isdecimal():
            shown[whole] = _published(counts[whole], exact=False)
        elif any(shown[part] != HIDDEN for part in parts):
            shown |= dict.fromkeys(parts, HIDDEN)
        elif any(shown[key] != HIDDEN for key in below):
            shown |= dict.fromkeys(below, HIDDEN)
        else:
            shown[whole] = HIDDEN
    return shown


def possible(shown: Shown, sums: Sums) -> dict[Key, Range]:
    """The possible values of each count, for a reader who sees all that is published and knows the sums.

    Sums form a tree, so narrowing each by the others until nothing changes finds the true bounds (a test compares them
    with a solver's).
    """
    ranges = {key: _range(text) for key, text in shown.items()}
    while True:
        before = dict(ranges)
        for whole, ways in sums.items():
            for parts in ways:
                _narrow(ranges, whole, parts)
        if ranges == before:
            return ranges


def range_of(text: str) -> tuple[int, int | None]:
    """The least and the greatest value of a published count; the greatest of a hidden one is not known."""
    least, most = _range(text)
    return int(least), None if most == inf else int(most)


def _published(count: int, *, exact: bool) -> str:
    if count < LEAST:
        return _BELOW
    if exact:
        return str(count)
    least = count // STEP * STEP
    return f"{least}{_DASH}{least + STEP - 1}"


def _range(text: str) -> Range:
    if text == HIDDEN:
        return 0, inf
    if text == _BELOW:
        return 0, LEAST - 1
    least, _, most = text.partition(_DASH)
    return int(least), int(most or least)


def _narrow(ranges: dict[Key, Range], whole: Key, parts: Sequence[Key]) -> None:
    least = sum(ranges[part][0] for part in parts)
    most = sum(ranges[part][1] for part in parts)
    ranges[whole] = max(ranges[whole][0], least), min(ranges[whole][1], most)
    for part in parts:
        low, high = ranges[part]
        others_most = sum(ranges[other][1] for other in parts if other != part)
        others_least = least - low
        ranges[part] = (
            max(low, ranges[whole][0] - others_most),
            min(high, ranges[whole][1] - others_least),
        )
        least += ranges[part][0] - low


def _weak(counts: Mapping[Key, int], shown: Shown, sums: Sums) -> Key | None:
    """A part below 5 with too few possible values; None where there is none."""
    parts = {part for ways in sums.values() for way in ways for part in way}
    return next(
        (
            key
            for key, (least, most) in possible(shown, sums).items()
            if key in parts and counts[key] < LEAST and most - least + 1 < POSSIBLE
        ),
        None,
    )
