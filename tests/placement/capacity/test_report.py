"""Capacity reports: of all rooms or of a single room, never changed afterwards, and no own data overwritten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, func, select

from placement.capacity.corrections import latest_report, version_of
from placement.capacity.newest_reports import last_confirmed
from placement.capacity.overview import country, shelter_capacity
from placement.capacity.report import RoomInput, confirm_capacity, report_capacity, report_room
from placement.capacity.room_state import room_states
from placement.capacity.vacancy import OtherUse
from placement.core.codes import Freshness, OutOfService
from placement.core.errors import Invalid, NotFound, VersionPassed
from placement.tables import CapacityReport, RoomReport, Shelter, Unit
from tests.support.town import ROOMS, TODAY, F, shelter


def report(town, words, who="S1", whose="S1"):
    town.do(report_capacity, whose, words, actor=shelter(who))


def count(town, table):
    return town.all(select(func.count()).select_from(table))[0]


def whole(**words):
    return [words.get(room, RoomInput(room)) for room in ROOMS["S1"]]


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        ([], [("rooms", "room_missing")] * 3),
        ([*whole(), RoomInput("R4")], [("rooms.3.room", "room_unknown")]),
        ([*whole(), RoomInput("nonsense")], [("rooms.3.room", "room_unknown")]),
        ([*whole(), RoomInput("R1")], [("rooms.3.room", "room_twice")]),
        (whole(R2=RoomInput("R2", out_of_service=2)), [("rooms.1.out_of_service.beds", "too_many_beds")]),
        (
            whole(R2=RoomInput("R2", used_by_others=[OtherUse(1, F), OtherUse(1, F)], counted_free=2)),
            [("rooms.1.used_by_others", "too_many_beds"), ("rooms.1.counted_free", "too_many_beds")],
        ),
    ],
)
def test_invalid_report_names_every_field_and_stores_nothing(town, words, faults):
    before = count(town, CapacityReport), count(town, RoomReport), len(town.events())
    with pytest.raises(Invalid) as refused:
        report(town, words)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == faults
    assert (count(town, CapacityReport), count(town, RoomReport), len(town.events())) == before


def test_newest_report_of_each_room_counts_of_two_shelters(town):
    town.report("S2")
    for beds in (1, 0):
        town.report("S1", R2=RoomInput("R2", out_of_service=beds))
    with town.database.transaction() as session:
        units = list(session.exec(select(Unit.id)))
        some, every = room_states(session, TODAY, units=units), room_states(session, TODAY)
    assert some == every
    assert {one.report.out_of_service for one in some.values() if one.report} == {0}
    assert all(some[room].report for room in (*ROOMS["S1"], *ROOMS["S2"]))


def test_a_shelter_reports_for_itself_only(town):
    with pytest.raises(NotFound):
        report(town, whole(), who="S2")
    with pytest.raises(NotFound):
        town.do(confirm_capacity, "S1", actor=shelter("S2"))


def test_a_report_is_added_and_the_newest_counts(town):
    before = town.all(select(RoomReport).order_by(col(RoomReport.id)))
    report(town, whole(R1=RoomInput("R1", out_of_service=1, out_reason=OutOfService.REPAIR)))
    after = town.all(select(RoomReport).order_by(col(RoomReport.id)))
    assert [row.model_dump() for row in after[: len(before)]] == [row.model_dump() for row in before]
    assert len(after) == len(before) + 3
    assert town.room("R1").vacancy.free_beds == 1
    assert "capacity:reported" in town.events()


@pytest.mark.wide
def test_report_contradicting_stays_is_shown_and_overwrites_none(town):
    client = town.register()
    town.full("R2", "R3")
    town.house(client, "U1-women")
    report(town, whole(R1=RoomInput("R1", used_by_others=[OtherUse(2, F)], counted_free=0)))
    assert town.room("R1").vacancy.discrepancy.too_many == 1
    assert len(town.claims(client)) == 1
    with town.act(shelter("S1")) as act:
        ours = shelter_capacity(act, act.session.get_one(Shelter, "S1"))
    with town.act() as act:
        [theirs] = [one for one in country(act) if one.shelter.id == "S1"]
    assert ours.discrepancies == list(theirs.discrepancies)
    assert [room for room, _ in ours.discrepancies] == ["R1"]


def test_free_count_difference_is_kept_until_the_next_report(town):
    report(town, whole(R1=RoomInput("R1", counted_free=1)))
    vacancy = town.room("R1").vacancy
    assert (vacancy.free_beds, vacancy.discrepancy.counted, vacancy.discrepancy.derived) == (2, 1, 2)
    town.later(hours=1)
    town.hold_in(town.register(), "U1-women")
    counted = {vacancy.discrepancy for vacancy in (town.room("R1").vacancy,)}
    assert {one.counted for one in counted} == {1}
    report(town, whole())
    assert town.room("R1").vacancy.discrepancy is None


def test_confirmation_repeats_the_last_report(town):
    report(town, whole(R1=RoomInput("R1", out_of_service=1, free_from=TODAY + timedelta(days=2))))
    before = town.room("R1").vacancy
    town.later(hours=30)
    with town.act(shelter("S1")) as act:
        assert shelter_capacity(act, act.session.get_one(Shelter, "S1")).freshness is Freshness.AGEING
    town.do(confirm_capacity, "S1", actor=shelter("S1"))
    with town.act(shelter("S1")) as act:
        capacity = shelter_capacity(act, act.session.get_one(Shelter, "S1"))
        assert capacity.version == latest_report(act, "S1").id
    assert (capacity.freshness, capacity.reported_at) == (Freshness.FRESH, town.at)
    assert town.room("R1").vacancy == before


def test_unit_never_reported_cannot_be_confirmed_and_has_no_beds(town):
    from placement.tables import Bed, Room  # noqa: PLC0415

    with town.database.transaction() as session:
        session.add(Room(id="R9", unit_id="U1-women", name="R9"))
        session.flush()
        session.add(Bed(room_id="R9", number=1))
    assert town.room("R9").vacancy.free_beds == 0
    with pytest.raises(Invalid) as refused:
        town.do(confirm_capacity, "S1", actor=shelter("S1"))
    assert [(fault.code, fault.facts) for fault in refused.value.faults] == [("room_needs_report", {"room": "R9"})]


@pytest.mark.wide
def test_a_correction_by_the_service_is_no_word_of_the_shelter(town):
    town.later(hours=25)
    town.refuse(town.hold_in(town.register(), "U1-women"), "no_capacity")
    with town.act(shelter("S1")) as act:
        assert shelter_capacity(act, act.session.get_one(Shelter, "S1")).freshness is Freshness.AGEING


@pytest.mark.wide
def test_confirmation_keeps_beds_withheld_by_a_refusal(town):
    town.full("R2", "R3")
    town.refuse(town.hold_in(town.register(), "U1-women"), "no_capacity")
    town.do(confirm_capacity, "S1", actor=shelter("S1"))
    assert town.room("R1").vacancy.free_beds == 0
    assert town.count_asked_at("S1") is None


@pytest.mark.wide
def test_the_country_shows_free_beds_by_kind(town):
    town.house(town.register(), "U1-women")
    with town.act() as act:
        units = {row.unit.id: row for one in country(act) for row in one.units}
    women = units["U1-women"]
    in_the_double = bool(town.room("R1").claims)  # else the client has the single room
    assert (women.beds, women.free_now, women.free_soon) == (3, 2, 0)
    assert (women.shared, women.empty_rooms) == ((1, 1) if in_the_double else (0, 1))
    assert (units["U2-family"].empty_rooms, units["U4-crisis"].empty_rooms) == (1, 2)


# A part of the rooms


def counted(town):
    """By room, how many hours ago it was counted; and the age of the whole count."""
    with town.act(shelter("S1")) as act:
        known = shelter_capacity(act, act.session.get_one(Shelter, "S1"))
        assert last_confirmed(act.session).get("S1") == known.reported_at

    def hours(at):
        return round((town.at - at).total_seconds() / 3600)

    return {room: hours(at) for room, at in known.counted.items()}, hours(known.reported_at)


def as_it_was(known):
    return known


def test_room_left_out_of_a_report_keeps_its_count_and_its_age(town):
    report(town, whole(R3=RoomInput("R3", out_of_service=1, free_from=TODAY + timedelta(days=2))))
    before = town.room("R3").vacancy
    town.later(hours=30)
    stored = town.do(report_capacity, "S1", whole()[:2], actor=shelter("S1"))
    assert (stored.missing, dict(stored.ignored)) == (("R3",), {})
    assert town.room("R3").vacancy == before
    assert counted(town) == ({"R1": 0, "R2": 0, "R3": 30}, 30)
    town.later(hours=5)
    town.do(report_capacity, "S1", whole()[:2], actor=shelter("S1"))
    assert counted(town) == ({"R1": 0, "R2": 0, "R3": 35}, 35)
    town.do(report_capacity, "S1", whole(), actor=shelter("S1"))
    assert counted(town) == ({"R1": 0, "R2": 0, "R3": 0}, 0)


def test_report_of_one_room_refreshes_the_age_of_that_room_alone(town):
    report(town, whole(R2=RoomInput("R2", out_of_service=1)))
    for turn, room in enumerate(("R1", "R2"), start=1):
        town.later(hours=10)
        town.do(report_room, "S1", room, as_it_was, actor=shelter("S1"))
        assert counted(town)[1] == 10 * turn
    assert counted(town)[0] == {"R1": 10, "R2": 0, "R3": 20}
    assert town.room("R2").report.out_of_service == 1
    town.do(report_room, "S1", "R3", as_it_was, actor=shelter("S1"))
    assert counted(town) == ({"R1": 10, "R2": 0, "R3": 0}, 10)
    town.do(confirm_capacity, "S1", actor=shelter("S1"))
    assert counted(town) == (dict.fromkeys(("R1", "R2", "R3"), 0), 0)


@pytest.mark.wide
def test_correction_by_the_service_keeps_the_age_of_each_room(town):
    town.later(hours=30)
    town.do(report_room, "S1", "R2", as_it_was, actor=shelter("S1"))
    town.refuse(town.hold_in(town.register(), "U1-women"), "no_capacity")
    assert counted(town) == ({"R1": 30, "R2": 0, "R3": 30}, 30)
    assert town.count_asked_at("S1") is not None
    report(town, whole())
    assert town.count_asked_at("S1") is None


def test_invalid_report_of_one_room_names_its_field(town):
    with pytest.raises(Invalid) as refused:
        town.do(report_room, "S1", "R2", lambda known: replace(known, out_of_service=2), actor=shelter("S1"))
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("out_of_service.beds", "too_many_beds")]
    with pytest.raises(NotFound):
        town.do(report_room, "S1", "R4", as_it_was, actor=shelter("S1"))


# append-only


@pytest.mark.wide
@pytest.mark.parametrize("table", ["capacityreport", "roomreport", "auditevent"])
@pytest.mark.parametrize(
    ("stores", "act"),
    [
        ("sqlite", "UPDATE {} SET id = id"),
        ("sqlite", "DELETE FROM {}"),
        ("sqlite", "REPLACE INTO {0} SELECT * FROM {0} LIMIT 1"),
        ("postgresql", "UPDATE {} SET id = id"),
        ("postgresql", "DELETE FROM {}"),
        ("postgresql", "TRUNCATE {} CASCADE"),
    ],
    indirect=["stores"],
)
def test_the_database_refuses_to_change_what_is_only_added(town, table, act):
    town.hold_in(town.register())
    with pytest.raises(DatabaseError, match="only added"), town.database.transaction() as session:
        session.execute(text(act.format(table)))


def test_report_of_an_older_version_is_refused_without_one_taken(town):
    def version():
        with town.act(shelter("S1")) as act:
            return version_of(latest_report(act, "S1"))

    first = version()
    report(town, whole())
    with pytest.raises(VersionPassed):
        town.do(report_capacity, "S1", whole(), actor=shelter("S1"), follows=first)
    town.do(report_capacity, "S1", whole(), actor=shelter("S1"), follows=version())
    town.do(report_capacity, "S1", whole(), actor=shelter("S1"))


def answers(act, do, given):
    """Reports, and returns the rooms that the report left, the answer made of them, and the state as it is stored."""
    stored = do(act, "S1", *given)
    return stored.rooms, shelter_capacity(act, stored.shelter, stored.rooms), shelter_capacity(act, stored.shelter)


@pytest.mark.parametrize(
    ("do", "given"),
    [
        (report_capacity, (whole(R2=RoomInput("R2", out_of_service=1)),)),
        (report_capacity, ([RoomInput("R1", out_of_service=1)],)),
        (report_room, ("R3", as_it_was)),
        (confirm_capacity, ()),
    ],
)
def test_answer_of_a_report_is_the_state_that_it_stored(town, do, given):
    town.later(hours=1)
    rooms, answer, stored = town.do(answers, do, given, actor=shelter("S1"))
    assert rooms is not None
    assert answer == stored


@pytest.mark.wide
def test_rooms_are_read_again_after_a_decision_was_carried_out(town):
    client = town.register()
    town.later(hours=72, seconds=1)
    town.decide(town.propose(client))
    rooms, answer, stored = town.do(answers, report_capacity, (whole(),), actor=shelter("S1"))
    assert rooms is None
    assert answer == stored
