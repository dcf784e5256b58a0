"""Pages of people: one's own details and days away, whom to ring, and names in place of ids."""

import re

import pytest

from placement.tables import Account, AccountDetails
from tests.support.api.bodies import CONFIRM
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import confirm_counts, offered
from tests.support.api.service import somebody
from tests.support.stores import one_store

DAYS = {"starts_on": "2026-12-01", "ends_on": "2026-12-04"}


@pytest.mark.wide
@pytest.mark.parametrize(("language", "words"), [("en", "has 10 digits"), ("nl", "heeft 10 cijfers")])
@one_store
def test_own_details_are_filled_in_and_what_is_wrong_is_said(service, language, words):
    coordinator = signed_in(service, "coordinator", language=language)
    coordinator.get("/account")
    wrong = coordinator.send("/account/details", name="Medewerker Drie", job_title="", telephone="030 12")
    assert (wrong.status_code, words in wrong.text) == (400, True)
    assert 'value="030 12"' in wrong.text
    right = coordinator.send("/account/details", name="Medewerker Drie", job_title="", telephone="+31 30 000 00 09")
    assert (right.status_code, 'value="030 000 00 09"' in right.text) == (200, True)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("language", "words", "sure"),
    [("en", "Is it right?", "030 123 45 is right"), ("nl", "Klopt het?", "030 123 45 klopt")],
)
@one_store
def test_improbable_number_is_asked_about_and_confirmed(service, language, words, sure):
    person = signed_in(service, "coordinator", language=language)
    person.get("/account")
    asked = person.send("/account/details", name="Medewerker Drie", job_title="", telephone="030 123 45")
    assert (asked.status_code, words in asked.text, sure in words_of(asked)) == (400, True, True)
    assert 'name="sure_of" value="030 123 45">' in asked.text
    # another fault on the form: the answer stays ticked
    again = person.send("/account/details", name="1", job_title="", telephone="030 123 45", sure_of="030 123 45")
    assert 'name="sure_of" value="030 123 45" checked>' in again.text
    sure = {"job_title": "", "telephone": "030 123 45", "sure_of": "030 123 45"}
    kept = person.send("/account/details", name="Medewerker Drie", **sure)
    assert (kept.status_code, 'value="03012345"' in kept.text) == (200, True)
    # the stored number is not asked about again, and another number is
    same = {"name": "Medewerker Vier", "job_title": "", "telephone": "03012345"}
    assert person.send("/account/details", **same).status_code == 200
    assert person.send("/account/details", name="Medewerker Vier", **sure | {"telephone": "030 123 46"}).is_error


@pytest.mark.wide
@one_store
def test_number_without_country_is_chosen_from_what_it_can_mean(service):
    person = signed_in(service, "coordinator")
    person.get("/account")
    same = {"name": "Medewerker Drie", "job_title": "", "telephone": "717 1234"}
    asked = person.send("/account/details", **same)
    assert 'value="telephone=+599 717 1234">+599 717 1234</button>' in asked.text
    kept = person.send("/account/details", **same, meant="telephone=+599 717 1234")
    assert (kept.status_code, 'value="+599 717 1234"' in kept.text) == (200, True)


@pytest.mark.wide
@one_store
def test_page_without_a_name_says_that_others_read_an_id(service):
    with service.database.transaction() as session:
        session.delete(session.get_one(AccountDetails, service.desk.account))
    desk = signed_in(service, "desk")
    assert "Until then, other users see your role and an id" in desk.get("/account").text


@pytest.mark.wide
@pytest.mark.parametrize(
    ("language", "words"), [("en", "Placement desk (no name yet)"), ("nl", "Plaatsingsdesk (nog geen naam)")]
)
@one_store
def test_account_without_a_name_stands_by_role_and_id(service, language, words):
    with service.database.transaction() as session:
        session.delete(session.get_one(AccountDetails, service.desk.account))
    service.desk.made("/on-call", {"account": service.desk.account, "starts_on": "2026-11-24", "ends_on": "2026-11-24"})
    page = signed_in(service, "desk", language=language).get("/on-call")
    chosen = page.text.partition(f'<option value="{service.desk.account}"')[2].partition("</option>")[0]
    assert f"{words} {service.desk.account}" in chosen
    assert words_of(page).count(f"{words} {service.desk.account}") > 1


@pytest.mark.wide
@one_store
def test_days_away_say_when_the_desk_is_told(service):
    staff = signed_in(service, "shelter_staff")
    staff.get("/account")
    told = staff.send("/account/absences", **DAYS, deputy="")
    assert "nobody else of your shelter is there" in told.text
    assert "The placement desk is notified." in told.text
    again = staff.send("/account/absences", **DAYS, deputy="")
    assert (again.status_code, "You have an absence on these days already" in again.text) == (409, True)


