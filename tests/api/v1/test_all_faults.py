"""Faults in a request: one answer contains those of the input model, and those of the domain in the rest."""

import pytest

from tests.support.api.service import rooms_as_they_are, somebody
from tests.support.stores import one_store

pytestmark = one_store

WRONG = {
    "urgency": 9,
    "persons": [{"gender": "x", "age": 30}, {"gender": "female", "age": 12, "adult_on": "2040-05-01"}],
    "languages": [{"code": "Klingonish", "level": "fluent"}, {"code": "en", "level": "much"}],
    "threats": [{"place": "Roterdam", "min_km": -3}],
    "colour": "red",
}
TOLD = {
    "urgency": "too_high",
    "persons.0.gender": "not_listed",
    "persons.1.adult_on": "adult_on_differs",
    "languages.0.code": "language_unknown",
    "languages.1.level": "not_listed",
    "threats.0.place": "place_unknown",
    "threats.0.min_km": "too_low",
    "colour": "field_unknown",
}


def told(answer):
    assert answer.status_code == 400
    return {one["field"]: one["code"] for one in answer.json()["errors"]}


@pytest.fixture
def desk(service):
    return service.desk


def test_registration_is_told_all_its_faults(desk):
    assert told(desk.post("/registrations", {**somebody(), **WRONG})) == TOLD
    wrong = {"urgency": 9, "region": "nowhere", "persons": [{"gender": "x", "age": 30}]}
    assert told(desk.post("/registrations", {**somebody(), **wrong})) == {
        "urgency": "too_high",
        "region": "area_unknown",
        "persons.0.gender": "not_listed",
    }


def test_change_is_told_all_its_faults(desk):
    case = desk.made("/registrations", somebody())
    answer = desk.patch(f"/registrations/{case['id']}", WRONG, if_match='"1"')
    assert told(answer) == TOLD


def test_takeover_is_told_all_its_faults(service):
    desk = service.signed_in("desk")
    assert told(desk.post("/takeovers", {**somebody(), **WRONG})) == {**TOLD, "waits_since": "lives_or_waits"}


def test_report_is_told_all_its_faults(service):
    shelter = service.shelter
    first, second, *others = rooms_as_they_are(shelter, "S01")
    rooms = [
        {**first, "out_of_service": {"beds": -1}},
        {**second, "counted_free": 99},
        *others[1:],
        {"room": "S02-L1-U1-R01"},
    ]
    assert told(shelter.put("/shelters/S01/capacity", {"rooms": rooms, "colour": "red"})) == {
        "rooms.0.out_of_service.beds": "too_low",
        "rooms.1.counted_free": "too_many_beds",
        f"rooms.{len(rooms) - 1}.room": "room_unknown",
        "colour": "field_unknown",
    }


def test_case_of_others_is_not_told_about(service):
    """The domain checks a request only within the reach of the caller."""
    case = service.desk.made("/registrations", {**somebody(), "region": "rotterdam"})["id"]
    answer = service.coordinator.patch(f"/registrations/{case}", WRONG, if_match='"1"')
    assert answer.status_code == 404


def test_profile_is_told_all_its_faults(service):
    wrong = {"admits": ["women"], "min_age": 40, "max_age": 30, "children": {"max_age": 5, "boys_max_age": 6}}
    spoken = {"languages": ["nl", "Klingonish"], "interpreter_languages": ["*", "mul"], "specialisms": []}
    answer = service.shelter.put("/units/S01-L1-U1/profile", {**wrong, **spoken}, if_match='"1"')
    assert told(answer) == {
        "admits.0": "not_listed",
        "max_age": "ages_reversed",
        "children.boys_max_age": "boys_above_children",
        "languages.1": "language_unknown",
        "interpreter_languages.1": "language_unknown",
    }
