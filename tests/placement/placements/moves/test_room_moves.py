"""A client goes to other rooms of the shelter, or two change rooms: one act, checked by the rules."""

import pytest

from placement.core.codes import StayStatus
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.placements.moves import room_moves
from placement.placements.stays.place_fit import rooms_of_stays
from placement.placements.stays.takeover import RoomTaken
from placement.registrations.case import PersonInput, PointInput, ThreatInput
from placement.tables import Location, Unit
from tests.support.moving_client import ask, beds, status
from tests.support.town import COORDINATOR, DESK, F, shelter

MOTHER, CHILD = PersonInput(F, 30, guardian=True), PersonInput(F, 4)
STAFF = shelter("S1")


def move(town, stay, *rooms, actor=STAFF, **more):
    return town.do(room_moves.move, stay, list(rooms), actor=actor, **more)


def swap(town, stay, other, *, actor=STAFF, **more):
    return town.do(room_moves.swap, stay, other, actor=actor, **more)


def rooms_of(town, client):
    """The rooms in which the client has beds now, with how many."""
    found = {}
    for claim in town.claims(client):
        if claim.ends_on is None:
            room = town.one("bed", claim.bed_id).room_id
            found[room] = found.get(room, 0) + 1
    return found


def lives_in(town, room, **more):
    """A client who lives in this room of `U1-women` since 9 days: the registration and the stay."""
    stay = town.take_over("U1-women", room, ago=9, given={"confirm": True}, **more)
    return town.one("stay", stay).registration_id, stay


def test_move_to_another_room_keeps_stay_and_clock(town):
    client, stay = lives_in(town, "R1")
    before = town.one("stay", stay)
    moved = move(town, stay, "R2")
    assert (rooms_of(town, client), moved.status) == ({"R2": 1}, StayStatus.IN_HOUSE)
    assert (moved.starts_on, moved.limit_on, moved.id) == (before.starts_on, before.limit_on, stay)
    assert town.events()[-1] == "stay:moved"
    assert town.room("R1").vacancy.free_beds == 2


@pytest.mark.wide
def test_move_to_another_unit_is_within_the_shelter_only(town):
    client = town.register()
    stay = town.house(client, "U1-women")
    assert move(town, stay, "R3").unit_id == "U2-family"
    assert beds(town, client) == {"U2-family"}
    with pytest.raises(Invalid) as refused:
        move(town, stay, "R5")
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("rooms.0", "room_not_of_unit")]
    with pytest.raises(Invalid) as refused:
        move(town, stay, "R1", "R9")
    assert [fault.field for fault in refused.value.faults] == ["rooms.1"]


def test_full_room_is_a_conflict_and_nothing_moves(town):
    client, stay = lives_in(town, "R1")
    lives_in(town, "R2")
    with pytest.raises(Conflict, match="rooms_gone"):
        move(town, stay, "R2")
    assert rooms_of(town, client) == {"R1": 1}


def test_second_of_two_moves_to_the_last_bed_is_refused(town):
    (first, one), (second, other) = lives_in(town, "R1"), lives_in(town, "R1")
    move(town, one, "R2")
    with pytest.raises(Conflict, match="rooms_gone"):
        move(town, other, "R2")
    assert (rooms_of(town, first), rooms_of(town, second)) == ({"R2": 1}, {"R1": 1})


def test_rule_that_breaks_in_the_other_unit_asks_to_confirm(town):
    family = town.take_over("U2-family", "R3", persons=(MOTHER, CHILD), given={"rooms": [RoomTaken("R3")]})
    with pytest.raises(Invalid) as refused:
        move(town, family, "R1")
    assert [(fault.field, fault.facts["rules"]) for fault in refused.value.faults] == [("confirm", ["children"])]
    moved = move(town, family, "R1", confirm=True)
    assert town.registration(moved.registration_id).breaks == ["children"]


@pytest.mark.wide
def test_danger_at_another_location_is_never_confirmed(town):
    with town.act() as act:  # a second location of S2, at the place of danger
        act.session.get_one(Unit, "U3-omm").location_id = "L1"
        act.session.flush()
        act.session.get_one(Location, "L1").shelter_id = "S2"
    client = town.register(parts={"threats": [ThreatInput(PointInput(place="Alkmaar"), 20)]})
    stay = town.house(client, "U4-crisis")
    with pytest.raises(Conflict) as refused:
        move(town, stay, "R4", actor=shelter("S2"), confirm=True)
    assert (refused.value.code, refused.value.facts["rules"]) == ("move_breaks_safety", ["scheme", "threat_distance"])


@pytest.mark.wide
def test_swap_of_two_changes_their_beds(town):
    (first, one), (second, other) = lives_in(town, "R1"), lives_in(town, "R2")
    third, _ = lives_in(town, "R1")
    swap(town, one, other)
    assert (rooms_of(town, first), rooms_of(town, second), rooms_of(town, third)) == (
        {"R2": 1}, {"R1": 1}, {"R1": 1}
    )  # fmt: skip
    swap(town, other, one)
    assert (rooms_of(town, first), rooms_of(town, second)) == ({"R1": 1}, {"R2": 1})


