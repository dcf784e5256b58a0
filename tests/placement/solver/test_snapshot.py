"""The snapshot from tables to a problem: all that the engine needs, and nothing that identifies a client."""

from datetime import timedelta

import msgspec
import pytest
from sqlmodel import select

from matching import read_problem, write_problem
from placement.capacity.report import RoomInput
from placement.capacity.vacancy import OtherUse
from placement.core.codes import AvoidedKind, ResidenceBasis
from placement.core.geography import HALF_DIAGONAL_KM, Cell, places
from placement.core.place_codes import PlaceStatus
from placement.registrations import case_rows, registrations
from placement.registrations.case import AvoidedInput, PersonInput, PointInput, ThreatInput
from placement.shelters import closing
from placement.solver.snapshot import snapshot
from placement.tables import Location, Policy, Registration, Shelter, Stay, Unit
from tests.support.moving_client import ask
from tests.support.town import DESK, TODAY, F, M, key_store_of


def test_snapshot_holds_contract_fields_and_no_identity(town):
    client = town.register(
        alias="Kanarie",
        parts={
            "threats": [
                ThreatInput(PointInput(place="Rotterdam"), 40),
                ThreatInput(PointInput(lat=52.123457, lon=5.7), 20),
            ],
            "near": PointInput(place="Delft"),
        },
    )
    town.do(registrations.close, town.register(alias="Kanarie"), "entered_in_error")
    written = write_problem(town.problem()).decode()
    for secret in (
        "Kanarie",
        "Rotterdam",
        "Delft",
        "Geheimstraat",
        "amsterdam",
        "reflection",
        '"NP"',
        "Opvang",
        "A-desk",
    ):
        assert secret not in written, secret
    assert client in written
    assert '"lat":52.123457' in written  # the point itself: the one thing that the rule needs


def test_safety_distance_grows_by_the_half_diagonal_of_a_cell(town):
    asked = [5, 40, 400]
    client = town.register(parts={"threats": [ThreatInput(PointInput(place="Rotterdam"), km) for km in asked]})
    assert sorted(threat.min_km for threat in town.row(client).threats) == [km + HALF_DIAGONAL_KM for km in asked]


def test_a_location_is_the_centre_of_its_cell(town):
    for location in town.problem().locations:
        row = town.one("location", location.id)
        centre = Cell(row.cell_row, row.cell_column).centre
        assert (location.lat, location.lon) == (centre.lat, centre.lon)
    alkmaar = places()["alkmaar"].point
    assert (alkmaar.lat, alkmaar.lon) not in {(one.lat, one.lon) for one in town.problem().locations}


@pytest.mark.wide
def test_snapshot_has_waiting_entitled_registrations_only(town):
    waiting = town.register()
    town.register(draft=True)
    town.register(((F, 17),), residence_basis=ResidenceBasis.DUTCH)  # at another door
    town.do(registrations.close, town.register(), "entered_in_error")
    town.hold_in(town.register(), "U4-crisis")
    town.house(town.register(), "U1-women")
    assert [row.id for row in town.problem().registrations] == [waiting]


@pytest.mark.wide
def test_occupants_are_held_housed_and_others_one_per_person(town):
    town.report("S2", R4=RoomInput("R4", used_by_others=[OtherUse(1, F, minor=True)]))
    held, housed = town.register(), town.register(((F, 30), (F, 5)))
    town.hold_in(held, "U1-women")
    town.house(housed, "U2-family")
    rooms = {room.id: room for room in town.problem().rooms}
    who = {room: [(one.registration, one.minor) for one in rooms[room].occupants] for room in ("R3", "R4")}
    assert who == {"R3": [(housed, False), (housed, True)], "R4": [("other-R4-1-1", True)]}
    assert [one.registration for room in ("R1", "R2") for one in rooms[room].occupants] == [held]


@pytest.mark.wide
def test_the_places_for_high_care_are_those_that_are_left(town):
    def left():
        return next(unit.high_care_limit for unit in town.problem().units if unit.id == "U3-omm")

    demanding = {"high_care": True, "needs": ["psychiatric"]}
    assert left() == 1
    held = town.hold_in(town.register(needs=["psychiatric"]))
    assert left() == 1
    town.release(held)
    held = town.hold_in(town.register(**demanding), "U3-omm")
    assert left() == 0
    other = town.register(**demanding)
    assert town.one("proposal", town.propose(other)).unit_id is None
    town.release(held)
    assert left() == 1
    town.hold_in(unknown := town.register(needs=["psychiatric"]))
    (key_store_of(town).folder / f"{unknown}.key").unlink()
    assert left() == 0  # whether that client needs high care is not known any more