@pytest.mark.wide
@one_store
def test_organisation_of_a_shelter_is_not_made_by_hand(service):
    admin = signed_in(service, "admin")
    form = admin.get("/accounts").text.partition('action="/accounts/organisations"')[2].partition("</form>")[0]
    assert re.findall(r'<option value="(\w+)"', form) == [
        "coordination_centre",
        "care_coordination",
        "oversight",
        "registrant",
    ]
    assert 'name="shelter"' not in form
    assert "Zorg Oost" in admin.send("/accounts/organisations", name="Zorg Oost", kind="care_coordination").text


@pytest.mark.wide
@one_store
def test_desk_is_rung_by_the_numbers_of_the_moment(service):
    admin, coordinator = signed_in(service, "admin"), signed_in(service, "coordinator")
    assert "030 000 00 01" in coordinator.get("/holds").text
    admin.get("/accounts/organisations/O-centre")
    wrong = admin.send("/accounts/organisations/O-centre", name="Het Centrum", telephones__placing="12")
    assert wrong.status_code == 400
    saved = admin.send(
        "/accounts/organisations/O-centre",
        name="Het Centrum",
        telephones__placing="030 000 00 77",
        service_address="https://plaatsing.example.nl",
    )
    assert 'value="https://plaatsing.example.nl"' in saved.text
    shown = coordinator.get("/holds").text
    assert 'href="tel:+31300000077">030 000 00 77</a>' in shown
    assert "030 000 00 01" not in shown
    assert "030 000 00 77" not in service.client.get("/sign-in").text
    service.admin.patch("/organisations/O-centre", {"telephones": {"placing": "030 000 00 78"}})
    told = admin.send("/accounts/organisations/O-centre", name="Het Centrum", telephones__placing="030 000 00 79")
    assert (told.status_code, "Another user saved other telephone numbers: 030 000 00 78" in told.text) == (409, True)
    assert 'value="030 000 00 79"' in told.text
    assert admin.send("/accounts/organisations/O-centre", name="Het Centrum").status_code == 200


@pytest.mark.wide
@one_store
def test_sentence_to_ring_the_desk_has_its_number(service):
    """The desk finds a place for a client who must be kept apart from a client who moved to another region."""
    other = service.coordinator.made("/registrations", somebody())["id"]
    client = service.coordinator.made("/registrations", somebody(keep_apart=[other]))["id"]
    service.opened(other)
    assert service.desk.patch(f"/registrations/{other}", {"region": "limburg"}, If_Match='"1"').is_success
    shown = signed_in(service, "coordinator").get(f"/registrations/{client}").text
    assert 'Ring the desk. <a class="short" href="tel:+31300000001">030 000 00 01</a>' in shown


@pytest.mark.wide
@one_store
def test_hold_and_decision_show_names_and_numbers(service):
    service.close_all()
    confirm_counts(service)
    proposal = offered(service, needs=["pregnancy"])
    decided = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decided['id']}/confirmation", {"granted": True})["hold"]
    coordinator, staff = signed_in(service, "coordinator"), signed_in(service, "shelter_staff")
    name = service.coordinator.get("/details").json()["name"]
    page = words_of(coordinator.get(f"/decisions/{decided['id']}"))
    assert name in page
    assert service.coordinator.account not in page
    assert "Ring the shelter" in coordinator.get("/holds").text
    assert name not in staff.get("/holds").text
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    assert f"Ring the person who placed the client</dt><dd>{name}, zorgcoördinator" in staff.get("/holds").text


@pytest.mark.wide
@pytest.mark.parametrize(("language", "words"), [("en", "former employee"), ("nl", "oud-medewerker")])
@one_store
def test_log_shows_an_erased_account_as_former_employee(service, language, words):
    service.second.get("/registrations")
    with service.database.transaction() as session:
        session.get_one(Account, service.second.account).disabled_at = service.moment.at
    auditor = signed_in(service, "auditor", language=language)
    shown = auditor.get(f"/log?actor={service.second.account}").text
    assert words in shown
    assert service.second.account in shown  # by which it is searched for


@pytest.mark.wide
@pytest.mark.parametrize(("language", "words"), [("en", "no access any more"), ("nl", "geen toegang meer")])
@one_store
def test_decision_of_a_disabled_account_says_so(service, language, words):
    """The desk grants it all the same: the client waits. It knows with whom it can no longer speak."""
    service.close_all()
    confirm_counts(service)
    proposal = offered(service, needs=["pregnancy"])
    decided = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    desk = signed_in(service, "desk", language=language)
    name = service.coordinator.get("/details").json()["name"]
    assert f"{name} ({words})" not in desk.get(f"/decisions/{decided['id']}").text
    with service.database.transaction() as session:
        session.get_one(Account, service.coordinator.account).disabled_at = service.moment.at
    assert f"{name} ({words})" in desk.get(f"/decisions/{decided['id']}").text