@pytest.mark.wide
def test_swap_that_one_of_two_has_no_room_for_leaves_both(town):
    pair = town.take_over("U1-women", "R1", persons=((F, 30), (F, 31)))
    client = town.one("stay", pair).registration_id
    other, single = lives_in(town, "R2")
    with pytest.raises(Conflict, match="rooms_gone"):
        swap(town, single, pair)
    assert (rooms_of(town, client), rooms_of(town, other)) == ({"R1": 2}, {"R2": 1})


def test_swap_within_a_room_or_between_shelters_is_refused(town):
    (_, one), (_, other) = lives_in(town, "R1"), lives_in(town, "R1")
    elsewhere = town.take_over("U4-crisis", "R5")
    for actor, stay, code in (
        (DESK, other, "same_room"),
        (DESK, elsewhere, "stay_of_other_shelter"),
        (STAFF, elsewhere, "stay_of_other_shelter"),  # refused like a stay that does not exist
        (STAFF, "S-unknown", "stay_of_other_shelter"),
    ):
        with pytest.raises(Invalid) as refused:
            swap(town, one, stay, actor=actor)
        assert [(fault.field, fault.code) for fault in refused.value.faults] == [("stay", code)]


def test_move_of_a_client_on_the_way_or_gone_is_a_conflict(town):
    planned = town.confirm(town.hold_in(town.register(), "U1-women")).id
    with pytest.raises(Conflict, match="stay_not_in_house"):
        move(town, planned, "R2")
    _, stay = lives_in(town, "R1")
    town.end(stay)
    with pytest.raises(Conflict, match="stay_not_in_house"):
        move(town, stay, "R2")


def test_move_is_of_the_shelter_and_the_desk_alone(town):
    _, stay = lives_in(town, "R1")
    with pytest.raises(NotFound):
        move(town, stay, "R2", actor=shelter("S2"))
    with pytest.raises(NotAllowed):
        move(town, stay, "R2", actor=COORDINATOR)
    move(town, stay, "R2", actor=DESK)


def test_moving_client_changes_rooms_within_the_shelter(town):
    client = town.register()
    stay = town.house(client, "U1-women")
    ask(town, client)
    [room] = rooms_of(town, client)
    other = "R2" if room == "R1" else "R1"
    move(town, stay, other)
    assert (rooms_of(town, client), status(town, client).value) == ({other: 1}, "moving")


def test_household_that_has_its_rooms_alone_takes_the_whole_room(town):
    stay = town.take_over("U2-family", "R3", persons=(MOTHER, CHILD))
    client = town.one("stay", stay).registration_id
    assert rooms_of(town, client) == {"R3": 3}
    move(town, stay, "R1", confirm=True)
    assert rooms_of(town, client) == {"R1": 2}


def test_choices_are_the_rooms_and_clients_of_the_shelter(town):
    (first, one), (_, other) = lives_in(town, "R1"), lives_in(town, "R2")
    elsewhere = town.take_over("U4-crisis", "R5")
    found = town.do(room_moves.choices, one, actor=DESK)
    assert [(room.id, unit, free) for room, unit, free in found.rooms] == [
        ("R1", "U1-women", 1), ("R2", "U1-women", 0), ("R3", "U2-family", 3)
    ]  # fmt: skip
    assert ([stay.id for stay in found.others], found.stay.registration_id) == ([other], first)
    assert elsewhere not in {stay.id for stay in found.others}
    with town.act(DESK) as act:
        rooms = rooms_of_stays(act, [found.stay, *found.others, town.one("stay", elsewhere)])
    assert {stay: [room.id for room in theirs] for stay, theirs in rooms.items()} == {
        one: ["R1"], other: ["R2"], elsewhere: ["R5"]
    }  # fmt: skip
    with pytest.raises(NotFound):
        town.do(room_moves.choices, one, actor=shelter("S2"))


def otherwise(act, rooms):
    with pytest.raises(Conflict, match="lives_otherwise") as refused:
        act()
    assert refused.value.facts["rooms"] == rooms


def test_second_move_from_rooms_left_meanwhile_is_refused(town):
    client, stay = lives_in(town, "R1")
    move(town, stay, "R2", seen=["R1"])
    otherwise(lambda: move(town, stay, "R3", seen=["R1"], confirm=True), ["U1-women · R2"])
    assert rooms_of(town, client) == {"R2": 1}
    move(town, stay, "R1", seen=["R2"])
    assert rooms_of(town, client) == {"R1": 1}


@pytest.mark.wide
def test_swap_with_a_household_that_moved_meanwhile_is_refused(town):
    (first, one), (second, other) = lives_in(town, "R1"), lives_in(town, "R2")
    move(town, other, "R3", confirm=True)
    otherwise(lambda: swap(town, one, other, seen={one: ["R1"], other: ["R2"]}, confirm=True), ["U2-family · R3"])
    assert (rooms_of(town, first), rooms_of(town, second)) == ({"R1": 1}, {"R3": 1})
    swap(town, one, other, seen={one: ["R1"], other: ["R3"]}, confirm=True)
    otherwise(lambda: move(town, one, "R2", seen=["R1"]), ["U2-family · R3"])
    assert (rooms_of(town, first), rooms_of(town, second)) == ({"R3": 1}, {"R1": 1})
