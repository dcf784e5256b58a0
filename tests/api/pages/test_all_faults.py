"""Faults in a form of a case: the input model and the domain report all of them at once."""

import pytest

from tests.support.api.page_content import faulty
from tests.support.api.pages import fill_in, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store

WRONG = {
    "urgency": "",
    "persons__0__gender": "",
    "persons__1__gender": "",
    "persons__1__age": "12",
    "persons__1__adult_on": "1 mei 2040",
    "needed_by": "ergens in mei",
    "languages__0__level": "",
    "languages__1__code": "Klingonish",
    "languages__1__level": "",
    "threats__0__place": "Rotterda",
    "threats__0__min_km": "-3",
    "threats__1__place": "Roterdam",
    "keep_apart": "groene lantaarn",
}
TOLD = {
    "urgency",
    "persons.0.gender",
    "persons.1.gender",
    "persons.1.adult_on",
    "needed_by",
    "languages.0.level",
    "languages.1.code",
    "languages.1.level",
    "threats.0.place",
    "threats.0.min_km",
    "threats.1.place",
    "keep_apart",
}


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


@pytest.mark.wide
def test_all_faults_of_a_registration_are_told_at_once(desk):
    wrong = desk.send("/registrations/new", **(fill_in(desk) | WRONG))
    assert wrong.status_code == 400
    assert faulty(wrong) == TOLD


@pytest.mark.wide
def test_missing_region_is_told_with_the_other_faults(desk):
    typed = fill_in(desk) | {"region": "", "municipality": "", "registrant_unit": "nowhere", "persons__0__gender": ""}
    wrong = desk.send("/registrations/new", **typed)
    assert faulty(wrong) == {"region", "registrant_unit", "persons.0.gender"}


@pytest.mark.wide
def test_what_rests_on_a_wrong_field_is_not_told(desk):
    """A language of which the level is not chosen is no missing language; no area follows from unknown persons."""
    wrong = desk.send("/registrations/new", **(fill_in(desk) | {"languages__0__level": "", "persons__0__age": "-1"}))
    assert faulty(wrong) == {"languages.0.level", "persons.0.age"}


@pytest.mark.wide
def test_step_tells_its_faults_at_once(desk):
    typed = fill_in(desk) | WRONG | {"step": "2"}
    desk.get("/registrations/new?step=2")
    wrong = desk.send("/registrations/new", button={"then": "next"}, **typed)
    assert {"urgency", "needed_by", "languages.0.level"} <= faulty(wrong)


@pytest.mark.wide
def test_change_of_a_case_tells_all_at_once(service, desk):
    case = service.desk.made("/registrations", somebody())["id"]
    typed = fill_in(desk) | WRONG
    desk.get(f"/registrations/{case}/edit")
    wrong = desk.send(f"/registrations/{case}/edit", **typed)
    assert faulty(wrong) == TOLD


@pytest.mark.wide
def test_takeover_tells_all_at_once(desk):
    desk.get("/takeovers/new?shelter=S01")
    typed = fill_in(desk) | WRONG | {"urgency": "2"}
    desk.get("/takeovers/new?shelter=S01")
    wrong = desk.send("/takeovers/new?shelter=S01", **typed)
    assert (TOLD - {"urgency"}) | {"waits_since"} <= faulty(wrong)


def test_region_and_parts_are_refused_in_one_answer(service):
    body = somebody(region="limburg", keep_apart=["R-1"], languages=[{"code": "qqq", "level": "fluent"}])
    answer = service.coordinator.post("/registrations", body)
    found = [one["field"] for one in answer.json()["errors"]]
    assert found == ["region", "languages.0.code", "keep_apart.0"]
