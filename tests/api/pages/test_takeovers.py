"""The pages of the take-over: a client who lives in a shelter, a client who waits, and the notices to the desk."""

from datetime import timedelta

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import fill_in, signed_in
from tests.support.api.service import AT
from tests.support.stores import one_store

ROOM = "S01-L1-U1 S01-L1-U1-R01"
FORM = "/takeovers/new"
THERE = f"{FORM}?shelter=S01"


def day(ago):
    return (AT.date() - timedelta(days=ago)).isoformat()


@pytest.fixture
def desk(service):
    return signed_in(service, "desk")


def said(desk, **more):
    """Returns the fields of the registration form, with the place in which the client lives."""
    facts = fill_in(desk)
    desk.get(THERE)
    return facts | {"rooms__0__room": ROOM, "came_on": day(80)} | more


@pytest.mark.wide
@one_store
def test_desk_takes_over_a_client_in_a_shelter(desk):
    listed = desk.get("/registrations").text
    assert f'href="{FORM}"' in listed
    assert f'href="{THERE}"' in desk.get(FORM).text
    page = words_of(desk.send(THERE, **said(desk)))
    assert "placed" in page.lower()
    assert "Taken over on" in page
    assert "breaks a rule" not in page
    assert "taken over on" in words_of(desk.get("/stays?from=0"))


@pytest.mark.wide
@one_store
def test_desk_takes_over_a_client_that_waits(desk):
    facts = fill_in(desk)
    desk.get(FORM)
    page = words_of(desk.send(FORM, **facts | {"waits_since": day(10)}))
    assert "Taken over on" in page
    assert "Waits since" in page


@pytest.mark.wide
@one_store
def test_place_near_danger_is_a_loud_note(desk):
    near = {"threats__0__place": "Utrecht", "threats__0__min_km": "400"}
    page = desk.send(THERE, **said(desk, **near))
    assert page.url.path.startswith("/registrations/R-")
    assert 'id="lives-against"' in page.text
    assert "breaks a rule" in words_of(page)


@pytest.mark.wide
@one_store
def test_wrong_takeover_keeps_the_form_and_names_the_field(desk):
    wrong = desk.send(THERE, **said(desk, came_on=day(-3), rooms__0__room=""))
    assert wrong.status_code == 400
    assert 'name="came_on"' in wrong.text
    wrong = desk.send(THERE, **said(desk, came_on=day(-3)))
    assert "is a day in the future" in words_of(wrong)
    assert f'<option value="{ROOM}" selected>' in wrong.text
    assert desk.send(THERE, **said(desk)).url.path.startswith("/registrations/R-")


@pytest.mark.wide
@one_store
def test_like_client_is_confirmed_on_the_form(desk):
    assert desk.send(THERE, **said(desk, alias="Roos")).status_code == 200
    asked = desk.send(THERE, **said(desk, alias="Roos"))
    assert asked.status_code == 400
    assert "It is another client" in words_of(asked)
    done = desk.send(THERE, **said(desk, alias="Roos", confirm="yes"))
    assert done.url.path.startswith("/registrations/R-")


@one_store
def test_coordinator_is_offered_no_takeover(service):
    coordinator = signed_in(service, "coordinator")
    assert FORM not in coordinator.get("/registrations").text
    assert coordinator.get(FORM).status_code == 403
