"""The page on which a second person answers: what each reader sees there, and what it leaves out."""

import re

import pytest

from tests.support.api.bodies import BODIES
from tests.support.api.housed_client import overridden
from tests.support.api.page_content import words_of
from tests.support.api.pages import Reader, signed_in
from tests.support.api.resources import offered
from tests.support.api.service import somebody
from tests.support.exchange.imports import confirm
from tests.support.stores import one_store

pytestmark = one_store
HERE = "/second-person"
GRANT = re.compile(r'action="(/second-person/G-[^"]+/grant)"')
REFUSE = re.compile(r'action="(/second-person/G-[^"]+/refuse)"')
WITHDRAW = re.compile(r'action="(/second-person/G-[^"]+/withdraw)"')


@pytest.fixture
def other(service):
    """The second person of the desk, on pages."""
    reader = Reader(service, "desk")
    reader.cookies = dict(service.session_of(service.second.account).cookies)
    return reader


def asked_address(service):
    return service.desk.ask("PUT", "/locations/S01-L1/address", {"address": "Geheimlaan 7, Zwolle"}).json()["id"]


@pytest.mark.wide
def test_address_is_typed_again_and_never_shown(service, other):
    asked = asked_address(service)
    shown = other.get(HERE)
    assert "Geheimlaan" not in shown.text
    assert service.second.get(f"/second-person-requests/{asked}").json()["facts"] == {}
    wrong = other.send(GRANT.search(shown.text)[1], address="Geheimlaan 9")
    assert (wrong.status_code, 'id="address-fault"' in wrong.text) == (400, True)
    other.get(HERE)
    other.send(f"{HERE}/{asked}/grant", address="geheimlaan 7 zwolle")
    assert "granted" in words_of(other.get(f"{HERE}?settled=true"))


@pytest.mark.wide
def test_addresses_of_an_import_are_typed_again_together(service, other):
    file = (
        "Opvang;Locatie;Plaats;Adres\nS02;Noord;Zwolle;Geheimlaan 7, Zwolle\nS03;Zuid;Kampen;Verborgenweg 3, Kampen\n"
    )
    assert confirm(service.desk, file.encode(), "locaties.csv").status_code == 200
    shown = other.get(HERE)
    first, second = re.findall(r'name="(addresses\.J-[^"]+)"', shown.text)
    assert "Geheimlaan" not in shown.text
    grant = GRANT.search(shown.text)[1]
    wrong = other.send(grant, **{first: "geheimlaan 7 zwolle", second: "Verborgenweg 5"})
    faults = [f'id="{name}-fault"' in wrong.text for name in (first, second)]
    assert (wrong.status_code, faults, "geheimlaan 7 zwolle" in wrong.text) == (400, [False, True], True)
    other.send(grant, **{first: "geheimlaan 7 zwolle", second: "verborgenweg 3 kampen"})
    assert "granted" in words_of(other.get(f"{HERE}?settled=true"))


@pytest.mark.wide
def test_links_of_an_import_are_shown_to_the_second_admin_once(service):
    names = "een@voorbeeld.example", "twee@voorbeeld.example"
    file = "E-mail;Rol;Werkt bij\n" + "".join(f"{name};auditor;O-oversight\n" for name in names)
    assert confirm(service.signed_in("admin"), file.encode(), "accounts.csv").status_code == 200
    second = Reader(service, "admin")
    second.cookies = dict(service.session_of("A-admin-2").cookies)
    shown = second.get(HERE)
    assert all(name in shown.text for name in names)
    made = second.send(GRANT.search(shown.text)[1]).text
    assert all(name in made for name in names)
    assert len(set(re.findall(r"/invitation#[\w-]+", made))) == len(names)


@pytest.mark.wide
def test_asker_withdraws_and_does_not_answer(service):
    service.desk.made(f"/registrations/{a_case(service)}/legal-hold", BODIES["LegalHoldIn"])
    desk = signed_in(service, "desk")
    shown = desk.get(HERE).text
    assert (GRANT.search(shown), REFUSE.search(shown)) == (None, None)
    assert "You asked for this" in shown
    desk.send(WITHDRAW.search(shown)[1])
    assert "Nothing waits." in words_of(desk.get(HERE))


