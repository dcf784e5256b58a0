"""Forms without a choice: no form states a fact of a person before somebody chose it, and a missing choice is named."""

import re
from datetime import timedelta

import pytest

from placement.core import clock
from tests.support.api.bodies import CONFIRM
from tests.support.api.pages import fill_in, filled, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


def chosen_in(page):
    """Returns the values of the selects and boxes of an untouched page, by name."""
    found = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        first = re.findall(r'<option value="([^"]*)"', options)[:1]
        found[name] = (re.findall(r'value="([^"]*)" selected', options) or first or [""])[0]
    found |= dict(re.findall(r'type="checkbox" name="([^"]+)" value="([^"]*)" checked', page))
    return {name: value for name, value in found.items() if value}


@pytest.mark.wide
def test_new_registration_has_nothing_chosen(desk):
    assert chosen_in(desk.get("/registrations/new").text) == {}


@pytest.mark.wide
def test_request_for_another_place_has_nothing_chosen(service, desk):
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    case = service.desk.made("/registrations", somebody(needs=["pregnancy"]))["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")["id"]
    hold = service.desk.made(f"/proposals/{proposal}/decision", {"decision": "accept"})["hold"]
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    service.shelter.made(f"/holds/{hold}/arrival")
    assert chosen_in(desk.get(f"/registrations/{case}/requests").text) == {}


@pytest.mark.wide
@pytest.mark.parametrize("field", ["urgency", "persons__0__gender", "languages__0__level"])
def test_what_was_not_chosen_is_named_and_nothing_is_lost(desk, field):
    typed = fill_in(desk) | {field: ""}
    wrong = desk.send("/registrations/new", **typed)
    assert wrong.status_code == 400
    name = field.replace("__", ".")
    assert re.search(rf'name="{re.escape(name)}" aria-invalid="true"', wrong.text)
    assert f'value="{typed["alias"]}"' in wrong.text


@pytest.mark.wide
def test_draft_opened_again_has_no_unchosen_urgency(service, desk):
    answer = desk.send("/registrations/new", button={"then": "draft"}, **(fill_in(desk) | {"urgency": ""}))
    assert answer.url.path.endswith("/edit")
    chosen = filled(answer.text, "filling")
    assert (chosen.get("urgency", ""), chosen.get("needed_by", "")) == ("", "")
    named = {name.replace(".", "__"): value for name, value in chosen.items() if name != "then"}
    made = desk.send(answer.url.path, button={"then": "open"}, **(named | {"urgency": "1"}))
    assert service.desk.get(made.url.path).json()["needed_by"] == clock.day_of(service.moment.at).isoformat()


@pytest.mark.wide
def test_day_that_is_emptied_follows_the_urgency(service, desk):
    chosen = clock.day_of(service.moment.at) + timedelta(days=5)
    case = desk.send(
        "/registrations/new", **(fill_in(desk) | {"urgency": "3", "needed_by": f"{chosen:%d-%m-%Y}"})
    ).url.path
    again = filled(desk.get(f"{case}/edit").text, "filling")
    assert again["needed_by"]
    changed = {name.replace(".", "__"): value for name, value in again.items()} | {"needed_by": "", "urgency": "2"}
    desk.send(f"{case}/edit", **changed)
    due = clock.day_of(service.moment.at) + timedelta(days=3)
    assert service.desk.get(case).json()["needed_by"] == due.isoformat()


@pytest.mark.wide
def test_box_says_the_exception_and_is_read_so(service, desk):
    typed = fill_in(desk)
    made = desk.send("/registrations/new", **typed)
    case = service.desk.get(f"/registrations/{made.url.path.split('/')[2]}").json()
    assert (case["accepts_mixed"], case["language_required"]) == (True, True)
    made = desk.send("/registrations/new", **(fill_in(desk) | {"not_accepts_mixed": "yes", "alias": "Other"}))
    case = service.desk.get(f"/registrations/{made.url.path.split('/')[2]}").json()
    assert (case["accepts_mixed"], case["language_required"]) == (False, True)
    edit = desk.get(f"/registrations/{case['id']}/edit").text
    assert 'name="not_accepts_mixed" value="yes" checked' in edit
    assert 'name="not_language_required" value="yes" checked' not in edit


@pytest.mark.wide
def test_room_of_others_asks_for_their_gender(service):
    staff = signed_in(service, "shelter_staff", language="en")
    page = staff.get("/capacity").text
    empty = re.findall(r'name="(rooms\.\d+\.others)"[^>]* value="0"', page)
    assert empty
    gender = empty[0].replace("others", "gender")
    assert gender not in chosen_in(page)
    wrong = staff.send("/capacity", **{empty[0]: "1"})
    assert wrong.status_code == 400
    assert gender.replace("gender", "used_by_others.0.gender") + "-fault" in wrong.text