@pytest.mark.wide
def test_keep_apart_binds_both_if_the_housed_client_named_it(town):
    client = town.register()
    housed = town.register(parts={"keep_apart": [client]})
    assert (town.row(client).keep_apart, town.row(housed).keep_apart) == (
        (),
        (client,),
    )  # both open: the engine binds both
    town.house(housed, "U1-women")
    assert town.row(client).keep_apart == (housed,)
    ask(town, housed)
    assert town.eligible_units(client).isdisjoint({"U1-women", "U2-family"})  # the other client lives there
    town.end(town.all(select(Stay))[0].id)
    assert town.row(client).keep_apart == ()


def test_avoidances_stand_until_they_are_lifted(town):
    avoided = [
        AvoidedInput(AvoidedKind.REGION, "limburg"), AvoidedInput(AvoidedKind.UNIT, "U1-women"),
        AvoidedInput(AvoidedKind.LOCATION, "L2"), AvoidedInput(AvoidedKind.PROVIDER, "P2"),
    ]  # fmt: skip
    client = town.register(parts={"avoided": avoided})
    row = town.row(client)
    assert (row.avoided_regions, row.avoided_units, row.avoided_locations, row.avoided_providers) == (
        ("limburg",), ("U1-women",), ("L2",), ("P2",)
    )  # fmt: skip
    with town.act() as act:
        active = case_rows.active_avoidances(act, client)
    for avoidance in active:
        town.do(registrations.lift_avoidance, client, avoidance.id)
    row = town.row(client)
    assert row.avoided_regions + row.avoided_units + row.avoided_locations + row.avoided_providers == ()


def test_days_of_waiting_are_days_in_amsterdam_and_ages_grow(town):
    town.at = town.at.replace(hour=22, minute=59)  # 23:59 in Amsterdam
    client = town.register(((F, 17),), residence_basis=ResidenceBasis.NONE_YET)
    assert town.row(client).waiting_days == 0
    town.later(minutes=1)
    assert town.row(client).waiting_days == 1
    assert town.row(client).schemes == ("minors",)
    town.later(days=365)
    assert (town.row(client).persons[0].age, town.row(client).schemes) == (18, ("crisis",))


def test_snapshot_uses_the_newest_policy_else_the_default(town):
    with town.act() as act:
        assert snapshot(act).policy_version == 0
        default = snapshot(act).problem.policy
        for version, points in ((1, 100), (2, 200)):
            act.session.add(
                Policy(
                    version=version, weights={"preferred_need": points}, set_at=act.at, set_by=act.actor.id, reason="-"
                )
            )
    with town.act() as act:
        taken = snapshot(act)
    assert (taken.policy_version, taken.problem.policy.preferred_need) == (2, 200)
    assert msgspec.structs.replace(taken.problem.policy, preferred_need=300) == default
    proposal = town.one("proposal", town.propose(town.register()))
    assert proposal.policy_version == 2


def test_a_problem_is_the_same_when_it_is_read_again(town):
    town.house(town.register(((F, 30), (M, 4)), alias="x"), "U2-family")
    town.register(needed_by=TODAY - timedelta(days=1))
    problem = town.problem()
    assert read_problem(write_problem(problem)) == problem


def test_danger_point_is_no_part_of_another_registration(town):
    hunted = town.register(parts={"threats": [ThreatInput(PointInput(place="Rotterdam"), 40)]})
    other = town.register()
    rows = {row.id: row for row in town.problem().registrations}
    assert len(rows[hunted].threats) == 1
    assert rows[other].threats == ()


def test_a_moved_location_is_where_it_is_now(town):
    with town.database.transaction() as session:
        session.get_one(Location, "L1").cell_row += 3
    [moved] = [one for one in town.problem().locations if one.id == "L1"]
    assert moved.lat == Cell(town.one("location", "L1").cell_row, 0).centre.lat


@pytest.mark.parametrize(
    ("table", "key", "gone"), [(Unit, "U4-crisis", ["U4-crisis"]), (Shelter, "S2", ["U3-omm", "U4-crisis"])]
)
def test_no_client_is_sought_a_place_in_what_is_closed(town, table, key, gone):
    before = [unit.id for unit in town.problem().units]
    town.do(closing.close, table, key, town.one(table.__tablename__, key).version, TODAY, actor=DESK)
    assert town.one(table.__tablename__, key).status is PlaceStatus.CLOSED
    problem = town.problem()
    assert [unit for unit in before if unit not in {one.id for one in problem.units}] == gone
    assert not {room.unit for room in problem.rooms} & set(gone)


def test_snapshot_persons_keep_their_order(town):
    client = town.register(((F, 40), (M, 12), (F, 3)))
    town.do(registrations.change, client, 1, {}, persons=[PersonInput(F, 41, guardian=True), PersonInput(F, 2)])
    assert [(person.gender, person.age) for person in town.row(client).persons] == [("female", 41), ("female", 2)]
    assert town.all(select(Registration.version)) == [2]
