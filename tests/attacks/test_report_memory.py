"""A year of reports names nobody's day, region or kind of place, to whoever reads them all.

The attacker keeps the reports of a reader and the rows of all care areas. It knows one shelter's own counts and the
dates of a client. It succeeds against the report as it was, and against each report without a part of the protection.
"""

from collections.abc import Callable, Mapping
from random import Random

import pytest
from msgspec import structs

from placement.core.codes import Role
from placement.core.context import Actor
from placement.reports import memory, rounded_beds, visibility
from placement.reports.build import build
from placement.reports.disclosure_control import STEP, anchored, rounded
from placement.reports.visibility import for_reader
from tests.support.attacks.report_reader import ReportReader
from tests.support.attacks.report_year import Year, fill
from tests.support.stores import one_store

pytestmark = one_store
DAYS = 42
A_YEAR = 365
READER = Actor("A-1", Role.READER)
Change = Mapping[tuple[object, str], object]

QUESTIONS = {
    "a figure follows each count": "count",
    "the longest wait in days": "registered",
    "small kinds as they are": "small count",
    "people of each day": "region",
}
"""The question that each broken variant answers."""
CERTAIN = ("the longest wait in days", "small kinds as they are")
"""The broken variants that six weeks reveal; the others are statistics, which need the year."""
BROKEN: dict[str, Change] = {
    "a figure follows each count": {(memory, "anchored"): lambda count, _: count},
    "the longest wait in days": {
        (memory, "rounded_wait"): lambda days: days,
        (visibility, "rounded_wait"): lambda days: days,
    },
    "small kinds as they are": {
        (memory, "anchored"): lambda count, anchor: count if count < STEP else anchored(count, anchor),
        (rounded_beds, "rounded"): lambda count: count if count < STEP else rounded(count),
        (rounded_beds, "STEP"): 0,
    },
    "people of each day": {(memory, "_are_of_one_week"): lambda *_: False},
}


@pytest.fixture(scope="module")
def kept() -> dict[int, Year]:
    """Holds the years that were filled: a year is filled once and attacked often."""
    return {}


@pytest.fixture
def country(stores):
    return stores.make("national")


@pytest.fixture
def year(service, kept) -> Callable[[int], Year]:
    def filled(days: int) -> Year:
        if days not in kept:
            kept[days] = fill(service, days, Random(1))
        return kept[days]

    return filled


def published(year: Year, change: Change) -> Year:
    """Returns the reports of the same days by a changed protection."""
    shown, last = Year(clients=year.clients, rows=year.rows), None
    with pytest.MonkeyPatch.context() as patch:
        for (owner, name), value in change.items():
            patch.setattr(owner, name, value)
        for day, rows in year.rows.items():
            remembering = memory.with_memory(structs.replace(rows, memory=None), last)
            last = remembering.memory
            report = build(remembering)
            shown.reader[day] = for_reader(report, READER, last).model_dump(mode="json")
            shown.areas[day] = {row.region: row.model_dump(mode="json") for row in report.regions}
    return shown


def as_before(year: Year) -> Year:
    """Returns the reports as they were before reports had a memory, when beds were exact for every reader."""
    shown = Year(clients=year.clients, rows=year.rows)
    for day, rows in year.rows.items():
        report = build(structs.replace(rows, memory=None))
        shown.reader[day] = report.model_dump(mode="json")
        shown.areas[day] = {row.region: row.model_dump(mode="json") for row in report.regions}
    return shown


def found(year: Year) -> set[str]:
    """Returns the questions to which the attacker has better answers than by chance."""
    attacker = ReportReader(year)
    tried = {
        "region": attacker.regions_found(),
        "kind": attacker.kinds_found(),
        "day": attacker.days_found(),
        "count": attacker.counts_named(),
        "small count": attacker.small_counts_named(),
    }
    better = {
        question for question, (mine, chance) in tried.items() if mine.clients and not mine.is_no_better_than(chance)
    }
    named = attacker.days_named() & {client.registered_on for client in year.clients}
    return better | ({"registered"} if named else set())


@pytest.mark.wide
def test_reports_of_six_weeks_name_no_client(year):
    filled = year(DAYS)
    assert found(filled) == set()
    again = published(filled, {})
    assert again.areas == filled.areas
    assert [again.reader[day] | shown for day, shown in filled.reader.items()] == list(filled.reader.values())


@pytest.mark.wide
def test_attacker_succeeds_against_reports_without_memory(year):
    assert found(as_before(year(DAYS))) >= {"small count", "registered"}


@pytest.mark.wide
@pytest.mark.parametrize("broken", CERTAIN)
def test_each_part_of_the_protection_is_needed(year, broken):
    assert found(published(year(DAYS), BROKEN[broken])) >= {QUESTIONS[broken]}


@pytest.mark.long
def test_reports_of_a_year_name_no_client(year):
    filled = year(A_YEAR)
    assert found(filled) == set()
    assert found(as_before(filled)) >= {"kind", "count", "small count", "registered"}
    for broken, change in BROKEN.items():
        assert QUESTIONS[broken] in found(published(filled, change)), broken
