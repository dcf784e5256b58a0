"""A place that is open until a day takes clients until then; a place that closes takes nobody new from a day on."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.capacity.overview import country
from placement.capacity.report import RoomInput
from placement.capacity.room_state import room_states
from placement.capacity.vacancy import OtherUse
from placement.core.clock import day_of, start_of
from placement.core.codes import Scheme, StayStatus
from placement.core.consent_codes import Driver
from placement.core.errors import Conflict, Invalid
from placement.core.place_codes import ChangeKind, PlaceStatus
from placement.placements.holds import holds
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.proposals import presentation
from placement.reports.collect import rows_at
from placement.shelters import change_requests, closing, register
from placement.tables import Location, Proposal, Room, RoomClosure, Shelter, Unit
from placement.tasks.task import TaskKind
from tests.support import second_person, task_board
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, TODAY, F, shelter

LAST = TODAY + timedelta(days=21)
CHANGE = {
    Shelter: register.change_shelter,
    Location: register.change_location,
    Unit: register.change_unit,
    Room: register.change_room,
}
PLACES = [(Shelter, "S1"), (Location, "L1"), (Unit, "U1-women"), (Room, "R1")]
each_place = pytest.mark.parametrize(("table", "key"), PLACES)


def until(town, table, key, day=LAST):
    version = town.one(table.__tablename__, key).version
    return town.do(CHANGE[table], key, version, {"open_until": day})


def on(town, day):
    """Moves the clock to this day."""
    town.later(days=(day - town.at.date()).days)


def free(town, room="R1"):
    return town.room(room).vacancy.free_beds


def status(town, table, key):
    return town.one(table.__tablename__, key).status


def tasks(town, kind, actor=DESK):
    return [one for one in town.do(task_board.board, actor=actor).tasks if one.kind is kind]


def seen(town, proposal):
    with town.act() as act:
        return presentation.serialize(act, act.session.get_one(Proposal, proposal), "en")


# open until


@each_place
def test_place_takes_clients_until_its_last_day(town, table, key):
    assert until(town, table, key).status is PlaceStatus.OPEN
    assert free(town) == 2
    on(town, LAST - timedelta(days=1))
    town.do(closing.carry_out_due)
    assert (status(town, table, key), free(town)) == (PlaceStatus.OPEN, 2)
    on(town, LAST)
    assert free(town) == 0, "also before the clock's job has run"
    town.do(closing.carry_out_due)
    place = town.one(table.__tablename__, key)
    assert (place.status, place.closed_on) == (PlaceStatus.CLOSED, LAST)


def test_client_is_proposed_a_place_that_is_open_three_weeks(town):
    until(town, Location, "L1")
    found = seen(town, town.propose(town.register()))
    assert (found.chosen.unit, found.chosen.open_until, found.chosen.runs_past) == ("U1-women", LAST, True)
    assert {unit.unit: unit.open_until for unit in found.others + found.alternatives} == {
        "U2-family": LAST, "U3-omm": None, "U4-crisis": None, "U5-social": None
    }  # fmt: skip


def test_day_after_the_limit_of_a_stay_is_shown_and_not_run_past(town):
    until(town, Unit, "U1-women", TODAY + timedelta(days=90))
    found = seen(town, town.propose(town.register())).chosen
    assert (found.open_until, found.runs_past) == (TODAY + timedelta(days=90), False)


def test_stay_that_would_run_past_the_last_day_is_allowed(town):
    until(town, Unit, "U1-women", TODAY + timedelta(days=2))
    stay = town.one("stay", town.house(town.register(), "U1-women"))
    assert (stay.status, stay.limit_on) == (StayStatus.IN_HOUSE, TODAY + timedelta(days=90))


def test_arrival_on_the_last_day_or_later_is_refused(town):
    until(town, Unit, "U1-women", TODAY + timedelta(days=2))
    held = town.hold_in(town.register(), "U1-women")
    with pytest.raises(Invalid) as wrong:
        town.do(holds.confirm, held, ArrivalDetails(town.at + timedelta(days=2), Driver.TAXI), actor=shelter("S1"))
    assert [(one.field, one.code) for one in wrong.value.faults] == [("expected_at", "place_ends_before")]
    assert town.confirm(held, town.at + timedelta(days=1)).status is StayStatus.PLANNED


def test_bed_that_comes_free_on_the_last_day_is_not_given_out(town):
    until(town, Unit, "U1-women", TODAY + timedelta(days=5))
    for day, beds in ((4, 1), (5, 0)):
        use = [OtherUse(1, F, until=TODAY + timedelta(days=day))]
        town.report("S1", R2=RoomInput("R2", used_by_others=use))
        assert free(town, "R2") == beds


@pytest.mark.wide
@each_place
def test_each_client_has_an_onward_task_seven_days_before(town, table, key):
    case = town.register()
    town.house(case, "U1-women")
    town.house(town.register(((F, 40),)), "U4-crisis")
    until(town, table, key)
    on(town, LAST - timedelta(days=8))
    assert [one.cause for one in tasks(town, TaskKind.ONWARD) if one.registration == case] == []
    assert tasks(town, TaskKind.CLOSING, shelter("S1")) == []
    on(town, LAST - timedelta(days=7))
    for actor in (DESK, COORDINATOR):
        [task] = [one for one in tasks(town, TaskKind.ONWARD, actor) if one.registration == case]
        assert (task.cause, day_of(task.due) - LAST <= timedelta(days=1)) == ("closing", True)
    [asked] = tasks(town, TaskKind.CLOSING, shelter("S1"))
    assert (asked.about, asked.due) == (key, start_of(LAST))


@each_place
def test_place_with_a_client_closes_on_its_last_day(town, table, key):
    case = town.register()
    stay = town.house(case, "U1-women")
    until(town, table, key)
    on(town, LAST)
    town.do(closing.carry_out_due)
    place = town.one(table.__tablename__, key)
    assert (place.status, place.closes_on, place.no_new_from) == (PlaceStatus.CLOSING, LAST, LAST)
    assert (free(town), town.one("stay", stay).status) == (0, StayStatus.IN_HOUSE)
    assert [one.cause for one in tasks(town, TaskKind.ONWARD) if one.registration == case] == ["closing"]
    town.end(stay)
    town.do(closing.carry_out_due)
    assert status(town, table, key) is PlaceStatus.CLOSED


def test_what_is_added_to_a_place_ends_with_it(town):
    until(town, Location, "L1")
    town.do(register.make_room, "U1-women", "R9", 2)
    on(town, LAST)
    town.do(closing.carry_out_due)
    assert status(town, Location, "L1") is PlaceStatus.CLOSED
    with town.act() as act:
        assert not {"R1", "R2", "R3"} & room_states(act.session, act.day).keys()
        assert [row.unit for row in rows_at(act.session, act.settings, act.day).units] == [
            "U3-omm", "U4-crisis", "U5-social"
        ]  # fmt: skip


def test_last_day_is_shown_in_the_country_and_can_be_changed(town):
    made = town.do(register.make_unit, "L1", "Hotel", Scheme.COSM, open_until=LAST)
    assert made.status is PlaceStatus.OPEN
    until(town, Unit, made.id, LAST + timedelta(days=7))
    until(town, Shelter, "S1", LAST + timedelta(days=8))
    with town.act() as act:
        units = {row.unit.id: row.open_until for one in country(act) for row in one.units}
    assert (units[made.id], units["U1-women"], units["U4-crisis"]) == (
        LAST + timedelta(days=7), LAST + timedelta(days=8), None
    )  # fmt: skip
    until(town, Unit, made.id, None)
    assert town.one("unit", made.id).open_until is None


def not_ahead(do, *args, **facts):
    with pytest.raises(Invalid) as wrong:
        do(*args, **facts)
    return [(one.field, one.code) for one in wrong.value.faults] == [("open_until", "day_not_ahead")]


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY])
def test_last_day_is_to_come(town, day):
    assert not_ahead(until, town, Unit, "U1-women", day)
    assert not_ahead(town.do, register.make_room, "U1-women", "R9", 1, open_until=day)


def test_last_day_is_after_the_first(town):
    new = register.make_unit, "L1", "Later", Scheme.COSM
    assert not_ahead(town.do, *new, opens_on=LAST, open_until=LAST)
    made = town.do(*new, opens_on=LAST - timedelta(days=1), open_until=LAST)
    assert not_ahead(town.do, register.change_unit, made.id, made.version, {"opens_on": LAST})


def test_last_day_that_a_shelter_asks_for_is_granted_by_the_desk(town):
    def granted(kind, **values):
        version = town.one("unit", "U1-women").version
        asked = town.do(change_requests.change, kind, "U1-women", version, values, actor=shelter("S1"))
        town.do(second_person.grant, asked.id, actor=DESK)
        return town.one("unit", "U1-women")

    assert granted(ChangeKind.CHANGE_UNIT, open_until=LAST.isoformat()).open_until == LAST
    assert granted(ChangeKind.CHANGE_UNIT, open_until=None).open_until is None
    days = {"until": LAST.isoformat(), "no_new_from": (TODAY + timedelta(days=5)).isoformat()}
    closing_unit = granted(ChangeKind.CLOSE_UNIT, **days)
    assert (closing_unit.closes_on, closing_unit.no_new_from) == (LAST, TODAY + timedelta(days=5))


# closing


def close(town, table, key, day=LAST, since=None):
    version = town.one(table.__tablename__, key).version
    return town.do(closing.close, table, key, version, day, no_new_from=since)


@each_place
def test_closing_place_takes_clients_until_the_given_day(town, table, key):
    since = TODAY + timedelta(days=5)
    place = close(town, table, key, since=since)
    assert (place.status, place.no_new_from, place.closes_on) == (PlaceStatus.CLOSING, since, LAST)
    assert (free(town), town.room("R1").is_closing) == (2, False)
    on(town, since - timedelta(days=1))
    assert free(town) == 2
    on(town, since)
    assert (free(town), town.room("R1").is_closing) == (0, True)


def test_proposal_shows_by_when_a_closing_place_is_to_be_empty(town):
    close(town, Unit, "U1-women", since=TODAY + timedelta(days=5))
    assert seen(town, town.propose(town.register())).chosen.open_until == LAST


def test_first_closed_day_is_moved_both_ways(town):
    close(town, Unit, "U1-women")
    assert (free(town), town.one("unit", "U1-women").no_new_from) == (0, TODAY)
    close(town, Unit, "U1-women", LAST + timedelta(days=1))
    assert (free(town), town.one("unit", "U1-women").no_new_from) == (0, TODAY)
    close(town, Unit, "U1-women", since=TODAY + timedelta(days=5))
    assert free(town) == 2
    on(town, TODAY + timedelta(days=6))
    assert free(town) == 0
    close(town, Unit, "U1-women", since=TODAY + timedelta(days=9))
    assert free(town) == 2
    close(town, Unit, "U1-women", since=TODAY + timedelta(days=6))
    assert free(town) == 0
    assert len(town.all(select(RoomClosure).where(RoomClosure.room_id == "R1"))) == 2


@pytest.mark.parametrize(
    ("since", "code"), [(LAST + timedelta(days=1), "day_after_last"), (TODAY - timedelta(days=1), "day_past")]
)
def test_first_closed_day_is_in_order(town, since, code):
    with pytest.raises(Invalid) as wrong:
        close(town, Unit, "U1-women", since=since)
    assert [(one.field, one.code) for one in wrong.value.faults] == [("no_new_from", code)]


@each_place
def test_reopened_place_has_no_last_day_and_takes_clients(town, table, key):
    until(town, table, key)
    close(town, table, key, since=TODAY + timedelta(days=5))
    version = town.one(table.__tablename__, key).version
    place = town.do(closing.reopen, table, key, version)
    days = (place.open_until, place.closes_on, place.no_new_from, place.closed_on)
    assert (place.status, days) == (PlaceStatus.OPEN, (None,) * 4)
    on(town, LAST + timedelta(days=1))
    town.do(closing.carry_out_due)
    assert (status(town, table, key), free(town)) == (PlaceStatus.OPEN, 2)


def test_place_closed_on_its_last_day_reopens_with_its_beds(town):
    until(town, Shelter, "S1")
    on(town, LAST)
    town.do(closing.carry_out_due)
    town.later(days=2)
    town.do(closing.reopen, Shelter, "S1", town.one("shelter", "S1").version)
    town.report("S1")
    assert (free(town), len(town.room("R1").beds)) == (2, 2)


def test_closing_replaces_the_last_day(town):
    until(town, Unit, "U1-women", TODAY + timedelta(days=3))
    place = close(town, Unit, "U1-women", LAST, since=TODAY + timedelta(days=9))
    assert (place.open_until, place.closes_on) == (None, LAST)
    on(town, TODAY + timedelta(days=8))
    assert free(town) == 2
    place = close(town, Unit, "U1-women", TODAY + timedelta(days=8))
    assert (place.no_new_from, place.status) == (TODAY + timedelta(days=8), PlaceStatus.CLOSED)


def test_last_day_of_a_closing_place_cannot_be_changed(town):
    close(town, Unit, "U1-women")
    with pytest.raises(Conflict, match="place_not_changeable"):
        until(town, Unit, "U1-women")


@one_store
def test_first_of_the_last_days_above_a_unit_is_shown(town):
    until(town, Shelter, "S1", LAST)
    until(town, Unit, "U1-women", LAST - timedelta(days=9))
    with town.act() as act:
        units = {row.unit.id: row.open_until for one in country(act) for row in one.units}
    assert (units["U1-women"], units["U2-family"]) == (LAST - timedelta(days=9), LAST)
