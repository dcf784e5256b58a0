"""Encryption keys by API and page, which never show a key. New keys need two admins, and the operator makes them."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts.key_rotations import WAITS_FOR
from placement.audit import key_overview
from placement.core.errors import TokenAway
from placement.crypto.encrypted_columns import keys_of
from placement.tables import Account, SecondPersonRequest
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store
PATH = "/encryption-keys/rotations"
REQUESTS = "/second-person-requests"


def problem(answer):
    return answer.status_code, answer.json()["type"].removeprefix("urn:placement:problem:")


@pytest.fixture
def admins(service):
    """Returns two admins, who have just given the second factor again."""
    return service.verified("A-admin"), service.verified("A-admin-2")


def kinds(admin):
    return {kind["kind"]: kind for kind in admin.get("/encryption-keys").json()["kinds"]}


@pytest.mark.wide
def test_keys_are_counted_by_kind_and_never_shown(service, admins):
    before = kinds(admins[0])["cases"]["keys"]
    case = service.desk.made("/registrations", somebody(region="den-haag", alias="Merel"))["id"]
    answer = admins[0].get("/encryption-keys")
    found = {kind["kind"]: kind for kind in answer.json()["kinds"]}
    assert (answer.json()["token"], answer.json()["answers"]) == ("", True)
    of_data = ["cases", "proposals", "problems", "changes", "answers", "anomalies", "imports", "counts", "others"]
    assert list(found) == ["field", "log", *of_data]
    assert (found["cases"]["keys"], found["field"]["keys"], found["log"]["keys"]) == (before + 1, 1, 1)
    assert {kind["older"] for kind in found.values()} == {kind["missing"] for kind in found.values()} == {0}
    keys = keys_of(service.database.engine.dialect)
    secret = (*service.country.settings.field_keys, keys.store.key_text(case), service.country.settings.audit_key, case)
    for text in (answer.text, signed_in(service, "admin").get("/encryption-keys").text):
        assert not [one for one in secret if one in text]


@pytest.mark.wide
def test_lost_key_is_counted_and_the_page_says_so(service, admins):
    case = service.desk.made("/registrations", somebody(region="den-haag", alias="Merel"))["id"]
    (service.country.settings.key_store / f"{case}.key").unlink()
    assert kinds(admins[0])["cases"]["missing"] == 1
    page = signed_in(service, "admin", language="en").get("/encryption-keys")
    assert "1 data key is not in the key store" in words_of(page)


@pytest.mark.wide
def test_token_that_is_away_is_shown_not_an_error(service, admins, monkeypatch):
    class Away:
        label = "trial"

        def listed(self):
            raise TokenAway("it is locked")

    monkeypatch.setattr(key_overview, "token_of", lambda _: Away())
    answer = admins[0].get("/encryption-keys").json()
    assert (answer["token"], answer["answers"]) == ("trial", False)
    assert "The token does not answer" in words_of(signed_in(service, "admin", language="en").get("/encryption-keys"))


def test_rotation_is_asked_by_one_admin_and_granted_by_another(admins):
    one, other = admins
    asked = one.made(PATH)
    assert problem(one.post(PATH)) == (409, "rotation_asked")
    assert problem(one.post(f"{REQUESTS}/{asked['id']}/grant", {})) == (409, "second_person_needed")
    assert asked["command"] is None
    granted = other.post(f"{REQUESTS}/{asked['id']}/grant", {}).json()
    assert granted["command"] == f"placement keys rotate --approval {asked['id']}"
    assert problem(other.post(f"{REQUESTS}/{asked['id']}/grant", {})) == (409, "asking_settled")
    assert [row["status"] for row in one.get(REQUESTS).json()["items"]] == ["granted"]


def test_rotation_without_a_fresh_second_factor_is_refused(service, admins):
    service.moment.pass_by(minutes=6)
    one, other = admins
    assert problem(one.post(PATH)) == (403, "second_factor_needed")
    service.verified("A-admin")
    asked = one.made(PATH)
    assert problem(other.post(f"{REQUESTS}/{asked['id']}/grant", {})) == (403, "second_factor_needed")
    service.verified("A-admin-2")
    assert other.post(f"{REQUESTS}/{asked['id']}/grant", {}).json()["status"] == "granted"


def test_admin_let_in_by_the_asking_admin_is_no_second(service, admins):
    one, other = admins
    asked = one.made(PATH)
    with service.database.transaction() as session:
        session.exec(select(Account).where(Account.id == "A-admin-2")).one().let_in_by = [asked["asked_by"]]
    assert problem(other.post(f"{REQUESTS}/{asked['id']}/grant", {})) == (409, "second_admin_let_in")


def test_rotation_that_lapsed_or_was_withdrawn_is_not_granted(service, admins):
    one, other = admins
    asked = one.made(PATH)
    assert other.post(f"{REQUESTS}/{asked['id']}/withdraw").status_code == 200
    assert problem(other.post(f"{REQUESTS}/{asked['id']}/grant", {})) == (409, "asking_settled")
    assert problem(one.post(f"{REQUESTS}/{asked['id']}/withdraw")) == (409, "asking_settled")
    late = one.made(PATH)
    with service.database.transaction() as session:
        session.get(SecondPersonRequest, late["id"]).expires_at -= WAITS_FOR + timedelta(seconds=1)
    assert problem(other.post(f"{REQUESTS}/{late['id']}/grant", {})) == (409, "asking_settled")
    assert problem(one.post(f"{REQUESTS}/Y-unknown/grant", {})) == (404, "not_found")


@pytest.mark.wide
def test_page_asks_grants_and_shows_the_command(service, admins):
    first = signed_in(service, "admin", language="en")
    shown = first.get("/encryption-keys")
    assert "Nothing needs an older key." in words_of(shown)
    assert "/encryption-keys/ask" not in shown.text
    service.verified("A-admin")
    first.is_named("Medewerker 1")
    first.get("/encryption-keys")
    asked = first.send("/encryption-keys/ask")
    assert "a second person must answer it" in words_of(asked)
    assert "Medewerker 1" in words_of(asked)
    assert "/grant" not in asked.text
    first.get("/encryption-keys")
    assert first.send("/encryption-keys/ask").status_code == 409
    [rotation] = re.findall(r'action="/second-person/(G-[^"]+)/withdraw"', asked.text)
    assert admins[1].post(f"{REQUESTS}/{rotation}/grant", {}).status_code == 200
    assert f"placement keys rotate --approval {rotation}" in words_of(first.get("/second-person"))
    first.send(f"/second-person/{rotation}/withdraw")
    assert "withdrawn" in words_of(first.get("/second-person?settled=true"))
    other = admins[1].made(PATH)["id"]
    first.get("/second-person")
    assert f"--approval {other}" in words_of(first.send(f"/second-person/{other}/grant"))
