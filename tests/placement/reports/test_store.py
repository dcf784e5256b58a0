"""A day's report is stored once, never changed, and made again byte for byte from the rows beside it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select, text

from placement.audit.events import Event
from placement.capacity import overview
from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, Invalid, NotFound, NotYet
from placement.core.place_codes import PlaceStatus
from placement.reports import store as report_store
from placement.reports.inputs import read_rows
from placement.reports.model import Report
from placement.reports.moments import moment_of
from placement.tables import DailyReport, DailyRun, Location, Room, RoomClosure, Shelter, Unit
from tests.support.audit_log import logged
from tests.support.stores import AT

TODAY = AT.date()


def act_in(country, session, at=AT):
    return Act(session, SYSTEM, at, country.settings)


def made(country, on=TODAY, at=AT):
    with country.database.transaction() as session:
        return report_store.make(act_in(country, session, at), on)


def test_report_is_rebuilt_byte_for_byte_from_stored_rows(country):
    made(country, TODAY - timedelta(days=1))
    stored = made(country)
    assert report_store.rebuilt(stored) == stored.report
    assert Report.model_validate_json(stored.report).free.yesterday is not None


def test_second_request_returns_the_stored_report(country):
    first, second = made(country), made(country, at=AT + timedelta(hours=5))
    assert second.made_at == first.made_at
    with country.database.transaction() as session:
        assert len(session.exec(select(DailyReport)).all()) == 1
        lines = logged(session, event="report:made")
        assert [line.facts for line in lines] == [{"on": str(TODAY), "version": 1, "late": True}]


@pytest.mark.parametrize("why", ["closing", "fewer_beds"])
def test_rooms_closed_to_clients_are_reported_without_free(country, why):
    before = free_of(made(country, TODAY - timedelta(days=1)))
    unit = max(before, key=before.get)
    with country.database.transaction() as session:
        for room in session.exec(select(Room).where(Room.unit_id == unit)).all():
            if why == "closing":
                session.add(RoomClosure(room_id=room.id, cause=unit, since=TODAY))
            else:
                room.beds_wanted = 0
    assert before[unit]
    assert free_of(made(country))[unit] == 0


@pytest.mark.parametrize("table", [Unit, Location, Shelter])
def test_unit_of_what_is_closed_is_neither_in_report_nor_country(country, table):
    with country.database.transaction() as session:
        unit = session.exec(select(Unit).order_by(Unit.id)).first()
        location = session.get_one(Location, unit.location_id)
        above = {Unit: unit, Location: location}.get(table) or session.get_one(Shelter, location.shelter_id)
        above.status, above.closed_on = PlaceStatus.CLOSED, TODAY
        gone = unit.id
    units = set(free_of(made(country)))
    assert units
    assert gone not in units
    with country.database.transaction() as session:
        seen = overview.country(Act(session, SYSTEM, AT, country.settings))
    assert {row.unit.id for shelter in seen for row in shelter.units} == units


def free_of(stored):
    return {unit.unit: sum(room.free for room in unit.rooms) for unit in read_rows(stored.rows).units}


@pytest.mark.parametrize("change", ["UPDATE dailyreport SET report = '{}'", "DELETE FROM dailyreport"])
def test_the_database_refuses_to_change_a_report(country, change):
    made(country)
    with pytest.raises(DBAPIError, match="only added"), country.database.transaction() as session:
        session.execute(text(change))


@pytest.mark.wide
def test_correction_is_a_new_version_naming_its_changes(country):
    before = made(country)
    with country.database.transaction() as session, pytest.raises(Conflict, match="report_unchanged"):
        report_store.correct(act_in(country, session), TODAY)
    with country.database.transaction() as session:
        session.execute(text("UPDATE room SET features = '[\"wheelchair\"]'"))
    with country.database.transaction() as session:
        after = report_store.correct(act_in(country, session, AT + timedelta(hours=1)), TODAY)
    assert (before.version, after.version) == (1, 2)
    assert next(row["figure"] for row in after.changed) == "free.by_kind.4.free"
    assert {tuple(sorted(row)) for row in after.changed} == {("figure", "now", "was")}
    with country.database.transaction() as session:
        act = act_in(country, session)
        assert report_store.stored_on(act, TODAY).version == 2
        assert report_store.stored_on(act, TODAY, 1).report == before.report
        [corrected] = logged(session, event=Event.REPORT_CORRECTED)
        assert (corrected.actor, corrected.facts) == (SYSTEM.id, {"on": str(TODAY), "version": 2, "late": True})


def test_future_day_and_day_before_the_first_are_distinguished(country):
    with country.database.transaction() as session, pytest.raises(Invalid) as fault:
        report_store.make(act_in(country, session), TODAY + timedelta(days=1))
    assert fault.value.faults[0].code == "report_to_come"
    with country.database.transaction() as session, pytest.raises(Invalid) as fault:
        report_store.stored_on(act_in(country, session), TODAY - timedelta(days=1))
    assert fault.value.faults[0].code == "report_none_yet"
    made(country, TODAY - timedelta(days=2))
    made(country)
    for back, code in ((3, "report_before_first"), (-1, "report_to_come")):
        with country.database.transaction() as session, pytest.raises(Invalid) as fault:
            report_store.stored_on(act_in(country, session), TODAY - timedelta(days=back))
        assert fault.value.faults[0].code == code
    with country.database.transaction() as session, pytest.raises(NotFound):
        report_store.stored_on(act_in(country, session), TODAY - timedelta(days=1))


def not_yet(country, at, on):
    with country.database.transaction() as session, pytest.raises(NotYet) as fault:
        report_store.stored_on(Act(session, SYSTEM, at, country.settings), on)
    return fault.value.code, fault.value.facts["seconds"]


@pytest.mark.wide
def test_report_that_will_still_be_made_is_not_made_yet(country):
    """The days are today before and after its moment, a day whose report a job still makes, and an earlier day."""
    made(country, TODAY - timedelta(days=2))
    moment = moment_of(TODAY)
    assert not_yet(country, moment - timedelta(minutes=1), TODAY) == ("report_not_made_yet", 120)
    assert not_yet(country, moment + timedelta(minutes=3), TODAY) == ("report_not_made_yet", 60)
    yesterday = TODAY - timedelta(days=1)
    with country.database.transaction() as session, pytest.raises(NotFound):
        report_store.stored_on(act_in(country, session), yesterday)
    with country.database.transaction() as session:
        day, due = yesterday - timedelta(days=1), moment - timedelta(days=2)
        session.add(DailyRun(job=report_store.JOB, day=day, due_at=due, ran_at=due, late=False))
    assert not_yet(country, moment, yesterday) == ("report_not_made_yet", 60)


def test_report_moment_is_seven_in_amsterdam_all_year():
    assert moment_of(TODAY).isoformat() == "2026-11-24T06:00:00+00:00"
    assert moment_of(TODAY.replace(month=7)).isoformat() == "2026-07-24T05:00:00+00:00"


def test_report_days_are_newest_first_with_newest_version(country):
    made(country, TODAY - timedelta(days=1))
    made(country)
    with country.database.transaction() as session:
        rows, total = report_store.days(session, AT, 1)
    assert ([row.on for row in rows], total) == ([TODAY], 2)
