"""The state of a case on its page: the client's present place, the places to avoid, and the case that continues."""

import pytest

from placement.registrations.case_handles import handle_of
from tests.support.api.bodies import CONFIRM
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def hold(service):
    return asked_hold(service)


def shown(service, case):
    return words_of(signed_in(service, "desk").get(f"/registrations/{case}"))


@pytest.mark.wide
def test_hold_that_waits_leads_to_the_shelter(service, hold):
    case = service.desk.get(f"/holds/{hold}").json()["registration"]
    page = signed_in(service, "desk").get(f"/registrations/{case}").text
    assert f'href="/holds#{hold}"' in page


@pytest.mark.wide
def test_client_in_house_is_told_from_one_on_the_way(service, hold):
    case = service.desk.get(f"/holds/{hold}").json()["registration"]
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    assert "Expected" in shown(service, case)
    assert "Lives at" not in shown(service, case)
    service.staff.made(f"/holds/{hold}/arrival")
    words = shown(service, case)
    assert f"Lives at {service.desk.get(f'/holds/{hold}').json()['place']} since" in words
    assert "day 1 of 90" in words
    assert "Hold at" not in words


@pytest.mark.wide
def test_earlier_hold_says_that_the_client_lives_or_left(service, hold):
    stay = service.staff.made(f"/holds/{hold}/answer", CONFIRM)["stay"]
    service.staff.made(f"/holds/{hold}/arrival")

    def row():
        page = words_of(signed_in(service, "desk").get("/holds")).partition("Earlier")[2]
        case = service.desk.get(f"/holds/{hold}").json()["registration"]
        return page.partition(case)[2][:80]

    assert "in house" in row()
    service.moment.pass_by(seconds=60)
    service.staff.made(f"/stays/{stay}/end", {"reason": "own_housing"})
    assert "left · To own housing" in row()


@pytest.mark.wide
def test_what_is_avoided_is_named(service, hold):
    held = service.desk.get(f"/holds/{hold}").json()
    refusal = {"answer": "refuse", "reason": "safety_of_location"}
    service.staff.made(f"/holds/{hold}/answer", refusal)
    words = shown(service, held["registration"])
    avoided = service.desk.get(f"/registrations/{held['registration']}").json()["avoided"]
    assert {one["kind"] for one in avoided} == {"unit", "location"}
    assert all(one["target"] not in words for one in avoided)
    assert held["place"] in words


@pytest.mark.wide
def test_case_merged_leads_to_the_one_that_goes_on(service):
    goes_on, merged = (service.desk.made("/registrations", somebody())["id"] for _ in range(2))
    reader = signed_in(service, "desk")
    reader.get(f"/registrations/{merged}/links")
    page = reader.send(f"/registrations/{merged}/merge", other=goes_on)
    assert page.url.path == f"/registrations/{merged}"
    assert f"The case that continues: {handle_of(goes_on)}" in words_of(page)
    assert f'action="/registrations/{merged}/return"' not in page.text


@pytest.mark.wide
def test_case_merged_into_another_region_says_so(service):
    there = service.elsewhere.made("/registrations", somebody(region="limburg"))["id"]
    here = service.coordinator.made("/registrations", somebody())["id"]
    service.opened(here)
    service.desk.made(f"/registrations/{here}/merge", {"other": there})
    page = signed_in(service, "coordinator").get(f"/registrations/{here}")
    assert "It continues in a case of another region" in words_of(page)
    assert handle_of(there) not in page.text
    assert f'action="/registrations/{here}/return"' not in page.text


@pytest.mark.wide
def test_changing_a_case_names_it_and_leads_back(service):
    case = service.desk.made("/registrations", somebody())["id"]
    page = signed_in(service, "desk").get(f"/registrations/{case}/edit")
    assert handle_of(case) in words_of(page)
    assert f'<a href="/registrations/{case}">Back to the registration</a>' in page.text
