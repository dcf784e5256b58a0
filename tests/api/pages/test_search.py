"""The search of every page: cases by a caller's words or by the persons, houses, rules and pages, by role."""

import re
from html import unescape

import pytest

from placement.registrations.case_handles import handle_of
from placement.tables import Account
from tests.support.api.page_content import words_of
from tests.support.api.pages import PRIVATE, signed_in
from tests.support.api.resources import asked_hold, housed
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def desk(service):
    reader = signed_in(service, "desk", language="en")
    reader.get("/country")
    return reader


def searched(reader, said):
    reader.get("/country")
    return reader.send("/search", said=said)


@pytest.mark.wide
def test_one_case_that_is_meant_is_shown_at_once(service, desk):
    case = service.desk.made("/registrations", somebody(region="den-haag", alias=PRIVATE))["id"]
    for said in (handle_of(case), case, PRIVATE.upper()):
        answer = searched(desk, said)
        assert (answer.url.path, answer.status_code) == (f"/registrations/{case}", 200)
        assert handle_of(case) in words_of(answer)
    assert PRIVATE not in service.log.getvalue()


@pytest.mark.wide
def test_several_cases_are_listed(service, desk):
    cases = [service.desk.made("/registrations", somebody(region="den-haag", alias=PRIVATE))["id"] for _ in range(2)]
    answer = searched(desk, PRIVATE)
    assert answer.url.path == "/search"
    assert all(handle_of(case) in words_of(answer) for case in cases)


@pytest.mark.wide
def test_nothing_found_says_what_can_be_said(desk):
    assert "A case is found by its two words" in words_of(searched(desk, "no such words here"))
    assert searched(desk, "  ").url.path == "/"


@pytest.mark.wide
def test_coordinator_finds_no_case_of_another_area(service):
    elsewhere = service.desk.made("/registrations", somebody(region="limburg", alias=PRIVATE))["id"]
    reader = signed_in(service, "coordinator", language="en")
    for said in (PRIVATE, elsewhere, handle_of(elsewhere)):
        assert "Nothing that you may see" in words_of(searched(reader, said))


@pytest.mark.wide
def test_case_is_found_by_what_is_known_of_its_persons(service, desk):
    case = service.desk.made("/registrations", somebody(region="den-haag", alias=PRIVATE))["id"]
    alone = {"persons": [{"gender": "female", "age": 67}], "languages": [{"code": "ti", "level": "fluent"}]}
    other = service.desk.made("/registrations", somebody(region="limburg", **alone))["id"]
    assert searched(desk, "WOM 67 tigri").url.path == f"/registrations/{other}"
    assert "Nothing that you may see" in words_of(searched(desk, "woman 67 tigrinya wheelchair"))
    assert handle_of(case) in words_of(searched(desk, "woman 30 english"))
    coordinator = signed_in(service, "coordinator", language="en")
    assert "Nothing that you may see" in words_of(searched(coordinator, "woman 67 tigrinya"))
    service.close_all()
    assert "Nothing that you may see" in words_of(searched(desk, "woman 67 tigrinya"))


def links(answer):
    return [unescape(to) for to in re.findall(r'<a href="(/[^"]*)">', answer.text.split("<main")[1])]


@pytest.mark.wide
def test_houses_rules_answers_terms_and_pages_are_found(service, desk):
    shelter = service.desk.get("/shelters").json()["items"][0]
    assert f"/shelters/{shelter['id']}" in [searched(desk, shelter["name"]).url.path, *links(desk.page)]
    found = searched(desk, "reflection period")
    assert [any(part in to for to in links(found)) for part in ("/rules/", "/help/glossary")] == [True, True]
    assert searched(desk, "take over").url.path == "/takeovers/new"
    assert any(to.startswith("/settings#weights.") for to in links(searched(desk, "interpreter")))


@pytest.mark.wide
@pytest.mark.parametrize("role", ["shelter_staff", "auditor", "reader", "analyst", "registrant"])
def test_reader_finds_only_what_the_own_role_may_open(service, role):
    service.desk.made("/registrations", somebody(region="den-haag", alias=PRIVATE))
    reader = signed_in(service, role, language="en")
    mine = service.staff.get("/shelters").json()["items"] if role == "shelter_staff" else []
    for letter in "abcdefghiklmnoprstw":
        reader.get("/account")
        answer = reader.send("/search", said=letter)
        assert answer.status_code == 200
        shelters = {to for to in links(answer) if to.startswith("/shelters/")}
        assert shelters <= {f"/shelters/{one['id']}" for one in mine} or role in {"auditor", "reader"}
        assert all(reader.get(to.split("#")[0]).status_code == 200 for to in links(answer)[:6])
    reader.get("/account")
    assert PRIVATE not in words_of(reader.send("/search", said=PRIVATE)).replace(f"“{PRIVATE}”", "")


@pytest.mark.wide
def test_coordinator_finds_units_of_the_own_regions_alone(service):
    with service.database.transaction() as session:
        session.get_one(Account, service.coordinator.account).regions = ["noord-holland"]
    reader = signed_in(service, "coordinator", language="en")
    shelters = service.desk.get("/capacity").json()["shelters"]
    names = {unit["region"]: one["name"] for one in shelters for unit in one["units"]}
    own = names.pop("noord-holland")
    assert names
    found = searched(reader, own)
    units = [to.partition("#")[2] for to in links(found) if to.startswith("/country#")]
    assert units
    assert all(f'id="{unit}"' in reader.get("/country").text for unit in units)
    assert all("Nothing that you may see" in words_of(searched(reader, name)) for name in names.values())


@pytest.mark.wide
def test_shelter_finds_its_own_clients_and_no_outsider_does(service):
    case, hold = housed(service)
    staff = signed_in(service, "shelter_staff", language="en")
    for said in (handle_of(case), case, case.lower()):
        answer = searched(staff, said)
        assert answer.url.path == "/stays"
        assert f'id="{hold["stay"]}"' in answer.text
    assert searched(staff, f"{handle_of(case)} english").url.path == "/search"  # the list of stays has no languages
    outsider = signed_in(service, "shelter_staff", number=1, language="en")
    assert "Nothing that you may see" in words_of(searched(outsider, handle_of(case)))
    for role in ("auditor", "reader", "analyst", "registrant", "admin"):
        assert handle_of(case) not in words_of(searched(signed_in(service, role, language="en"), case))
    elsewhere = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    assert "Nothing that you may see" in words_of(searched(staff, handle_of(elsewhere)))


@pytest.mark.wide
def test_shelter_finds_a_client_from_the_question_to_the_refusal(service):
    hold = asked_hold(service)
    case = service.desk.get(f"/holds/{hold}").json()["registration"]
    staff = signed_in(service, "shelter_staff", language="en")
    assert f'id="{hold}"' in searched(staff, handle_of(case)).text
    assert staff.page.url.path == "/holds"
    service.staff.made(f"/holds/{hold}/answer", {"answer": "refuse", "reason": "no_capacity"})
    assert "Nothing that you may see" in words_of(searched(staff, handle_of(case)))
