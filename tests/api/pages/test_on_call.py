"""The rota of the desk on its page and in the API, and the choice of mails on *My account*."""

import pytest

from tests.support.api.pages import signed_in
from tests.support.stores import one_store

WEEK = {"starts_on": "2026-11-30", "ends_on": "2026-12-04"}


@pytest.mark.wide
@one_store
def test_rota_is_named_and_withdrawn_by_the_desk(service):
    desk = signed_in(service, "desk")
    assert "Nobody is named yet." in desk.get("/on-call").text
    assert desk.send("/on-call", account=service.desk.account, **WEEK).status_code == 200
    [entry] = service.desk.get("/on-call").json()["items"]
    assert entry["account"] == service.desk.account
    again = desk.send("/on-call", account=service.desk.account, **WEEK)
    assert (again.status_code, "This person is on call on these days already." in again.text) == (409, True)
    desk.send(f"/on-call/{entry['id']}/withdraw")
    assert service.desk.get("/on-call").json()["items"] == []


@pytest.mark.wide
@one_store
def test_first_page_of_the_desk_says_no_actor_is_on_call(service):
    desk = signed_in(service, "desk")
    assert 'id="nobody-on-call"' not in desk.get("/").text  # no rota is kept
    desk.get("/on-call")
    desk.send("/on-call", account=service.desk.account, **WEEK)
    assert 'id="nobody-on-call"' in desk.get("/").text  # today is before that week
    assert 'id="nobody-on-call"' not in signed_in(service, "coordinator").get("/").text


@pytest.mark.wide
@one_store
def test_actor_on_call_without_a_number_is_told(service):
    desk = signed_in(service, "desk")
    desk.get("/account")
    desk.send("/account/details", name="Medewerker 1", job_title="", telephone="", at_once="all")
    desk.get("/on-call")
    desk.send("/on-call", account=service.desk.account, **WEEK)
    page = desk.get("/on-call").text
    assert page.count("no telephone number: nobody can ring") == 1
    assert "Medewerker 1 (no telephone number)" in page
    assert service.desk.account in service.desk.get("/on-call").json()["without_number"]
    desk.get("/account")
    desk.send("/account/details", name="Medewerker 1", job_title="", telephone="0612345678", at_once="all")
    assert "nobody can ring" not in desk.get("/on-call").text
    assert service.desk.account not in service.desk.get("/on-call").json()["without_number"]


@pytest.mark.wide
@one_store
def test_rota_refuses_days_in_the_wrong_order_at_the_field(service):
    desk = signed_in(service, "desk")
    desk.get("/on-call")
    told = desk.send("/on-call", account=service.desk.account, starts_on="2026-12-04", ends_on="2026-11-30")
    assert (told.status_code, 'id="ends_on-fault"' in told.text) == (400, True)


@pytest.mark.wide
@one_store
def test_account_page_keeps_the_choice_of_mails(service):
    staff = signed_in(service, "shelter_staff")
    staff.get("/account")
    staff.send("/account/details", name="Noor", job_title="", telephone="", at_once="none")
    assert '<option value="none" selected>' in staff.get("/account").text
