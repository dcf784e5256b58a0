"""Vacancy: each term of the formula, the look ahead, and what counts as a discrepancy."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from placement.capacity.vacancy import HORIZON, Claim, Discrepancy, OtherUse, Reported, freshness, vacancy
from placement.core.codes import Freshness

DAY = date(2026, 11, 24)
BEDS = (1, 2, 3, 4)


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def ours(count, *, whole=False, begun=True):
    return [Claim(bed, f"R{bed}", "female", minor=False, whole_room=whole, begun=begun) for bed in range(1, count + 1)]


def others(count, until=None):
    return (OtherUse(count, "female", minor=False, until=until),)


# Of four beds. (what, claims, report, free_beds, free_from in days, free_now, discrepancy)
# ruff: noqa: E501  (a table: a case is a line)
CASES = [
    ("nothing in it", 0, Reported(), 4, 0, 4, None),
    ("our claims", 3, Reported(), 1, 0, 1, None),
    ("other use", 0, Reported(other_use=others(3)), 1, 0, 1, None),
    ("out of service", 0, Reported(out_of_service=3), 1, 0, 1, None),
    ("withheld", 0, Reported(withheld=3), 1, 0, 1, None),
    ("all four terms", 1, Reported(out_of_service=1, other_use=others(1), withheld=1), 0, 0, 0, None),
    ("free from a later day", 0, Reported(free_from=on(3)), 4, 3, 0, None),
    ("free from a day that passed", 0, Reported(free_from=on(-3)), 4, 0, 4, None),
    ("other use until today", 0, Reported(other_use=others(4, on(0))), 4, 0, 4, None),
    ("other use until tomorrow", 0, Reported(other_use=others(4, on(1))), 4, 1, 0, None),
    ("closed until today", 0, Reported(out_of_service=4, out_until=on(0)), 4, 0, 4, None),
    ("closed until tomorrow", 0, Reported(out_of_service=4, out_until=on(1)), 4, 1, 0, None),
    ("the first of two days counts", 0, Reported(out_of_service=1, out_until=on(5), other_use=others(3, on(2))), 3, 2, 0, None),
    ("a bed free today is not put off", 0, Reported(other_use=others(3, on(1))), 1, 0, 1, None),
    ("the last day of the horizon", 0, Reported(other_use=others(4, DAY + HORIZON)), 4, HORIZON.days, 0, None),
    ("beyond the horizon", 0, Reported(other_use=others(4, DAY + HORIZON + timedelta(days=1))), 0, 0, 0, None),
    ("the horizon counts from the day it is ready", 0, Reported(free_from=on(10), other_use=others(4, on(20))), 4, 20, 0, None),
    ("more in use than there is", 3, Reported(other_use=others(3)), 0, 0, 0, Discrepancy(too_many=2)),
    ("the shelter counts fewer", 0, Reported(counted_free=3, derived_free=4), 4, 0, 4, Discrepancy(counted=3, derived=4)),
    ("the shelter counts alike", 0, Reported(counted_free=4, derived_free=4), 4, 0, 4, None),
    ("a corrected count accuses nobody", 3, Reported(other_use=others(3), withheld=1), 0, 0, 0, None),
    ("too many goes before counted", 4, Reported(out_of_service=1, counted_free=1, derived_free=0), 0, 0, 0, Discrepancy(too_many=1)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_vacancy_each_term_of_the_formula_counts(case):
    _, claims, report, free_beds, days_ahead, free_now, discrepancy = case
    found = vacancy("R", BEDS, ours(claims), report, DAY)
    assert (found.free_beds, found.free_from, found.free_now) == (free_beds, on(days_ahead), free_now)
    assert found.discrepancy == discrepancy


def test_room_never_reported_has_occupants_and_no_free_beds():
    found = vacancy("R", BEDS, ours(2), None, DAY)
    assert (found.free_beds, found.free_now, len(found.occupants)) == (0, 0, 2)


@pytest.mark.parametrize("report", [Reported(), Reported(other_use=others(1, on(2))), Reported(free_from=on(2))])
def test_private_household_leaves_no_free_bed(report):
    found = vacancy("R", BEDS, ours(1, whole=True), report, DAY)
    assert (found.free_beds, found.free_now, found.discrepancy) == (0, 0, None)


def test_empty_bed_of_a_private_household_is_taken_unoccupied():
    empty = Claim(2, "R1", None, minor=False, whole_room=True)
    found = vacancy("R", (1, 2), [*ours(1, whole=True), empty], Reported(), DAY)
    assert (found.free_beds, len(found.occupants)) == (0, 1)


def test_later_claim_takes_the_bed_but_is_no_discrepancy_now():
    found = vacancy("R", (1,), ours(1, begun=False), Reported(other_use=others(1, on(5))), DAY)
    assert (found.free_beds, found.free_now, found.discrepancy) == (0, 0, None)


def test_occupants_include_others_still_there_when_a_bed_frees():
    use = (OtherUse(2, "male", minor=True, until=on(3)), OtherUse(2, "male", minor=False))
    found = vacancy("R", BEDS, [], Reported(other_use=use), DAY)
    assert (found.free_beds, found.free_from) == (2, on(3))
    assert [(who.registration_id, who.gender, who.minor) for who in found.occupants] == [
        ("other-R-1-1", "male", False),
        ("other-R-1-2", "male", False),
    ]


REALLY_FREE: Counter[str] = Counter()
CASES_TRIED = 10_000
SEXES = ("female", "male")


def at_random(rng):
    return rng.random() < 1 / 2


def any_day(rng):
    return rng.choice((None, on(rng.randint(-3, 20))))


def any_report(rng):
    used = [
        OtherUse(rng.randint(1, 3), rng.choice(SEXES), at_random(rng), any_day(rng)) for _ in range(rng.randrange(3))
    ]
    return Reported(
        out_of_service=rng.randint(0, 3),
        out_until=any_day(rng),
        other_use=tuple(used),
        free_from=any_day(rng),
        withheld=rng.choice((0, 0, 0, 1)),
    )


def any_claims(rng):
    return [
        Claim(bed, f"R{bed}", rng.choice((*SEXES, None)), at_random(rng), rng.random() < 1 / 3, at_random(rng))
        for bed in rng.sample(BEDS, rng.randint(0, len(BEDS)))
    ]


def examine(claims, report):
    found = vacancy("R", BEDS, claims, report, DAY)
    assert 0 <= found.free_beds <= len(BEDS) - len(found.occupants)
    assert found.free_beds <= len(BEDS) - len(claims)
    assert 0 <= found.free_now <= len(BEDS)
    assert found.free_from >= DAY
    if found.free_now:
        assert (found.free_now, found.free_from) == (found.free_beds, DAY)
    if found.discrepancy and found.discrepancy.too_many:
        assert found.free_now == 0
    REALLY_FREE["free"] += found.free_beds > 0
    REALLY_FREE["later"] += found.free_from > DAY
    REALLY_FREE["too_many"] += bool(found.discrepancy and found.discrepancy.too_many)


@pytest.mark.wide
def test_vacancy_never_gives_a_bed_twice_for_any_report():
    REALLY_FREE.clear()
    rng = Random(1)
    for _ in range(CASES_TRIED):
        examine(any_claims(rng), rng.choice((None, any_report(rng))))
    assert REALLY_FREE["free"] >= 1000
    assert REALLY_FREE["later"] >= 250
    assert REALLY_FREE["too_many"] >= 250


NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), Freshness.FRESH),
        (timedelta(hours=24) - SECOND, Freshness.FRESH),
        (timedelta(hours=24), Freshness.FRESH),
        (timedelta(hours=24) + SECOND, Freshness.AGEING),
        (timedelta(hours=72), Freshness.AGEING),
        (timedelta(hours=72) + SECOND, Freshness.STALE),
    ],
)
def test_count_is_fresh_to_24_hours_ageing_to_72_then_stale(age, expected):
    assert freshness(NOW - age, NOW, timedelta(hours=24), timedelta(hours=72)) is expected


def test_shelter_never_reported_is_not_fresh():
    assert freshness(None, NOW, timedelta(hours=24), timedelta(hours=72)) is Freshness.NEVER
