"""A registration step by step, or on one page; checked and read back before it is saved. Nothing typed is lost."""

import re

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import PRIVATE, fill_in, signed_in
from tests.support.stores import one_store

pytestmark = one_store
WHO = {"region": "amsterdam", "registrant": "NP", "residence_basis": "reflection", "alias": PRIVATE}
PERSONS = {"persons__0__gender": "female", "persons__0__age": "31", "persons__0__guardian": "yes"}
CHILD = {"persons__1__gender": "female", "persons__1__age": "9"}
LANGUAGES = {"languages__0__code": "Tigrinya", "languages__0__level": "native"}
DANGER = {"threats__0__place": "Rotterdam", "threats__0__min_km": "60"}


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


def case_of(service, page):
    return service.desk.get("/registrations/" + page.url.path.split("/")[2]).json()


def goes_on(desk, **said):
    action = re.search(r'<form method="post" action="([^"]+)" class="long filling"', desk.page.text)[1]
    return desk.send(action, button={"then": "next"}, **said)


@pytest.mark.wide
def test_steps_lead_to_the_check_and_to_a_waiting_case(service, desk):
    desk.get("/registrations/new?step=1")
    assert 'name="urgency"' not in desk.page.text
    page = goes_on(desk, **WHO, **PERSONS, **CHILD)
    assert (page.url.path[-5:], page.url.query) == ("/edit", b"step=2")
    wrong = goes_on(desk, **LANGUAGES)
    assert wrong.status_code == 400
    assert 'name="urgency" aria-invalid="true"' in wrong.text
    assert 'value="Tigrinya"' in wrong.text
    assert "Step 2 of 5" in words_of(wrong)
    goes_on(desk, **LANGUAGES, urgency="1")
    goes_on(desk, needs="pregnancy")
    goes_on(desk, **DANGER)
    page = goes_on(desk)
    assert page.url.path.endswith("/check")
    said = words_of(page)
    assert "woman 31 (parent or guardian); girl 9." in said
    assert "Tigrinya (native)." in said
    assert said.count("Tigrinya (native)") == 2  # in its part too
    assert "Not within 60 km of Rotterdam." in said
    assert "Needs a place: tonight, by" in said
    assert case_of(service, page)["status"] == "draft"
    made = case_of(service, desk.send(page.url.path))
    assert (made["status"], made["urgency"], made["needs"]) == ("open", 1, ["pregnancy"])
    assert (made["alias"], len(made["persons"])) == (PRIVATE, 2)


@pytest.mark.wide
def test_assumed_answers_are_marked(desk):
    mark = "assumed; change it if it is wrong"
    silent = words_of(desk.send("/registrations/new", button={"then": "check"}, **fill_in(desk)))
    assert f"A common language is required yes {mark}" in silent
    assert silent.count(mark) == 2  # the other box that is true unless it is ticked: a mixed house
    given = fill_in(desk) | {"not_language_required": "yes", "not_accepts_mixed": "yes"}
    assert mark not in words_of(desk.send("/registrations/new", button={"then": "check"}, **given))


@pytest.mark.wide
def test_way_back_to_a_step_keeps_the_others(service, desk):
    desk.get("/registrations/new?step=1")
    case = case_of(service, goes_on(desk, **WHO, **PERSONS))["id"]
    goes_on(desk, **LANGUAGES, urgency="2")
    desk.get(f"/registrations/{case}/edit?step=1")
    desk.send(f"/registrations/{case}/edit", button={"then": "draft"}, **WHO, **(PERSONS | {"persons__0__age": "32"}))
    found = service.desk.get(f"/registrations/{case}").json()
    assert found["persons"][0]["age"] == 32
    assert (found["urgency"], [one["code"] for one in found["languages"]]) == (2, ["ti"])


@pytest.mark.wide
def test_one_page_can_be_checked_too(service, desk):
    page = desk.send("/registrations/new", button={"then": "check"}, **fill_in(desk))
    assert page.url.path.endswith("/check")
    assert case_of(service, page)["status"] == "draft"
    version = service.desk.get(page.url.path.removesuffix("/check")).headers["ETag"]
    assert service.desk.patch(page.url.path.removesuffix("/check"), {"urgency": 3}, if_match=version).is_success
    assert desk.send(page.url.path).status_code in {409, 412}
    desk.get(page.url.path)
    assert case_of(service, desk.send(page.url.path))["status"] == "open"


@pytest.mark.wide
def test_check_that_is_refused_says_that_the_draft_is_kept(service, desk):
    desk.get("/registrations/new?step=1")
    case = case_of(service, goes_on(desk, **WHO, **PERSONS))["id"]
    desk.get(f"/registrations/{case}/check")
    refused = desk.send(f"/registrations/{case}/check")
    assert (refused.status_code, "Nothing was stored." in words_of(refused)) == (400, False)
    assert "The draft keeps what you saved last." in words_of(refused)


@pytest.mark.wide
def test_browser_remembers_which_of_the_two_is_wanted(desk):
    assert "Step by step" in words_of(desk.get("/registrations/new"))
    desk.get("/registrations/new?step=1")
    assert "Step 1 of 5" in words_of(desk.get("/registrations/new"))
    desk.get("/registrations/new?step=0")
    assert 'name="urgency"' in desk.get("/registrations/new").text


@pytest.mark.wide
def test_check_of_a_case_that_waits_is_its_page(service, desk):
    made = desk.send("/registrations/new", **fill_in(desk))
    case = case_of(service, made)["id"]
    assert desk.get(f"/registrations/{case}/check").url.path == f"/registrations/{case}"
