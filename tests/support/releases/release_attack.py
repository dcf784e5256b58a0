"""An attacker on five years of releases, who shares no code with the protection.

The attacker has all releases, the lists of codes, the method, and the exact yearly figures of other publications. Of a
person of each year the attacker has all facts, and knows which folded counts are below ten.
Linear programs give the values that remain possible. A Bayesian with a Poisson prior guesses beyond that.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from math import ceil, exp, floor, lgamma, log

import highspy
import numpy as np
from highspy._core import _Highs as Highs  # `highspy.Highs` writes a banner to standard output

FLOOR, BASE = 10, 5
UNLIMITED = 100_000
FORM = "exploitation"
ALONE = ("reporter", "region", "file", "recruited", "minor", FORM, "gender", "age", "origin")
YEARLY = "reporter"
WITHIN = ("sector", "gender", "age", "origin")
SEVERAL = ("means", "recruitment")
MINORS = ("0-11", "12-17")
OPEN = ("origin", "sector")
OWN_CODES = {
    "minor": ["alone", "with_guardian", "no_minor"],
    "recruited": ["unknown", "netherlands", "origin", "elsewhere"],
}


@dataclass(frozen=True)
class Seen:
    """A release as it was published. `within`: the difference that its method states. `quarters`: places in the list
    of releases. `truth`: the true counts, only for the score, and for which folded counts are below ten."""

    figures: dict
    within: int
    truth: dict
    quarters: tuple = ()
    adds_up: bool = True


@dataclass
class Learned:
    """Results of the attack. `share`: the largest share of a row or column that is proven for a fact. `codes`: the
    fewest codes that remain possible for a fact of the known person. `odds`: how much the record of a person changes
    the odds of a fact. `sure`: the largest probability of a true count; `gain`: its largest growth."""

    attacked: int = 0
    exact: int = 0
    narrow: int = 0
    share: float = 0
    codes: int = 1000
    odds: float = 1
    sure: float = 0
    gain: float = 0

    def add(self, other):
        for name in ("attacked", "exact", "narrow"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("share", "odds", "sure", "gain"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        self.codes = min(self.codes, other.codes)


def keys_of(person):
    """Yields the keys of all counts that contain this person."""
    recruited = person.recruited_in
    if recruited not in {"NL", "unknown"}:
        recruited = "origin" if recruited == person.origin else "elsewhere"
    minor = person.age in MINORS
    facts = {
        "reporter": person.reporter,
        "region": person.region,
        "file": person.file,
        "recruited": "netherlands" if recruited == "NL" else recruited,
        "minor": ("alone" if person.alone else "with_guardian") if minor else "no_minor",
        FORM: person.exploitation,
        "gender": person.gender,
        "age": person.age,
        "origin": person.origin,
    }
    yield ()
    yield from facts.items()
    yield from (("means", code) for code in person.means)
    yield from (("recruitment", code) for code in person.recruitment)
    for name in WITHIN:
        yield (FORM, person.exploitation, name, getattr(person, name))


class YearAttack:
    """The attack on the releases of a calendar year. `seen`: quarters first. `public`: exact counts of the year, which
    is the last release. `person`: somebody of whom everything is known, and the quarter of the report."""

    def __init__(self, seen, codes, public, person, quarter):
        self.seen, self.person, self.quarter = seen, person, quarter
        self.codes = self._all_codes(codes)
        self.at, self.low, self.high = {}, [], []
        self.rows, self.lows, self.highs = [], [], []
        for place, one in enumerate(seen):
            self._counts(place, one)
            self._figures(place, one)
        for key, count in public.items():
            column = self.at[len(seen) - 1, key]
            self.low[column] = self.high[column] = count
        places = [quarter, *(at for at, one in enumerate(seen) if quarter in one.quarters)]
        for place, key in product(places, keys_of(person)):
            if (place, key) in self.at:
                self.low[self.at[place, key]] = max(1, self.low[self.at[place, key]])
        self.solver = self._solver()

    def _all_codes(self, codes):
        found = {name: list(known) for name, known in (codes | OWN_CODES).items()}
        for key in (key for one in self.seen for key in one.truth if key):
            if key[-1] not in found.setdefault(key[-2], []):
                found[key[-2]].append(key[-1])
        for name in OPEN:
            found[name].append("somewhere else")
        return found

    def _blocks(self, one):
        yield from ((name,) for name in (*ALONE, *SEVERAL) if one.quarters or name != YEARLY)
        if one.quarters:
            yield from ((FORM, row, name) for row, name in product(self.codes[FORM], WITHIN))

    def _counts(self, place, one):
        """Adds the unknown counts of a release, and the sums that hold for them."""
        self._column(place, ())
        for block in self._blocks(one):
            cells = [(*block, code) for code in self.codes[block[-1]]]
            for cell in cells:
                self._column(place, cell)
            if block[-1] not in SEVERAL:
                self._row(place, cells, [block[:-1]], 0, 0)
                continue
            for cell in cells:
                self._row(place, [cell], [block[:-1]], -np.inf, 0)
        self._row(place, [("minor", "alone"), ("minor", "with_guardian")], [("age", age) for age in MINORS], 0, 0)
        if one.quarters:
            for column in ((name, code) for name in WITHIN if name in ALONE for code in self.codes[name]):
                self._row(place, [(FORM, row, *column) for row in self.codes[FORM]], [column], 0, 0)
            for key in [key for at, key in self.at if at == one.quarters[0]]:
                terms = [(self.at[quarter, key], 1) for quarter in one.quarters]
                self._terms([*terms, (self.at[place, key], -1)], 0, 0)

    def _figures(self, place, one):
        """Adds what follows from the figures of a release, and from the codes that it does not list."""
        for group, cells in self.groups(one):
            value = one.figures[group]
            low, high = (max(0, value - one.within), value + one.within) if value >= FLOOR else (0, FLOOR - 1)
            if group and group[-1] != "others":
                self.low[self.at[place, group]] = FLOOR
            self._row(place, cells, [], low, high)
        for (at, key), column in self.at.items():
            if at == place and key and key not in one.figures and one.truth.get(key, 0) < FLOOR:
                self.high[column] = FLOOR - 1

    def groups(self, one):
        """Yields each figure with the counts of which it is the sum."""
        shown = defaultdict(set)
        for key in one.figures:
            if key:
                shown[key[:-1]].add(key[-1])
        for key in one.figures:
            if key and key[-1] == "others":
                yield key, [(*key[:-1], code) for code in self.codes[key[-2]] if code not in shown[key[:-1]]]
            else:
                yield key, [key]

    def _column(self, place, key):
        self.at[place, key] = len(self.low)
        self.low.append(0)
        self.high.append(np.inf)

    def _row(self, place, plus, minus, low, high):
        terms = [(self.at[place, key], 1) for key in plus] + [(self.at[place, key], -1) for key in minus]
        self._terms(terms, low, high)

    def _terms(self, terms, low, high):
        self.rows.append(terms)
        self.lows.append(low)
        self.highs.append(high)

    def _solver(self):
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.low), len(self.rows)
        program.col_cost_ = np.zeros(len(self.low))
        program.col_lower_, program.col_upper_ = np.array(self.low, float), np.array(self.high, float)
        program.row_lower_, program.row_upper_ = np.array(self.lows, float), np.array(self.highs, float)
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.num_col_, matrix.num_row_ = len(self.low), len(self.rows)
        matrix.start_ = np.cumsum([0, *map(len, self.rows)])
        matrix.index_ = np.array([column for row in self.rows for column, _ in row])
        matrix.value_ = np.array([sign for row in self.rows for _, sign in row], float)
        solver = Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("presolve", "off")
        solver.passModel(program)
        return solver

    def ends(self, column):
        """Returns the least and the greatest value of a column."""
        found = []
        for sign in (1.0, -1.0):
            self.solver.changeColCost(column, sign)
            self.solver.run()
            status = self.solver.getModelStatus()
            unlimited = highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible
            if sign < 0 and status in unlimited:
                found.append(UNLIMITED)
            else:
                assert status == highspy.HighsModelStatus.kOptimal, status
                found.append(sign * self.solver.getInfo().objective_function_value)
        self.solver.changeColCost(column, 0.0)
        return ceil(found[0] - 1e-6), floor(found[1] + 1e-6)

    def small(self):
        """Returns the counts below ten that the attack is about."""
        return [(place, key) for place, key in self.at if 0 < self.seen[place].truth.get(key, 0) < FLOOR]

    def learned(self):
        """Attacks each count below ten, and the facts of the person."""
        found = Learned()
        for place, key in self.small():
            low, high = self.ends(self.at[place, key])
            found.attacked += 1
            found.exact += low == high
            found.narrow += high - low + 1 < BASE
            self._guess(found, place, key, low, high)
        year = len(self.seen) - 1
        if self.seen[year].quarters:
            self._facts(found, year)
        if self.person is not None:
            self._person(found)
        return found

    def _guess(self, found, place, key, low, high):
        """Computes how probable the true count is, before and after the releases."""
        one = self.seen[place]
        truth = one.truth[key]
        groups = [(one.figures[group], len(cells)) for group, cells in self.groups(one) if key in cells]
        mean = min(max(0.3, value / cells) for value, cells in groups) if groups else 2.0
        prior = np.array([exp(-mean + count * log(mean) - lgamma(count + 1)) for count in range(FLOOR)])
        before = prior / prior.sum()
        for value, cells in groups:
            if cells > 1:
                rest = max(0.1, value - mean)
                prior *= [
                    sum(
                        poisson(rest, more) * chance_of(value, count + more, one)
                        for more in range(value + FLOOR + BASE)
                    )
                    for count in range(FLOOR)
                ]
        after = np.array([chance if low <= count <= high else 0 for count, chance in enumerate(prior)])
        after /= after.sum()
        found.sure = max(found.sure, after[truth])
        found.gain = max(found.gain, after[truth] - before[truth])

    def _facts(self, found, year):
        """Computes the largest share of a row or column that is proven to have a single code."""
        truth = self.seen[year].truth
        for key in [key for at, key in self.at if at == year and len(key) > 2 and truth.get(key, 0) >= FLOOR]:
            wholes = [key[:2], *([key[2:]] if key[2] in ALONE else [])]
            if not any(truth[key] > truth[whole] * 0.5 for whole in wholes):
                continue
            low, _ = self.ends(self.at[year, key])
            for whole in wholes:
                found.share = max(found.share, low / self.ends(self.at[year, whole])[1])

    def _person(self, found):
        """Counts the codes that remain possible for a fact of the person if all other facts are known; and the odds."""
        year = len(self.seen) - 1
        known = [key for key in keys_of(self.person) if key and key[-2] not in SEVERAL]
        for name in ALONE:
            if name in {"minor", "recruited"}:  # follow from other facts
                continue
            possible, odds = 0, []
            for code in self.codes[name]:
                changed = {_changed(key, name, code) for key in known} - set(known)
                possible += all(self.ends(self.at[year, key])[1] >= 1 for key in changed)
                odds.append(sum(self._change(place, key) for place in (self.quarter, year) for key in changed or known))
            found.codes = min(found.codes, possible)
            found.odds = max(found.odds, exp(max(odds) - min(odds)))

    def _change(self, place, key):
        """Returns the logarithm of how much more probable the figure is with a person more in it."""
        one = self.seen[place]
        for group, cells in self.groups(one):
            if key in cells and group:
                mean = max(3, one.figures[group])
                with_one, without = (
                    sum(
                        poisson(mean, rest) * chance_of(one.figures[group], rest + more, one)
                        for rest in range(3 * mean)
                    )
                    for more in (1, 0)
                )
                return log(with_one / without)
        return 0.0


def poisson(mean, count):
    return exp(-mean + count * log(mean) - lgamma(count + 1))


def chance_of(value, count, one):
    """Returns how probable a figure is for this count, by the stated method."""
    if value < FLOOR or count < FLOOR:
        return float(value < FLOOR and count < FLOOR)
    if not one.adds_up:
        return float(abs(value - count) <= one.within)
    return max(0.0, 1 - abs(value - count) / BASE)


def _changed(key, name, code):
    parts = list(key)
    for at in range(0, len(parts), 2):
        if parts[at] == name:
            parts[at + 1] = code
    return tuple(parts)


def rarest(persons, truth):
    """Returns the person in the smallest counts, who has most to fear."""
    return min(persons, key=lambda person: sorted(truth.get(key, 0) for key in keys_of(person))[:4])
