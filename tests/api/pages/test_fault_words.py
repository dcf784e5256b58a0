"""Faults on a page: in words, at the field, in the order of the page."""

import re

import pytest

from api.pages.faults import message_of
from placement.core.arrival_codes import Rung
from placement.core.reason_codes import ChangeReason
from tests.support.api.pages import fill_in, signed_in
from tests.support.stores import one_store

CODES = re.compile(r"[a-z]+_[a-z]+|[a-z]+:[a-z]+|BCP")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("rung_missing", {"allowed": [one.value for one in Rung]}),
        ("change_reason_missing", {"allowed": list(ChangeReason), "codes": list(ChangeReason)}),
        ("organisation_does_not_fit", {"role": "shelter_staff", "expected": ["care_coordination"]}),
        ("role_not_a_persons", {"expected": ["shelter_staff"]}),
        ("role_may_not", {"permission": "reports:read"}),
        ("language_unknown", {"found": "Klingonisch"}),
        ("reason_unknown", {"found": "no_capacity", "allowed": ["house_mix"]}),
        ("link_kind", {"allowed": ["same_client"]}),
    ],
)
def test_fault_on_a_page_names_no_code(code, facts, language):
    assert CODES.findall(message_of(code, facts, language)) == []


def test_day_in_a_fault_is_written_as_on_pages():
    assert message_of("day_passed", {"found": "2026-02-01"}, "nl").startswith("1 feb 2026 is")
    assert message_of("free_too_far_ahead", {"found": "2027-02-01", "furthest": "2027-01-01"}, "en").count("2027-") == 0


@pytest.fixture
def wrong(service):
    desk = signed_in(service, "desk")

    def send(**facts):
        answer = desk.send("/registrations/new", **(fill_in(desk) | facts))
        assert answer.status_code == 400
        return re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', answer.text), answer.text

    return send


@pytest.mark.wide
@one_store
def test_words_of_one_field_are_faults_of_that_field(wrong):
    faults, page = wrong(keep_apart="R-1, nobody")
    [(field, message)] = faults
    assert field == "keep_apart"
    assert message.startswith("Not in one place with: ")
    assert "R-1" in message
    assert "nobody" in message
    assert 'aria-describedby="keep_apart-fault"' in page


@pytest.mark.wide
@one_store
def test_name_of_a_case_is_answered_with_what_is_asked(wrong):
    [(_, message)] = wrong(stay_with="groene lantaarn 😀")[0]
    assert "such as R-4NPN-2N43-4VBD" in message


@pytest.mark.wide
@one_store
def test_faults_are_told_in_the_order_of_the_page(wrong):
    faults, _ = wrong(
        registrant="", urgency="", persons__0__age="-1", threats__0__place="Rotterdam", threats__0__min_km="-5"
    )
    assert [field for field, _ in faults] == ["persons.0.age", "urgency", "threats.0.min_km", "registrant"]
    assert "This must be 0 or more." in dict(faults)["persons.0.age"]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", ["not_a_day", "not_a_moment"])
def test_day_that_is_left_out_is_asked_for(code, language):
    assert not re.search(r"\d", message_of(code, {}, language))


def fields_at_fault(answer):
    assert answer.status_code == 400
    return dict(re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', answer.text))


@pytest.mark.wide
@one_store
def test_faults_of_a_new_room_are_at_its_own_fields(service):
    desk = signed_in(service, "desk")
    desk.get("/register/unit/S01-L1-U1")
    found = fields_at_fault(desk.send("/register/unit/S01-L1-U1/add", new_name="", new_beds="many"))
    assert set(found) == {"new_name", "new_beds"}
    assert found["new_beds"].startswith("Beds: ")


@pytest.mark.wide
@one_store
def test_fault_of_a_house_that_moves_is_at_its_place(service):
    desk = signed_in(service, "desk")
    desk.get("/register/location/S01-L1")
    found = fields_at_fault(desk.send("/register/location/S01-L1/change", name="House", place="Brussels"))
    assert [*found] == ["place_other"]
    assert "Brussels is not in the list" in found["place_other"]


@pytest.mark.wide
@one_store
def test_faults_of_children_are_at_their_own_fields(service):
    staff = signed_in(service, "shelter_staff")
    page = "/units/S01-L1-U1/profile"
    staff.get(page)
    told = {"admits": "female", "min_age": "18", "max_age": "99", "children": "yes"}
    found = fields_at_fault(staff.send(page, **told, max_child="all", boys_max_age="-1"))
    assert set(found) == {"max_child", "boys_max_age"}


@pytest.mark.wide
@one_store
def test_fault_of_a_room_leads_to_what_is_filled_in(service):
    staff = signed_in(service, "shelter_staff")
    staff.get("/capacity")
    rooms = {f"rooms__0__{name}": value for name, value in (("others", "99"), ("gender", ""), ("out_until", "soon"))}
    found = fields_at_fault(staff.send("/capacity", **rooms))
    assert found
    assert all(f'id="{field}"' in staff.page.text for field in found)
    assert all(": " in message for message in found.values())
