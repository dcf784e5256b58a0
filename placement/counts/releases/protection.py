"""The protection of a release: the codes that it lists, the rounding of its figures, and the check of both.

1. Counts below ten are folded into `others` (`fold.py`).
2. HiGHS rounds the counts to multiples of five that add up within each table and between tables. Together with all
earlier releases of the calendar year, the figures must be possible counts. The direction of rounding is drawn at
random, so that figures have no bias.
3. The check computes the smallest and the largest possible value of each count below ten. It uses linear programs over
all these releases. If a count has fewer than five possible values, one more code is folded, and the release is rounded
again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from random import Random

from placement.core.periods import PeriodKind, period_of
from placement.counts.releases.fold import Listed, folded_more, listed_codes
from placement.counts.releases.linear_program import Ends
from placement.counts.releases.model import BASE, NEAR, Figure, Release, choices, is_others, limits
from placement.counts.releases.tables import FLOOR, OTHERS, TOTAL, Codes, Counts, Key, codes_in, published_elsewhere
from placement.counts.releases.worlds import Counted, Group, Worlds

POSSIBLE = 5
"""The smallest number of values that must remain possible for a count below ten."""
WIDER = tuple(NEAR + BASE * steps for steps in range(4))
"""The largest allowed differences between a figure and its count. Rounding tries the smallest first."""
_GAP = 0.02
_FAR = 8
"""The cost of each unit of difference beyond the usual largest difference. Each unit of distance from the drawn figure
costs 1.
"""


class NotProtectedError(Exception):
    """Raised if no form of the release protects all counts below ten."""


@dataclass(frozen=True, slots=True)
class Made:
    """An earlier release, and the counts from which it was made."""

    release: Release
    counts: Counts


@dataclass(frozen=True, slots=True)
class Wanted:
    """The release to be made. `quarters`: for a year, the positions of its quarters in the list of earlier releases.
    `before`: the position of the last version of this release in that list.
    """

    kind: PeriodKind
    begins_on: date
    version: int
    counts: Counts
    quarters: tuple[int, ...] = ()
    before: int | None = None


def protect(wanted: Wanted, earlier: Sequence[Made], codes: Codes, draw: Random, possible: int = POSSIBLE) -> Release:
    """Returns the protected release. `earlier`: all releases of the calendar year; each year comes after its own
    quarters. `possible`: the number of values that must remain possible for a count below ten. Raises
    `NotProtectedError`.
    """
    return _Protection(wanted, earlier, codes, draw, possible).release()


class _Protection:
    def __init__(self, wanted: Wanted, earlier: Sequence[Made], codes: Codes, draw: Random, possible: int) -> None:
        self.wanted, self.earlier, self.possible = wanted, earlier, possible
        self.is_year = wanted.kind is PeriodKind.YEAR
        self.public = published_elsewhere(wanted.counts) if self.is_year else {}
        self.codes = codes_in([*(one.counts for one in earlier), wanted.counts], codes)
        self.known = [listed_in(one.release) for one in earlier]
        self.listed = listed_codes(wanted.counts, self.codes, is_year=self.is_year)
        self.place = len(earlier)
        self.draw = draw
        self.releases = [
            *(Counted(one.counts, one.release.is_year, _quarters(one.release, earlier)) for one in earlier),
            Counted(wanted.counts, self.is_year, wanted.quarters),
        ]
        self.chosen: dict[Key, int] = {}

    def release(self) -> Release:
        while True:
            values, within = self._rounded()
            weak = self._weak(values, within)
            if not weak:
                break
            for key in weak:
                if folded_more(key, self.wanted.counts, self.listed) is None:
                    raise NotProtectedError(key)
        return Release(
            kind=self.wanted.kind,
            begins_on=self.wanted.begins_on,
            version=self.wanted.version,
            quarters=tuple(self.earlier[place].release.version for place in self.wanted.quarters),
            within=within,
            figures=tuple(Figure(key, value) for key, value in values.items()),
        )

    def _worlds(self, most: int, known: int) -> Worlds:
        """Returns a linear program whose solutions are the counts that a reader considers possible. The reader knows
        the listed codes of the first `known` releases. `most`: the largest count of a code that is not listed.
        """
        worlds = Worlds(self.releases, self.codes)
        for place, listed in enumerate((*self.known, self.listed)[:known]):
            worlds.known_small(place, self.releases[place].counts, listed, most)
        return worlds

    def _rounded(self) -> tuple[dict[Key, int], int]:
        """Returns the rounded figures, and the largest allowed difference with which rounding succeeded."""
        for within in WIDER:
            worlds = self._worlds(FLOOR, len(self.releases))  # figures are multiples of five
            program = worlds.program
            for place, (one, listed) in enumerate(zip(self.earlier, self.known, strict=True)):
                values = one.release.values
                for group in worlds.groups(listed):
                    program.row({worlds.columns[place, key]: 1.0 for key in group.parts}, *[values[group.key]] * 2)
            found = {group.key: self._figure(worlds, group, within) for group in worlds.groups(self.listed)}
            solved = program.solved(_GAP)
            if solved is not None:
                return {key: round(solved[column]) for key, column in found.items()}, within
        raise NotProtectedError(TOTAL)

    def _figure(self, worlds: Worlds, group: Group, within: int) -> int:
        """Adds the figure of a group to the program, as a multiple of five near its count. Returns its column."""
        count = sum(self.wanted.counts.get(key, 0) for key in group.parts)
        small = [self.wanted.counts.get(key, 0) < FLOOR for key in group.parts]
        most = (FLOOR - 1) * len(small) + within + 1 - self.possible if all(small) else inf
        # with a larger figure, too few values would remain possible
        near = [value for value in choices(count, within) if value <= max(BASE, most)]
        program = worlds.program
        gone = 0 if self.is_year else self._gone(group.key)
        wished = self._wished(group.key, count - gone, near)
        figure = program.sum((worlds.columns[self.place, key] for key in group.parts), near[0], near[-1])
        steps = program.column(0, inf, is_whole=True)
        program.row({figure: 1.0, steps: -float(BASE)}, 0, 0)
        program.apart(figure, wished, wished, cost=1)
        program.apart(figure, count - gone - NEAR, count - gone + NEAR, cost=_FAR)
        return figure

    def _wished(self, key: Key, left: int, near: Sequence[int]) -> int:
        """Returns the preferred figure, a choice from `near`: the figure of the last version if possible. Otherwise
        draws a choice at random. The draws have the mean `left`: the count, corrected by the rounding of earlier
        quarters.
        """
        if self.wanted.before is not None:
            last = self.earlier[self.wanted.before].release.values.get(key)
            if last is not None and last in near:
                return last
        if key not in self.chosen:
            drawn = (left // BASE + (left % BASE > self.draw.random() * BASE)) * BASE
            self.chosen[key] = min(near, key=lambda value: abs(value - drawn))
        return self.chosen[key]

    def _gone(self, key: Key) -> int:
        """Returns the sum of the rounding differences (figure minus count) of this key in the other quarters."""
        newest: dict[date, Made] = {}
        for one in self.earlier:
            if not one.release.is_year and one.release.begins_on != self.wanted.begins_on:
                newest[one.release.begins_on] = one
        return sum(
            one.release.values[key] - sum(one.counts.get(part, 0) for part in self._parts(key, listed_in(one.release)))
            for one in newest.values()
            if key in one.release.values
        )

    def _parts(self, key: Key, listed: Listed) -> list[Key]:
        """Returns the keys of the counts that were added up for a figure."""
        if not is_others(key):
            return [key]
        return [(*key[:-1], code) for code in self.codes[key[-2]] if code not in listed[key[:-1]]]

    def _weak(self, values: Mapping[Key, int], within: int) -> list[Key]:
        """Returns the counts below ten that this release would disclose: counts with too few possible values for a
        reader of this release, the earlier releases and other publications. Leaves out counts that the earlier releases
        already disclose.
        """
        weak = self._narrow([*self._figures(), (values, within)], None)
        before = self._narrow(self._figures(), weak) if weak else []
        return [at[1] for at in weak if at not in before]

    def _figures(self) -> list[tuple[Mapping[Key, int], int]]:
        return [(one.release.values, one.release.within) for one in self.earlier]

    def _narrow(
        self, shown: Sequence[tuple[Mapping[Key, int], int]], among: Sequence[tuple[int, Key]] | None
    ) -> list[tuple[int, Key]]:
        """Returns the counts below ten that have too few possible values for a reader of these figures. `among`: checks
        only these counts; `None` checks all.
        """
        worlds = self._worlds(FLOOR - 1, len(shown))
        small = {at: worlds.columns[at] for at in worlds.columns if self._is_small(*at)}
        for place, listed in enumerate((*self.known, self.listed)):
            counts = self.releases[place].counts
            for group in worlds.groups(listed):
                low, high = 0.0, inf
                if place < len(shown):
                    figures, near = shown[place]
                    low, high = limits(figures[group.key], near, is_listed=group.is_listed)
                column = worlds.program.sum((worlds.columns[place, key] for key in group.parts), low, high)
                if sum(counts.get(key, 0) for key in group.parts) < FLOOR:
                    small[place, group.key] = column
        for key, count in self.public.items():
            column = worlds.columns[self.place, key]
            worlds.program.low[column] = worlds.program.high[column] = count
        ends = Ends(worlds.program)
        if not ends.is_possible:
            raise ValueError("figures and counts do not agree")
        wanted = small if among is None else {at: small[at] for at in among}
        narrow = set(ends.without_values(wanted.values(), self.possible))
        return [at for at, column in wanted.items() if column in narrow]

    def _is_small(self, place: int, key: Key) -> bool:
        return key != TOTAL and self.releases[place].counts.get(key, 0) < FLOOR


def listed_in(release: Release) -> Listed:
    """Returns the codes that a release shows with a figure of their own, by table and row."""
    found: Listed = {}
    for key in release.values:
        if key != TOTAL:
            shown = found.setdefault(key[:-1], [])
            if key[-1] != OTHERS:
                shown.append(key[-1])
    return found


def _quarters(release: Release, earlier: Sequence[Made]) -> tuple[int, ...]:
    """Returns the positions of the quarters of a year in the list of earlier releases."""
    quarters = zip(period_of(PeriodKind.YEAR, release.begins_on).parts, release.quarters, strict=False)
    return tuple(
        at
        for quarter, version in quarters
        for at, one in enumerate(earlier)
        if (one.release.kind, one.release.begins_on, one.release.version)
        == (PeriodKind.QUARTER, quarter.begins_on, version)
    )
