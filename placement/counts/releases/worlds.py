"""The possible counts of a calendar year. Each count of each release is an unknown of a system of equations.

Rounding uses these equations, because published figures must be possible counts. The check uses the same equations,
because a reader of the figures knows nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from placement.counts.releases.linear_program import LinearProgram
from placement.counts.releases.model import blocks
from placement.counts.releases.tables import ALIKE, FLOOR, INNER, OTHERS, ROWS, SEVERAL, SINGLE, TOTAL, Counts, Key


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of a release. `quarters`: for a year, the positions of its quarters in the list of releases."""

    counts: Counts
    is_year: bool
    quarters: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A figure as a sum of counts: the count of one listed code, or the sum of all codes that are not listed."""

    key: Key
    parts: tuple[Key, ...]

    @property
    def is_listed(self) -> bool:
        return self.parts == (self.key,) and self.key != TOTAL


class Worlds:
    """A linear program whose solutions are the possible counts of several releases of a calendar year."""

    def __init__(self, releases: Sequence[Counted], codes: Mapping[str, Sequence[str]]) -> None:
        self.program = LinearProgram()
        self.codes = codes
        self.columns: dict[tuple[int, Key], int] = {}
        for place, one in enumerate(releases):
            self._release(place, one)

    def groups(self, listed: Mapping[Key, Sequence[str]]) -> Iterator[Group]:
        """Yields the figures of a release. `listed`: the listed codes of each block."""
        yield Group(TOTAL, (TOTAL,))
        for block, shown in listed.items():
            yield from (Group((*block, code), ((*block, code),)) for code in shown)
            rest = tuple((*block, code) for code in self.codes[block[-1]] if code not in shown)
            if block[-1] not in SEVERAL and rest:
                yield Group((*block, OTHERS), rest)

    def _release(self, place: int, one: Counted) -> None:
        every = list(blocks(is_year=one.is_year, rows=self.codes[ROWS]))
        for key in (TOTAL, *((*block, code) for block in every for code in self.codes[block[-1]])):
            self.columns[place, key] = self.program.column(0, inf)
        for block in every:
            parts = [(*block, code) for code in self.codes[block[-1]]]
            if block[-1] in SEVERAL:
                for part in parts:
                    self._row(place, [part], [block[:-1]], least=-inf)
            else:
                self._row(place, parts, [block[:-1]])
        if one.is_year:
            for column in ((name, code) for name in INNER if name in SINGLE for code in self.codes[name]):
                self._row(place, [(ROWS, row, *column) for row in self.codes[ROWS]], [column])
        for left, right in ALIKE:
            self._row(place, left, right)
        if one.quarters:
            for key in [key for at, key in self.columns if at == one.quarters[0]]:
                parts_of_year = {self.columns[quarter, key]: 1.0 for quarter in one.quarters}
                self.program.row(parts_of_year | {self.columns[place, key]: -1.0}, 0, 0)

    def _row(self, place: int, plus: Iterable[Key], minus: Iterable[Key], least: float = 0) -> None:
        terms = {self.columns[place, key]: 1.0 for key in plus} | {self.columns[place, key]: -1.0 for key in minus}
        self.program.row(terms, least, 0)

    def known_small(self, place: int, counts: Counts, listed: Mapping[Key, Sequence[str]], most: int) -> None:
        """Adds the bounds that readers know from the lists: a listed count is at least ten. A count below ten that is
        not listed is at most `most`.
        """
        for (at, key), column in self.columns.items():
            if at != place or key == TOTAL:
                continue
            if key[-1] in listed.get(key[:-1], ()):
                self.program.low[column] = FLOOR
            elif counts.get(key, 0) < FLOOR:
                self.program.high[column] = most
