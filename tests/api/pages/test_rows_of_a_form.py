"""Rows of a form: a row with content is not left out, and a fault appears at the row in which it was typed."""

import re

import pytest

from api.pages.forms import Form
from tests.support.api.page_content import faulty
from tests.support.api.pages import fill_in, filled, signed_in
from tests.support.stores import one_store


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"persons__1__gender": "female"}, "persons.1.age"),
        ({"threats__0__min_km": "60"}, "threats.0.place"),
        ({"reach__0__max_km": "20"}, "reach.0.place"),
        ({"languages__1__level": "basic"}, "languages.1.code"),
    ],
)
def test_half_a_row_of_a_client_is_told_and_not_left_out(desk, typed, fault):
    wrong = desk.send("/registrations/new", **(fill_in(desk) | typed))
    assert wrong.status_code == 400
    assert faulty(wrong) == {fault}


@pytest.mark.wide
@one_store
def test_room_of_a_client_without_its_name_is_told(desk):
    typed = fill_in(desk) | {"came_on": "2026-01-01", "rooms__0__persons": "1"}
    desk.get("/takeovers/new?shelter=S01")
    room = "S01-L1-U1 S01-L1-U1-R01"
    wrong = desk.send("/takeovers/new?shelter=S01", **(typed | {"rooms__0__room": room, "rooms__1__persons": "1"}))
    assert {one for one in faulty(wrong) if one.startswith(("rooms", "unit"))} == {"rooms.1.room"}
    assert "rooms.1.room" in wrong.text.partition("<details open>")[2]


@pytest.mark.wide
@one_store
def test_fault_of_a_client_stands_at_the_row_of_it(desk):
    """A row was left empty before it."""
    typed = fill_in(desk) | {"persons__0__gender": "", "persons__0__age": "", "persons__1__age": "31"}
    wrong = desk.send("/registrations/new", **typed)
    assert faulty(wrong) == {"persons.0.gender"}
    assert re.search(r'name="persons.0.age"[^>]* value="31"', wrong.text)


@pytest.mark.wide
@one_store
def test_danger_at_a_place_of_two_is_saved_again_as_it_stands(desk, service):
    typed = fill_in(desk) | {"threats__0__place": "Beek (Limburg)", "near__place": "Veldhuizen (Utrecht)"}
    case = desk.send("/registrations/new", **typed).url.path
    again = filled(desk.get(f"{case}/edit").text, "filling")
    assert (again["threats.0.place"], again["near.place"]) == ("Beek (Limburg)", "Veldhuizen (Utrecht)")
    before = service.desk.get(case).json()
    assert desk.send(f"{case}/edit", button=again).url.path == case
    assert service.desk.get(case).json()["threats"] == before["threats"]


def test_rows_are_numbered_without_gaps_each_list_by_itself():
    typed = [("a.0.x", ""), ("a.2.x", "1"), ("b.1.x", "2"), ("a.10.x", "3"), ("a.10.y", ""), ("c", ""), ("a.b", "4")]
    closed = Form(typed).without_gaps()
    assert closed.fields == [("a.0.x", "1"), ("b.0.x", "2"), ("a.1.x", "3"), ("a.1.y", ""), ("c", ""), ("a.b", "4")]
    assert closed.without_gaps().fields == closed.fields
