"""Reports of a shelter's program about its rooms: all rooms as it read them, some of them, or a single room."""

import pytest

from api.v1.capacity import CapacityIn, CapacityOut, RoomIn, RoomOut
from tests.support.stores import one_store

PATH = "/shelters/S01/capacity"


@pytest.fixture
def shelter(service):
    return service.shelter


def rooms_of(answer):
    assert answer.status_code == 200, answer.text
    return {room["room"]: room for room in answer.json()["rooms"]}


def faults_of(answer):
    assert answer.status_code == 400, answer.text
    return {(one["field"], one["code"]) for one in answer.json()["errors"]}


def test_every_field_of_the_answer_is_a_field_of_the_report():
    assert RoomOut.model_fields.keys() <= RoomIn.model_fields.keys()
    assert CapacityOut.model_fields.keys() == CapacityIn.model_fields.keys()


@pytest.mark.wide
@one_store
def test_answer_is_sent_back_with_one_changed_number(shelter):
    read = shelter.get(PATH).json()
    room = next(room for room in read["rooms"] if room["free_now"])
    room["out_of_service"] = {"beds": 1, "reason": "repair", "until": None}
    after = rooms_of(shelter.put(PATH, read))
    assert after[room["room"]]["free_now"] == room["free_now"] - 1
    again = shelter.get(PATH).json()
    assert shelter.put(PATH, again).json()["discrepancies"] == again["discrepancies"]
    assert rooms_of(shelter.put(PATH, {"rooms": again["rooms"]})).keys() == after.keys()


@one_store
def test_derived_day_does_not_become_the_shelters(shelter):
    """The only free bed becomes free later. The day is that of the residents who leave, and does not become a day of
    the room.
    """
    room = next(room for room in shelter.get(PATH).json()["rooms"] if room["beds"] == room["free_now"])
    day = "2026-12-01"
    uses = [{"count": room["beds"], "gender": "female", "until": day}]
    path = f"{PATH}/rooms/{room['room']}"
    known = rooms_of(shelter.patch(path, {"used_by_others": uses}))[room["room"]]
    assert (known["free_beds_from"], known["free_from"], known["free_now"]) == (day, None, 0)
    assert rooms_of(shelter.patch(path, {**known, "used_by_others": []}))[room["room"]]["free_now"] == room["beds"]


@one_store
def test_changed_field_of_the_answer_is_refused_by_name(shelter):
    read = shelter.get(PATH).json()
    first, second = read["rooms"][:2]
    first["free_now"] += 1
    second["name"] = "Other"
    answer = shelter.put(PATH, {**read, "name": "Else"}, accept_language="en")
    told = {("rooms.0.free_now", "field_of_the_answer"), ("rooms.1.name", "field_of_the_answer")}
    assert faults_of(answer) == {*told, ("name", "field_of_the_answer")}
    assert f"its value is {first['free_now'] - 1}, not {first['free_now']}" in answer.text
    changed = shelter.patch(f"{PATH}/rooms/{second['room']}", {"free_from": None, "name": "Other"})
    assert faults_of(changed) == {("name", "field_of_the_answer")}
    assert shelter.get(PATH).json()["version"] == read["version"]


@one_store
def test_report_of_one_room_has_the_age_of_that_room_alone(service, shelter):
    read = shelter.get(PATH).json()
    service.moment.pass_by(hours=2)
    one, *others = (room["room"] for room in read["rooms"])
    answer = shelter.patch(f"{PATH}/rooms/{one}", {"out_of_service": {"beds": 1, "reason": "repair"}})
    after = rooms_of(answer)
    assert after[one]["reported_at"] > read["reported_at"]
    assert {after[room]["reported_at"] for room in others} == {read["reported_at"]}
    assert (answer.json()["reported_at"], answer.json()["missing"]) == (read["reported_at"], [])
    kept = rooms_of(shelter.patch(f"{PATH}/rooms/{one}", {"free_from": None}))
    assert kept[one]["out_of_service"]["beds"] == 1
    whole = shelter.put(PATH, {"rooms": [{"room": room} for room in others]}).json()
    assert [room["room"] for room in whole["missing"]] == [one]
    assert whole["reported_at"] == after[one]["reported_at"]


@one_store
def test_report_of_one_room_names_a_count_of_a_room_of_today(shelter):
    one, *_ = (room["room"] for room in shelter.get(PATH).json()["rooms"])
    path = f"{PATH}/rooms/{one}"
    assert faults_of(shelter.patch(path, {})) == {("body", "room_uncounted")}
    assert faults_of(shelter.patch(path, {"room": one})) == {("body", "room_uncounted")}
    assert faults_of(shelter.patch(path, {"out_of_service": {"beds": 99}})) == {
        ("out_of_service.beds", "too_many_beds")
    }
    assert shelter.patch(f"{PATH}/rooms/S02-L1-U1-R01", {"free_from": None}).status_code == 404
    assert shelter.patch(path, {"free_from": None}, if_match='"1"').status_code == 412


@pytest.mark.wide
def test_rooms_of_yesterday_are_stored_the_rest_is_named(service, shelter):
    rooms = [room["room"] for room in shelter.get(PATH).json()["rooms"]]
    unit = rooms[0].rpartition("-")[0]
    made = shelter.made(f"/units/{unit}/rooms", {"name": "Nieuw", "beds": 2})
    empty = next(
        room["room"] for room in shelter.get(PATH).json()["rooms"] if not room["taken"] and room["reported_at"]
    )
    closed = shelter.post(f"/rooms/{empty}/close", {"until": service.moment.at.date().isoformat()}, if_match='"1"')
    assert closed.status_code == 200, closed.text
    answer = shelter.put(PATH, {"rooms": [{"room": room} for room in rooms]})
    after = rooms_of(answer)
    assert answer.json()["ignored"] == [{"room": empty, "reason": "room_closed"}]
    assert answer.json()["missing"] == [{"room": made["id"], "name": "Nieuw", "reported_at": None}]
    assert (answer.json()["freshness"], after[made["id"]]["free_now"]) == ("fresh", 0)
    assert faults_of(shelter.put(PATH, {"rooms": [{"room": empty}]})) == {("rooms.0.room", "room_closed")}
