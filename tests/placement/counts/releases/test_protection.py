"""Figures of a release add up, list no count below ten, and agree with all earlier releases."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from placement.core.periods import PeriodKind, period_of
from placement.counts.releases.protection import Made, NotProtectedError, Wanted, protect
from placement.counts.releases.tables import OTHERS, SEVERAL, TOTAL, counted
from tests.support.releases.few_codes import CODES, record, records

YEAR = period_of(PeriodKind.YEAR, date(2026, 1, 1))
QUARTERS = (0, 1, 2, 3)
STRICT = {"possible": 10}


def made_of(everybody, seed=1, **how):
    """Makes the releases of the quarters and of the year."""
    draw, made = Random(seed), []
    for period in (*YEAR.parts, YEAR):
        counts = counted(one for one in everybody if period.begins_on <= one.month <= period.ends_on)
        quarters = QUARTERS if period.kind is PeriodKind.YEAR else ()
        wanted = Wanted(period.kind, period.begins_on, 1, counts, quarters)
        made.append(Made(protect(wanted, made, CODES, draw, **how), counts))
    return made


@pytest.fixture(scope="module", params=[1, 2])
def made(request):
    return made_of(records(Random(request.param), 500), request.param)


def test_protect_figures_add_up_in_each_table_and_over_rows(made):
    for one in made:
        values, sums = one.release.values, Counter()
        for key, value in values.items():
            if key and key[-2] not in SEVERAL:
                sums[key[:-1]] += value
        assert all(value == values[block[:-1]] for block, value in sums.items())
        assert {("gender",), ("age",), ("region",)} <= set(sums)


def test_protect_lists_multiples_of_five_of_counts_of_ten(made):
    for one in made:
        for key, value in one.release.values.items():
            assert value % 5 == 0
            if key and key[-1] != OTHERS:
                assert one.counts[key] >= 10
                assert abs(value - one.counts[key]) <= one.release.within


def test_protect_year_is_the_sum_of_its_quarters(made):
    *quarters, year = made
    same = [key for key in year.release.values if all(key in one.release.values for one in quarters)]
    same = [key for key in same if OTHERS not in key]
    assert TOTAL in same
    assert len(same) > 10
    for key in same:
        assert year.release.values[key] == sum(one.release.values[key] for one in quarters)


def test_protect_lists_no_cell_that_is_nearly_its_row():
    rng = Random(3)
    everybody = [record(rng, date(2026, 2, 1), exploitation="begging", gender="female") for _ in range(60)]
    everybody += records(rng, 200)
    year = made_of(everybody)[-1]
    assert year.counts["exploitation", "begging", "gender", "female"] > 0.9 * year.counts["exploitation", "begging"]
    assert ("exploitation", "begging", "gender", "female") not in year.release.values
    assert ("exploitation", "begging") in year.release.values


@pytest.mark.wide
def test_protect_stricter_bound_folds_more_codes():
    everybody = records(Random(5), 300)
    usual, strict = (
        {
            (one.release.begins_on, one.release.kind, key)
            for one in made_of(everybody, **how)
            for key in one.release.values
        }
        for how in ({}, STRICT)
    )
    assert strict < usual


def test_protect_bound_that_nothing_can_hold_is_refused():
    with pytest.raises(NotProtectedError):
        made_of(records(Random(6), 60), possible=12)
