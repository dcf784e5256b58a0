"""No group below five can be computed from all that the readings of a year show together."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from placement.core.need_codes import Dimension
from placement.core.periods import PeriodKind, period_of
from placement.needs.fold import Cell, cell_of, is_small, months_of, readings_until, shown_groups
from tests.support import needs

FIRST, DAYS = date(2026, 1, 1), 320
YEAR = period_of(PeriodKind.YEAR, FIRST)


def cells_of(everybody):
    cells = {}
    for record in needs.records(everybody, FIRST, 365):
        for row in record.content.groups:
            if row.dimension is Dimension.CAUSE:
                key = row.code, record.on.replace(day=1)
                cells[key] = cells.get(key, Cell(0, 0, 0)).plus(Cell(row.waiting, row.new, row.most))
    return cells


def read(cells, shown_of):
    """Returns the household days that each reading of the year shows, by cause."""
    readings = {}
    for period in readings_until(YEAR):
        shown = shown_of(period)
        if shown is None:
            continue
        months = months_of(period)
        days = {code: cell_of(cells, [code], months).days for code in shown}
        rest = cell_of(cells, {code for code, _ in cells} - set(shown), months).days
        readings[period.begins_on, period.ends_on] = days | ({"others": rest} if rest else {})
    return readings


def alone(cells, period):
    """Folds a period by itself, without the readings before it: the weaker variant."""
    months = months_of(period)
    return [code for code in sorted({code for code, _ in cells}) if not is_small(cell_of(cells, [code], months))]


def a_year(seed):
    everybody = [one for one in needs.households(Random(seed), FIRST, DAYS, 250) if needs.in_year(one)]
    return everybody, cells_of(everybody)


@pytest.mark.wide
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.wide) for seed in range(2, 12))])
def test_readings_of_a_year_tell_no_group_below_five(seed):
    everybody, cells = a_year(seed)
    readings = read(cells, lambda period: shown_groups(cells, period))
    assert Counter(len(shown) > 2 for shown in readings.values())[True] >= 8
    assert needs.pinned(everybody, readings) == []


@pytest.mark.wide
def test_readings_folded_one_by_one_tell_such_groups():
    everybody, cells = a_year(1)
    assert needs.pinned(everybody, read(cells, lambda period: alone(cells, period))) != []


def test_small_groups_take_a_larger_group_along():
    january = date(2026, 1, 1)
    cells = {("a", january): Cell(90, 9, 4), ("b", january): Cell(60, 6, 3), ("c", january): Cell(8, 1, 1)}
    month = period_of(PeriodKind.MONTH, january)
    assert shown_groups(cells, month) == ["a"]
    assert shown_groups({("c", january): Cell(8, 1, 1)}, month) is None
