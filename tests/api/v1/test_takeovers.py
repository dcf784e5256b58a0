"""The take-over through HTTP: the first morning of an organisation, and what follows from it."""

from datetime import timedelta

import pytest

from placement.core.context import SYSTEM, Act
from placement.notifications import reminders
from tests.support.api.bodies import CONFIRM
from tests.support.api.service import AT, somebody

TODAY = AT.date()
UNIT, ROOM = "S01-L1-U1", "S01-L1-U1-R01"


def since(days):
    return (TODAY - timedelta(days=days)).isoformat()


def resident(days=80, **facts):
    return somebody(**{"unit": UNIT, "rooms": [{"room": ROOM}], "came_on": since(days), **facts})


def faults_of(answer):
    assert answer.status_code == 400, answer.text
    return [(fault["field"], fault["code"]) for fault in answer.json()["errors"]]


@pytest.mark.wide
def test_journey_of_a_first_morning(service):
    desk, shelter, coordinator = service.desk, service.shelter, service.coordinator
    service.close_all()

    # One lives in S01 for eighty days, another waits for ten: the desk enters both.
    lives = desk.made("/takeovers", resident(alias="Roos", needs=["pregnancy"]))
    case, stay = lives["registration"], lives["stay"]
    assert (case["status"], case["taken_over_on"], case["lives_against"]) == ("placed", str(TODAY), [])
    assert case["entitlement"]["schemes"] == ["cosm", "crisis"]
    assert (stay["status"], stay["day"], stay["mark"]) == ("in_house", 81, 75)
    assert (stay["starts_on"], stay["limit_on"]) == (since(80), since(-10))
    assert (case["proposal"], case["decision"]) == (None, None)
    waits = desk.made("/takeovers", somebody(waits_since=since(10), alias="Iris", needs=["pregnancy"]))
    assert (waits["stay"], waits["registration"]["status"]) == (None, "open")
    assert desk.get("/registrations?status=open&waited_days=10").json()["items"][0]["id"] == waits["registration"]["id"]
    assert desk.get("/decisions").json()["items"] == []

    # The shelter sees its resident, and a bed fewer; the coordinator of the area has the case.
    mine = {row["id"]: row for row in shelter.get("/stays?status=in_house").json()["items"]}
    assert mine[stay["id"]]["taken_over_on"] == str(TODAY)
    assert stay["id"] not in {row["id"] for row in service.other_shelter.get("/stays").json()["items"]}
    rooms = {room["room"]: room for room in shelter.get("/shelters/S01/capacity").json()["rooms"]}
    assert (rooms[ROOM]["taken"], rooms[ROOM]["free_now"]) == (1, 2)
    assert coordinator.get(f"/registrations/{case['id']}").json()["taken_over_on"] == str(TODAY)

    # Of three marks that have passed, only the last has a reminder. The reason for a longer stay is entered as usual.
    with service.database.transaction() as session:
        reminders.remind_of_stays(Act(session, SYSTEM, AT, service.country.settings), AT)
    mine = [row for row in shelter.get("/reminders").json()["items"] if row["about"] == stay["id"]]
    assert [row["mark"] for row in mine] == ["75"]
    assert shelter.made(f"/stays/{stay['id']}/blocker", {"blocker": "medical"})["blocker"] == "medical"

    # The waiting client is placed in the ordinary way, beside the resident; that is an arrival.
    proposal = coordinator.made(f"/registrations/{waits['registration']['id']}/proposals")
    assert proposal["chosen"]["unit"] == UNIT
    decision = desk.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    service.staff.made(f"/holds/{decision['hold']}/answer", CONFIRM)
    assert shelter.made(f"/holds/{decision['hold']}/arrival")["taken_over_on"] is None

    # The resident must leave for safety: a place is sought as for any other, and the bed is free.
    service.staff.made(f"/stays/{stay['id']}/end", {"reason": "moved_for_safety"})
    again = coordinator.get(f"/registrations/{case['id']}").json()
    assert (again["status"], again["urgency"], again["lives_against"]) == ("open", 1, [])
    assert [(row["kind"], row["target"]) for row in again["avoided"]] == [("location", "S01-L1")]


