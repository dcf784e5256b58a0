"""The page of a missing client: the next call is the button, with its number."""

import re

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import housed, offered
from tests.support.stores import one_store

UNIT = "/areas/one?kind=registrant_unit&code=amsterdam"


def missing(service, age):
    """Makes a client of this age who left the first shelter, and whom a police unit registered. Returns the path of the
    page.
    """
    persons = [{"gender": "female", "age": 34, "guardian": True}, {"gender": "female", "age": age}]
    case, hold = housed(service, persons=persons, registrant_unit="amsterdam")
    service.staff.made(f"/stays/{hold['stay']}/end", {"reason": "left_to_unknown_destination"})
    return f"/registrations/{case}/whereabouts"


def next_call(page):
    """Returns the number of the button in the alarm; `None` if there is no button."""
    alarm = page.text.partition('class="alarm"')[2].partition("</div>")[0]
    found = re.search(r'class="button" href="tel:([^"]+)"', alarm)
    return found and found[1]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("age", "number"), [(9, "112"), (19, "09008844")])
def test_police_are_the_first_call(service, age, number):
    assert next_call(signed_in(service, "desk").get(missing(service, age))) == number


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("language", "unknown", "asks"),
    [
        ("nl", "Breng nu op de hoogte: aanmelder", "Bel de aanmelder: 030 000 07 00"),
        ("en", "Now inform: registrant", "Ring the registrant: 030 000 07 00"),
    ],
)
def test_each_call_follows_when_the_one_before_is_recorded(service, language, unknown, asks):
    here = missing(service, 9)
    desk = signed_in(service, "desk", language=language)
    desk.get(here)
    page = desk.send(f"{here}/1/informed", who="police", text="Signalement")
    assert next_call(page) is None
    assert unknown in words_of(page)
    desk.get(UNIT)
    assert desk.send("/areas/change", name="Amsterdam", registrants="NP", telephone="030 000 07 00").status_code == 200
    assert 'href="tel:+31300000700"' in desk.get("/areas").text
    page = desk.get(here)
    assert next_call(page) == "+31300000700"
    assert asks in words_of(page)
    page = desk.send(f"{here}/1/informed", who="registrant", text="Belt terug")
    assert next_call(page) == "+31300000100"  # the shelter


@pytest.mark.wide
@one_store
def test_wrong_number_of_a_unit_is_refused_at_its_field(service):
    desk = signed_in(service, "desk")
    desk.get(UNIT)
    wrong = desk.send("/areas/change", name="Amsterdam", telephone="no number")
    assert wrong.status_code == 400
    assert 'id="telephone-fault"' in wrong.text


@pytest.mark.wide
@one_store
def test_road_number_is_rung_for_a_late_client(service):
    proposal = offered(service)
    decision = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
    service.staff.made(f"/holds/{hold}/answer", CONFIRM | {"driver": "registrant", "road_telephone": "06 12 34 56 78"})
    service.moment.pass_by(hours=8)
    service.desk.made(f"/holds/{hold}/no-show", {"rung": "no_answer"})
    page = signed_in(service, "desk").get(f"/registrations/{proposal['registration']}/whereabouts")
    assert "06 12 34 56 78" in words_of(page)