@pytest.mark.wide
def test_refusal_and_its_person_are_shown_afterwards(service, other):
    case = a_case(service)
    service.desk.made(f"/registrations/{case}/legal-hold", BODIES["LegalHoldIn"])
    other.send(REFUSE.search(other.get(HERE).text)[1])
    assert service.desk.get(f"/registrations/{case}/legal-hold").json()["status"] == "refused"
    assert "refused" in words_of(other.get(f"{HERE}?settled=true"))


@pytest.mark.wide
def test_shelter_reads_its_own_requests_and_no_names(service):
    asked = service.staff.made("/locations/S01-L1/units", BODIES["UnitIn"])["request"]["id"]
    shown = signed_in(service, "shelter_staff").get(HERE).text
    assert (asked in shown, GRANT.search(shown)) == (True, None)
    assert service.staff.get("/second-person-requests").json()["people"] == {}
    other_staff = service.other_staff.get(f"/second-person-requests/{asked}")
    assert (other_staff.status_code, service.other_staff.get("/second-person-requests").json()["items"]) == (404, [])


@pytest.mark.wide
def test_what_software_asks_is_shown_in_words_and_granted(service, other):
    key = service.program("desk", scopes=("register",))
    asked = key.post("/shelters/S01/locations", {"name": "Zolder", "where": {"place": "Zwolle"}}).json()["id"]
    code = key.patch("/areas/limburg", {"name": "Zuid"}, if_match='"1"').json()["id"]
    profile = service.shelters_program("S01", "register").put(
        "/units/S01-L1-U1/profile", BODIES["ProfileIn"], if_match='"1"'
    )
    assert profile.status_code == 202
    other.cookies = dict(service.verified(service.second.account).cookies)
    shown = words_of(other.get(HERE))
    for words in ("New: location", "Zolder", "Change: Region · limburg", "Zuid", "Profile", "Asked by software"):
        assert words in shown, shown
    for request in (asked, code, profile.json()["id"]):
        other.send(f"{HERE}/{request}/grant")
    assert "Zolder" in service.desk.get("/shelters/S01").text


def a_case(service):
    return service.desk.made("/registrations", somebody(region="den-haag"))["id"]


@pytest.mark.wide
def test_decision_is_shown_with_its_page_and_answered_there(service, other):
    service.close_all()
    decision = overridden(service, offered(service))
    [asked] = service.desk.get("/second-person-requests").json()["items"]
    assert (asked["kind"], asked["about"], asked["facts"], asked["can_answer"]) == (
        "decision",
        decision["id"],
        {},
        True,
    )
    shown = other.get(HERE).text
    assert f'href="/decisions/{decision["id"]}"' in shown
    assert (GRANT.search(shown), REFUSE.search(shown), WITHDRAW.search(shown)) == (None, None, None)
    assert service.elsewhere.get("/second-person-requests").json()["items"] == []
    assert service.elsewhere.get(f"/second-person-requests/{asked['id']}").status_code == 404
    coordinator = signed_in(service, "coordinator")
    assert HERE in coordinator.get(f"/decisions/{decision['id']}").text
    coordinator.send(WITHDRAW.search(coordinator.get(HERE).text)[1])
    assert service.coordinator.get(f"/decisions/{decision['id']}").json()["status"] == "withdrawn"


@pytest.mark.wide
@pytest.mark.parametrize(("verb", "body"), [("confirmation", {"granted": True}), ("grant", {})])
def test_routes_of_request_and_decision_show_one_answer(service, verb, body):
    service.close_all()
    decision = overridden(service, offered(service))
    [asked] = service.second.get("/second-person-requests").json()["items"]
    of_decision, of_request = f"/decisions/{decision['id']}", f"/second-person-requests/{asked['id']}"
    service.second.made(f"{of_request if verb == 'grant' else of_decision}/{verb}", body)
    shown, request = (service.second.get(path).json() for path in (of_decision, of_request))
    by = service.second.account
    assert (shown["second_by"], by in shown["people"], request["status"], request["settled_by"]) == (
        by,
        True,
        "granted",
        by,
    )
    assert shown["status"] in {"final", "waiting_for_shelter"}
