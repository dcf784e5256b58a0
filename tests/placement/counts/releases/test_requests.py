"""A release is asked by an analyst, made once by the daily job, and released by a second analyst."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import moment_of
from placement.core.codes import Role
from placement.core.context import Act, Actor
from placement.core.errors import Conflict, Invalid, NotAllowed
from placement.core.periods import PeriodKind
from placement.counts import register
from placement.counts.releases import building, requests
from placement.jobs.daily import dailies, run_due
from placement.tables import CountRelease, SecondPersonRequest
from tests.support import second_person
from tests.support.accounts import account_row
from tests.support.audit_log import logged
from tests.support.counts import inbox_content
from tests.support.releases.few_codes import record, records
from tests.support.stores import AT

ANALYST, SECOND = (Actor(f"A-analyst-{number}", Role.ANALYST, session_id=f"Z{number}") for number in (1, 2))
QUARTERS = [date(2025, month, 1) for month in (1, 4, 7, 10)]


@pytest.fixture
def acts(empty):
    """Carries out a verb in a transaction of its own, `days` days after the first."""

    def do(verb, *args, actor=ANALYST, days=0, **given):
        with empty.database.transaction() as session:
            return verb(Act(session, actor, AT + timedelta(days=days), empty.settings), *args, **given)

    do.store = empty
    do(add_analysts)
    do(put, records(Random(1), 300, 2025))
    return do


def add_analysts(act):
    act.session.add_all(account_row(one.id, one.role, regions=[]) for one in (ANALYST, SECOND))
    audit_log.write(act, Event.ROWS_CHANGED)


def put(act, facts):
    register.add(act.session, act.day, [inbox_content(one) for one in facts])


def ask(acts, day, kind=PeriodKind.QUARTER, days=0):
    return acts(requests.ask, kind, day, days=days).id


def made(acts, days):
    """Carries out the daily job of the night before this day."""
    job = next(one for one in dailies(acts.store.settings) if one.name == "make_count_releases")
    at = moment_of(AT.date() + timedelta(days=days), job.at)
    run_due(acts.store.database, acts.store.settings, job, at)


def request_of(acts, release_id):
    query = select(SecondPersonRequest.id).where(SecondPersonRequest.about == release_id)
    return acts(lambda act: act.session.exec(query).one())


def grant(acts, release_id, days, actor=SECOND):
    acts(second_person.grant, request_of(acts, release_id), actor=actor, days=days)


def refusal(acts, *args, **given):
    with pytest.raises((Conflict, Invalid)) as error:
        ask(acts, *args, **given)
    return error.value.code if isinstance(error.value, Conflict) else error.value.faults[0].code


@pytest.mark.wide
def test_release_is_made_at_night_and_released_by_another(acts):
    made(acts, 0)
    release = ask(acts, QUARTERS[0])
    assert refusal(acts, QUARTERS[0]) == "release_waits"
    with pytest.raises(Conflict, match="release_not_made"):
        grant(acts, release, 0)
    made(acts, 1)
    found = acts(requests.read, release, days=1)
    assert (found.version, found.released_at) == (1, None)
    assert building.release_of(found).values[()] % 5 == 0
    with pytest.raises((Conflict, NotAllowed)):
        grant(acts, release, 1, actor=ANALYST)
    grant(acts, release, 1)
    frozen = acts(requests.read, release, days=1)
    assert (frozen.released_by, frozen.content) == (SECOND.id, found.content)
    acts(put, [record(Random(3), QUARTERS[0]) for _ in range(40)], days=2)
    made(acts, 3)
    assert acts(requests.read, release, days=3).content == found.content
    assert {"count:release_made", "count:release_read", "second_person:granted"} <= {
        one.event for one in acts(lambda act: logged(act.session))
    }
    with acts.store.database.transaction() as session:
        [stored] = session.execute(text("SELECT content FROM countrelease")).scalars()
    assert "female" not in stored


def test_release_of_a_period_that_is_not_over_is_refused(acts):
    with pytest.raises(Invalid) as error:
        ask(acts, AT.date())
    assert error.value.faults[0].facts == {"last": "2026-12-31"}
    assert refusal(acts, AT.date(), PeriodKind.YEAR) == "release_not_over"
    assert refusal(acts, QUARTERS[0], PeriodKind.MONTH) == "release_period_unknown"


@pytest.mark.wide
def test_year_is_the_sum_of_released_quarters(acts):
    made(acts, 0)
    assert refusal(acts, QUARTERS[0], PeriodKind.YEAR) == "release_needs_quarters"
    for day in QUARTERS:
        ask(acts, day)
        made(acts, QUARTERS.index(day) + 1)
    asked = acts(lambda act: act.session.exec(select(CountRelease.id)).all())
    for release in asked:
        grant(acts, release, 4)
    year = ask(acts, QUARTERS[0], PeriodKind.YEAR, days=4)
    made(acts, 5)
    found = acts(requests.read, year, days=5)
    assert found.content.quarters == [1, 1, 1, 1]
    parts = [building.release_of(acts(requests.read, one, days=5)).values[()] for one in asked]
    assert building.release_of(found).values[()] == sum(parts)


@pytest.mark.wide
@pytest.mark.parametrize("nights", [(1, 1, 1, 1), (1, 2, 3, 4)], ids=["same-night", "night-by-night"])
def test_quarters_that_wait_together_leave_a_year_possible(acts, monkeypatch, nights):
    draw = Random(10_001)  # with these draws, quarters that do not know each other leave no figures for their year
    monkeypatch.setattr(building.secrets, "SystemRandom", lambda: draw)
    made(acts, 0)
    asked = [ask(acts, day, days=night - 1) for day, night in zip(QUARTERS, nights, strict=True)]
    for night in sorted(set(nights)):
        made(acts, night)
    for release in asked:
        grant(acts, release, 5)
    year = ask(acts, QUARTERS[0], PeriodKind.YEAR, days=5)
    made(acts, 6)
    assert acts(requests.read, year, days=6).content.quarters == [1, 1, 1, 1]


@pytest.mark.wide
def test_new_version_needs_ten_changed_records(acts):
    made(acts, 0)
    release = ask(acts, QUARTERS[0])
    made(acts, 1)
    grant(acts, release, 1)
    assert refusal(acts, QUARTERS[0], days=2) == "release_unchanged"
    acts(put, [record(Random(3), QUARTERS[0]) for _ in range(9)], days=2)
    assert refusal(acts, QUARTERS[0], days=3) == "release_unchanged"
    acts(put, [record(Random(4), QUARTERS[0])], days=3)
    again = ask(acts, QUARTERS[0], days=4)
    assert acts(lambda act: act.session.get(CountRelease, again).version) == 2
    acts(second_person.refuse, request_of(acts, again), actor=SECOND, days=4)
    assert acts(lambda act: act.session.get(CountRelease, again)) is None


def test_release_of_too_few_records_cannot_be_granted(acts):
    made(acts, 0)
    acts(put, [record(Random(3), date(2024, 2, 1)) for _ in range(9)])
    release = ask(acts, date(2024, 2, 1))
    made(acts, 1)
    with pytest.raises(Conflict, match="release_too_few"):
        acts(requests.read, release, days=1)
    with pytest.raises(Conflict, match="release_too_few"):
        grant(acts, release, 1)


def test_only_an_analyst_asks_and_reads(acts):
    for actor in (Actor("A-1", Role.DESK, session_id="Z"), Actor("A-2", Role.REGISTRAR, session_id="Z")):
        with pytest.raises(NotAllowed):
            acts(requests.ask, PeriodKind.QUARTER, QUARTERS[0], actor=actor)
        with pytest.raises(NotAllowed):
            acts(requests.listed, actor=actor)