@pytest.mark.wide
def test_takeover_near_danger_is_stored_with_a_note(service):
    centre = {"lat": 52.6, "lon": 5.0, "min_km": 400}
    made = service.desk.made("/takeovers", resident(threats=[centre]), Accept_Language="en")
    [broken] = made["registration"]["lives_against"]
    assert broken["rule"] == "threat_distance"
    assert broken["facts"]["km"] < broken["facts"]["min_km"] == 400
    path = f"/registrations/{made['registration']['id']}"
    assert [row["rule"] for row in service.coordinator.get(path).json()["lives_against"]] == ["threat_distance"]


@pytest.mark.wide
def test_client_kept_apart_is_named_to_the_desk_alone(service):
    first = service.desk.made("/takeovers", resident(region="limburg"))["registration"]["id"]
    body = resident(rooms=[{"room": "S01-L1-U2-R01"}], unit="S01-L1-U2", keep_apart=[first])
    second = service.desk.made("/takeovers", body)["registration"]
    pair = [row for row in second["lives_against"] if row["rule"] == "keep_apart"]
    assert [row["facts"]["registrations"] for row in pair] == [[first]]
    seen = service.coordinator.get(f"/registrations/{second['id']}").json()
    assert "keep_apart" not in {row["rule"] for row in seen["lives_against"]}
    assert first not in repr(seen)


@pytest.mark.wide
def test_like_client_is_asked_about_and_taken_when_confirmed(service):
    first = service.desk.made("/takeovers", resident(alias="Roos"))
    again = service.desk.post("/takeovers", resident(alias="Roos"))
    assert faults_of(again) == [("confirm", "known_already")]
    assert first["registration"]["id"] in again.text
    service.desk.made("/takeovers", resident(alias="Roos", confirm=True))


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"came_on": since(-1)}, [("came_on", "day_ahead")]),
        ({"came_on": "1999-01-01"}, [("came_on", "not_this_century")]),
        ({"came_on": None}, [("came_on", "missing")]),
        ({"unit": None, "rooms": []}, [("unit", "missing"), ("rooms", "missing")]),
        ({"waits_since": since(3)}, [(name, "lives_or_waits") for name in ("unit", "rooms", "came_on")]),
        ({"unit": None, "rooms": [], "came_on": None}, [("waits_since", "lives_or_waits")]),
        ({"unit": "S99"}, [("unit", "unit_unknown")]),
        ({"rooms": [{"room": "S01-L1-U2-R01"}]}, [("rooms.0.room", "room_not_of_unit")]),
        ({"rooms": [{"room": "S01-L1-U1-R02"}]}, [("rooms.0.room", "room_full_since")]),
        ({"rooms": [{"room": ROOM, "persons": 0}]}, [("rooms.0.persons", "too_low")]),
        ({"persons": [{"gender": "female", "age": 30}] * 4}, [("rooms.0.room", "room_full_since")]),
        ({"open": True}, [("open", "field_unknown")]),
        ({"threats": [{"place": "Roterdam"}]}, [("threats.0.place", "place_unknown")]),
        ({"region": "atlantis", "came_on": since(-1)}, [("came_on", "day_ahead"), ("region", "area_unknown")]),
    ],
)
def test_wrong_takeover_names_the_field_and_stores_nothing(shared, change, faults):
    before = shared.digest()
    assert faults_of(shared.desk.post("/takeovers", resident(0, **change))) == faults
    assert shared.digest() == before


def test_registration_route_knows_no_past_day(shared):
    """Only the take-over by the desk can set the day since which a client waits."""
    for body in (somebody(waits_since=since(3)), somebody(came_on=since(3)), somebody(taken_over_on=since(3))):
        assert faults_of(shared.desk.post("/registrations", body))[0][1] == "field_unknown"
