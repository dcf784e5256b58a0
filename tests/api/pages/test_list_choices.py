"""A list in the state in which its reader left it: filter and order, in words, ended by one link, gone with the
session.
"""

import re

import pytest

from api.pages import registrations
from tests.support.api.bodies import CONFIRM
from tests.support.api.lists import OFF, ON, cases_on, clearing, note, three_who_wait
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def cases(service):
    return three_who_wait(service)


@pytest.fixture
def desk(service, cases):  # noqa: ARG001  (they are there before the first page)
    return signed_in(service, "desk", language="en")


@pytest.mark.wide
def test_list_is_by_the_menu_as_it_was_left(desk, cases):
    desk.get("/registrations?urgency=2&order=-waits")
    desk.get("/")
    page = desk.get("/registrations")
    assert cases_on(page) == [cases[1]]
    assert note(page) == "Urgency: within days."
    assert re.search(r'value="-waits"\s+selected', page.text)


@pytest.mark.wide
def test_one_link_ends_the_filter_and_leaves_the_order(desk, cases):
    page = desk.get("/registrations?urgency=2&waited=1&order=-waits")
    page = desk.get(clearing(page))
    assert (cases_on(page), ON in page.text) == (cases[::-1], False)
    assert cases_on(desk.get("/registrations")) == cases[::-1]


@pytest.mark.wide
def test_filter_in_a_link_is_stronger_than_what_was_left(desk, cases):
    desk.get("/registrations?urgency=2")
    assert cases_on(desk.get("/registrations?status=open")) == cases
    assert cases_on(desk.get("/registrations")) == cases


@pytest.mark.wide
def test_page_further_on_has_the_filter_as_it_was_left(desk, cases):
    desk.get("/registrations?urgency=2")
    assert cases_on(desk.get("/registrations?offset=0")) == [cases[1]]


@pytest.mark.wide
@pytest.mark.parametrize("asked", ["urgency=9&order=alias&region=nowhere", "status=gone&waited=2", "order="])
def test_unknown_choice_is_ignored(desk, cases, asked):
    page = desk.get(f"/registrations?{asked}")
    assert (page.status_code, cases_on(page), ON in page.text) == (200, cases, False)


@pytest.mark.wide
def test_choice_that_is_not_allowed_any_more_is_ignored(desk, cases, monkeypatch):
    assert ON in desk.get("/registrations?region=den-haag").text
    monkeypatch.setattr(registrations, "area_choices", lambda _: [("limburg", "Limburg")])
    page = desk.get("/registrations")
    assert (cases_on(page), ON in page.text) == (cases, False)


@pytest.mark.wide
def test_filter_is_said_in_dutch(desk):
    desk.language = "nl"
    assert "Er staat een filter aan. Status: alle. Filter wissen" in words_of(desk.get("/registrations?status="))


@pytest.mark.wide
def test_what_was_left_is_gone_after_signing_out(service, desk, cases):
    desk.get("/registrations?urgency=2")
    sealed = desk.cookies["__Host-placement-choices"]
    desk.send("/sign-out")
    assert not any(value.strip('"') for name, value in desk.cookies.items() if name.endswith(("-choices", "-lists")))
    other = signed_in(service, "desk", language="en")
    other.cookies["__Host-placement-choices"] = sealed
    assert cases_on(other.get("/registrations")) == cases


@pytest.mark.wide
def test_what_was_left_is_in_no_store(service, desk):
    before = service.digest()
    desk.get("/registrations?urgency=2&order=waits")
    assert service.digest() == before


@pytest.mark.wide
def test_log_is_left_without_user_and_case(service, cases):
    auditor = signed_in(service, "auditor")
    auditor.get(f"/log?registration={cases[0]}&actor=A-1&event=registration:made&since=2026-01-01")
    assert "Registration: " + cases[0] in words_of(auditor.page)
    said = words_of(auditor.get("/log"))
    assert f"{ON} Event: registration:made. From: 1 Jan 2026. {OFF}" in said
    assert ON not in auditor.get(clearing(auditor.page)).text
    assert auditor.get("/log?since=yesterday").status_code == 400
    assert auditor.get("/log").status_code == 200


@pytest.mark.wide
def test_filter_of_holds_says_how_many_it_leaves_out(service):
    hold = asked_hold(service)
    staff = signed_in(service, "shelter_staff")
    assert 'name="order"' not in staff.get("/holds").text
    page = words_of(staff.get("/holds?status=confirmed"))
    assert f"{ON} Status: confirmed. 1 is not shown. {OFF}" in page
    assert "Nothing matches this filter." in page
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    assert hold in staff.get("/holds").text


@pytest.mark.wide
def test_search_of_a_case_leaves_the_one_without_it_as_it_was(desk, cases):
    desk.get("/places")
    desk.send("/places", girls="9")
    desk.get(f"/places?registration={cases[0]}")
    page = desk.get("/places")
    assert cases[0] not in page.text
    assert "Girls, ages: 9." in words_of(page)


@pytest.mark.wide
def test_link_to_one_of_a_list_shows_it_whatever_was_left(service):
    hold = asked_hold(service)
    staff = signed_in(service, "shelter_staff")
    staff.get("/holds?status=confirmed")
    link = re.search(rf'href="(/holds[^"]*)#{hold}"', staff.get("/capacity").text)[1]
    assert f'id="{hold}"' in staff.get(link).text
