"""A random ledger of need, and an attacker on its readings who shares no code with the fold."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

import numpy as np
from scipy.optimize import linprog

from placement.core.need_codes import Dimension, LedgerSpan
from placement.core.periods import PeriodKind, period_of
from placement.tables import NeedRecord
from placement.tables.need import GroupCounts, LengthOfStay, MorePlaces, Needs, PlacesOfKind

CAUSES = (
    "capacity",
    "language.shelter",
    "scheme.desk",
    "no_scheme",
    "gender.shelter",
    "several",
    "decision",
    "age.desk",
)
KINDS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR)
FEW = 5


class Household:
    """A household of the random ledger: the days on which it waits, and its obstacle."""

    def __init__(self, rng, first, days):
        self.begins = first + timedelta(days=rng.randrange(days))
        self.ends = self.begins + timedelta(days=rng.randint(1, 40))
        self.cause = CAUSES[min(int(rng.expovariate(0.6)), len(CAUSES) - 1)]
        self.gender = "female" if rng.random() < 0.7 else "male"

    def waits(self, day):
        return self.begins <= day < self.ends


def households(rng, first, days, number):
    return [Household(rng, first, days) for _ in range(number)]


def records(everybody, first, days):
    """Yields the record of each day."""
    for on in (first + timedelta(days=number) for number in range(days)):
        waiting = [one for one in everybody if one.waits(on)]
        groups = []
        for dimension, name in ((Dimension.CAUSE, "cause"), (Dimension.GENDER, "gender")):
            counted = Counter(getattr(one, name) for one in waiting)
            new = Counter(getattr(one, name) for one in waiting if one.begins == on)
            groups += [
                GroupCounts(dimension=dimension, code=code, waiting=count, most=count, new=new[code])
                for code, count in sorted(counted.items())
            ]
        scheme = GroupCounts(
            dimension=Dimension.SCHEME, code="cosm", waiting=len(waiting), most=len(waiting), new=len(waiting)
        )
        full = sum(one.cause == "capacity" for one in waiting)
        more = MorePlaces(
            place="U1 room_1", region="west", scheme="cosm", kinds=["women"],
            with_one=min(full, 1), with_two=min(full, 2),
        )  # fmt: skip
        yield NeedRecord(
            on=on,
            span=LedgerSpan.DAY,
            content=Needs(
                solved=1,
                groups=[*groups, *([scheme] if waiting else [])],
                places=[PlacesOfKind(kind="women", beds=40, free=2, refused={"no_capacity": 1})],
                more=[more] if full else [],
                lengths=[LengthOfStay(scheme="cosm", lived=600, ended=10)],
            ),
        )


def pinned(everybody, readings):
    """Returns the groups below five whose household days an attacker computes exactly: (cause, first day, last day).

    `readings`: for each period, the household days by cause that it shows, with `others`. The attacker knows that no
    figure is negative, and which cells are empty.
    """
    months = sorted({day.replace(day=1) for one in everybody for day in days_of(one)})
    days = Counter((one.cause, day.replace(day=1)) for one in everybody for day in days_of(one))
    cells = [cell for cell in product(CAUSES, months) if days[cell]]
    at = {cell: number for number, cell in enumerate(cells)}
    rows, values = [], []
    for (begins, ends), shown in readings.items():
        within = [month for month in months if begins <= month <= ends]
        for code, value in shown.items():
            codes = [code] if code != "others" else [one for one in CAUSES if one not in shown]
            row = np.zeros(len(cells))
            for cell in product(codes, within):
                if cell in at:
                    row[at[cell]] = 1
            rows.append(row)
            values.append(value)
    found = []
    periods = {period_of(kind, month) for kind in KINDS for month in months}
    for code, period in product(CAUSES, sorted(periods, key=lambda one: (one.begins_on, one.ends_on))):
        inside = {id(one) for one in everybody if one.cause == code
                  if any(period.begins_on <= day <= period.ends_on for day in days_of(one))}  # fmt: skip
        if not 0 < len(inside) < FEW:
            continue
        goal = np.zeros(len(cells))
        for month in months:
            if period.begins_on <= month <= period.ends_on and (code, month) in at:
                goal[at[code, month]] = 1
        ends = [
            linprog(sign * goal, A_eq=np.array(rows), b_eq=values, bounds=(1, None), method="highs") for sign in (1, -1)
        ]
        if all(end.status == 0 for end in ends) and round(ends[0].fun) == round(-ends[1].fun):
            found.append((code, period.begins_on, period.ends_on))
    return found


def days_of(one):
    return [one.begins + timedelta(days=number) for number in range((one.ends - one.begins).days)]


def in_year(one):
    return one.ends <= date(2027, 1, 1)
