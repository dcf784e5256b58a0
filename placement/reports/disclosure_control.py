"""Disclosure control of counts about people: no value below 5 can be read or derived, even from a year of reports
(docs/decisions/0022). Each report is protected in these steps:
- Every count below 5 becomes `<5`.
- Each part of a total becomes a range of five values, so that a change by a single person is not visible. Totals of the
  country stay exact.
- The possible values of each `<5` are computed from the whole table. If there are fewer than three, its total becomes a
  range too. If that is not sufficient, the parts of the total are hidden.
A figure that continues from day to day has an anchor in the memory of the report (`memory.py`): the true count at the
last change of the figure. The figure changes only if the true count differs from the anchor by more than half a step.
So its range is wider by half a step on both sides, and after each change three counts are possible.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import inf

Key = tuple[str, ...]
"""The key of a count: a tuple such as `("waiting", "urgency", "1")`."""
Shown = Mapping[Key, str]
Sums = Mapping[Key, Sequence[Sequence[Key]]]
"""Sets of parts that add up to a total, by total."""
Range = tuple[float, float]

LEAST = 5
STEP = 5
HALF = STEP // 2
"""The largest difference between the true count and its anchor at which the published figure stays the same."""
POSSIBLE = 3
"""The least number of values that must remain possible for a `<5` (assumed)."""
HIDDEN = "hidden"
_BELOW = "<"
_DASH = "\u2013"
_WAITS = {0: "<7", 7: f"7{_DASH}13", 14: f"14{_DASH}20", 21: f"21{_DASH}29", 30: "30+"}
"""The published texts of waiting times, by the least number of days of each text."""


def protect(
    counts: Mapping[Key, int],
    sums: Sums,
    exact: Collection[Key] = (),
    owns: Sequence[Mapping[Key, int]] = (),
    anchors: Mapping[Key, int] | None = None,
) -> dict[Key, str]:
    """Returns the published form of each count.

    `sums` form a tree: no count is a part of two totals. `exact`: the totals that are published exactly. `owns`: for
    each reader, the reader's own share of the counts; if empty, readers know only published values. `anchors`: the
    anchors of counts that continue from day to day; if `None`, the counts are those of a single day.
    """
    most = {key: max(own.get(key, 0) for own in owns) for key in counts} if owns else dict.fromkeys(counts, 0)

    def published(key: Key, *, exact: bool) -> str:
        return _published(counts[key], most[key], exact=exact, anchor=anchors[key] if anchors else None)

    shown = {key: published(key, exact=key in exact) for key in counts}
    while weak := _weak(counts, shown, sums) or _weak_beside(counts, shown, sums, owns):
        steps = {key: published(key, exact=False) for key in counts if shown[key].isdecimal()}
        shown |= next(
            coarser for coarser in _coarser(weak, sums, steps) if any(shown[key] != coarser[key] for key in coarser)
        )
    return shown


def _coarser(weak: Key, sums: Sums, steps: Mapping[Key, str]) -> Iterator[dict[Key, str]]:
    """Yields, for some counts, coarser published forms that protect the count `weak`; forms that lose the least come
    first. `steps`: the ranges that can replace exact totals.
    """
    yield from (dict.fromkeys(parts, HIDDEN) for parts in sums.get(weak, ()))
    above = [(whole, parts) for whole, divided in sums.items() for parts in divided if weak in parts]
    for whole, parts in above:
        below = [key for part in parts for way in sums.get(part, ()) for key in way]
        yield {whole: steps[whole]} if whole in steps else {}
        yield from (dict.fromkeys(keys, HIDDEN) for keys in (parts, below, [whole]))
        yield from _coarser(whole, sums, steps)


def possible(shown: Shown, sums: Sums) -> dict[Key, Range]:
    """Returns the possible values of each count, for a reader who knows all published counts and the sums. Because sums
    form a tree, repeated narrowing finds the true bounds. A test compares these bounds with the bounds that a solver
    finds.
    """
    return _narrowed({key: _range(text) for key, text in shown.items()}, sums)


def _narrowed(ranges: dict[Key, Range], sums: Sums) -> dict[Key, Range]:
    """Narrows the ranges until nothing changes. Raises `ValueError` if the counts do not add up; otherwise the loop
    would never end.
    """
    while True:
        before = dict(ranges)
        for whole, ways in sums.items():
            for parts in ways:
                _narrow(ranges, whole, parts)
        if any(least > most for least, most in ranges.values()):
            raise ValueError("counts do not add up")
        if ranges == before:
            return ranges


def anchored(count: int, anchor: int | None) -> int:
    """Returns the anchor of this count: the former anchor if the count differs from it by at most half a step, and
    otherwise the count.
    """
    return anchor if anchor is not None and abs(count - anchor) <= HALF else count


def rounded(anchor: int) -> int:
    """Returns the number of beds that readers see for this anchor: the anchor rounded down to a step."""
    return anchor // STEP * STEP


def limits(anchor: int) -> tuple[int, int]:
    """Returns the lowest and the highest true number of beds for which readers see the figure of this anchor."""
    return max(0, rounded(anchor) - HALF), rounded(anchor) + STEP + HALF - 1


def rounded_wait(days: int) -> str:
    """Returns a waiting time in the form that readers see: in weeks, or `30+` from 30 days on."""
    begins = list(_WAITS)
    return _WAITS[begins[bisect_right(begins, days) - 1]]


def range_of(text: str) -> tuple[int, int | None]:
    """Returns the least and the greatest value of a published count. An unknown greatest value is `None`."""
    least, most = _range(text)
    return int(least), None if most == inf else int(most)


def _published(count: int, most: int = 0, *, exact: bool, anchor: int | None = None) -> str:
    """Returns the published form of a count.

    `most`: the largest share of the count that a single reader has. If the rest of the count is below `LEAST`, the
    range begins at `most`, rounded down to a step, and contains all possible rests. Then the range depends only on
    `most`, so this reader cannot exclude any rest. `anchor`: the anchor, if the count continues from day to day.
    """
    few_others = most > 0 and count - most < LEAST
    if exact and not few_others and count >= (LEAST + POSSIBLE - 1 if most else LEAST):
        return str(count)
    if anchor is not None:
        least, greatest = limits(most + HALF if few_others else anchor)
        return f"{least}{_DASH}{greatest}" if least else f"{_BELOW}{greatest + 1}"
    if count < LEAST:
        return f"{_BELOW}{LEAST}"
    least = rounded(most if few_others else count)
    return f"{max(least, LEAST)}{_DASH}{least + (2 * STEP if few_others else STEP) - 1}"


def _range(text: str) -> Range:
    if text == HIDDEN:
        return 0, inf
    if text.startswith(_BELOW):
        return 0, int(text.removeprefix(_BELOW)) - 1
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
    """Returns a count below 5 that is part of a total and has too few possible values; `None` if there is no such
    count.
    """
    parts = {part for ways in sums.values() for way in ways for part in way}
    return next(
        (
            key
            for key, (least, most) in possible(shown, sums).items()
            if key in parts and counts[key] < LEAST and most - least + 1 < POSSIBLE
        ),
        None,
    )


def _weak_beside(counts: Mapping[Key, int], shown: Shown, sums: Sums, owns: Iterable[Mapping[Key, int]]) -> Key | None:
    """Returns a count from which a reader learns too much about others; `None` if there is no such count. Minus the
    reader's own share, such a count is below 5 and has too few possible values.
    """
    for own in owns:
        alone = {key: _beside(_range(text), own.get(key, 0)) for key, text in shown.items()}
        found = _narrowed(dict(alone), sums)
        for key, (least, most) in found.items():
            left, before = most - least + 1, alone[key][1] - alone[key][0] + 1
            if counts[key] - own.get(key, 0) < LEAST and left < min(POSSIBLE, before):
                return key
    return None


def _beside(known: Range, own: int) -> Range:
    """Returns the lowest and the highest value that the count can have after the reader's own share is subtracted."""
    return max(0, known[0] - own), known[1] - own
