"""Invitation by pages alone: password, second factor, recovery codes; and the own account."""

import re
from datetime import timedelta

import pyotp
import pytest

from tests.support.api.page_content import hidden, words_of
from tests.support.api.pages import Reader, signed_in
from tests.support.stores import one_store

GOOD = "walnut trapeze gondola mist"


class Stranger(Reader):
    """A person who has no account yet."""

    def __init__(self, service, language="en"):
        self.service, self.language = service, language
        self.cookies, self.page, self.goes_on = {}, None, True
        self.origin = str(service.client.base_url).rstrip("/")


def invited(service, email="nieuw@placement.example"):
    body = {"email": email, "role": "reader", "organisation": "O-oversight", "regions": []}
    return service.granted(service.signed_in("admin").made("/invitations", body))["link"]


def enrolled(service, link, language="en"):
    """Returns an invited user who has come as far as the QR code of the second factor."""
    stranger = Stranger(service, language)
    stranger.get("/invitation")
    stranger.send("/invitation", token=link)
    assert stranger.send("/invitation/password", password=GOOD).status_code == 200, words_of(stranger.page)
    return stranger


def join(service, stranger):
    code = pyotp.TOTP(hidden(stranger.page, "secret")).at(service.moment.at)
    return stranger.send("/invitation/join", code=code)


@pytest.mark.wide
def test_joining_by_forms_signs_in_and_its_code_counts_once(service):
    stranger = enrolled(service, invited(service))
    stranger.cookies["__Host-placement"] = before = "pls_of_whoever_was_here"
    code = pyotp.TOTP(hidden(stranger.page, "secret")).at(service.moment.at)
    joined = stranger.send("/invitation/join", code=code)
    assert stranger.cookies["__Host-placement"] not in {"", before}
    assert stranger.cookies["__Host-placement-device"].startswith("pld_")
    assert 'href="/"' in joined.text
    assert "nieuw@placement.example" in stranger.get("/account").text
    other = Stranger(service)
    other.get("/sign-in")
    other.send("/sign-in", email="nieuw@placement.example", password=GOOD)
    assert other.send("/sign-in/code", code=code).status_code == 401


@pytest.mark.wide
def test_invitation_by_forms_and_sign_in_with_a_recovery_code(service):
    stranger = enrolled(service, invited(service))
    assert "data:image/svg+xml;base64," in stranger.page.text
    secret = hidden(stranger.page, "secret")
    assert secret in words_of(stranger.page).replace(" ", "")
    codes = re.findall(r'<code class="id">([^<]+)</code>', join(service, stranger).text)
    assert len(codes) == 10
    stranger.get("/sign-in")
    stranger.send("/sign-in", email="nieuw@placement.example", password=GOOD)
    assert stranger.send("/sign-in/code", code=codes[0]).status_code == 200
    assert "nieuw@placement.example" in stranger.get("/account").text


@pytest.mark.wide
@one_store
def test_wrong_code_keeps_the_totp_secret_for_the_next_code(service):
    stranger = enrolled(service, invited(service))
    secret = hidden(stranger.page, "secret")
    wrong = stranger.send("/invitation/join", code="000000")
    assert wrong.status_code == 400
    assert 'id="code-fault"' in wrong.text
    assert hidden(wrong, "secret") == secret
    assert join(service, stranger).status_code == 200


@one_store
def test_weak_password_is_refused_at_its_field_and_not_echoed(service):
    stranger = Stranger(service)
    link = invited(service)
    stranger.get("/invitation")
    stranger.send("/invitation", token=link)
    wrong = stranger.send("/invitation/password", password="passwordpassword")  # noqa: S106
    assert wrong.status_code == 400
    assert 'id="password-fault"' in wrong.text
    assert "passwordpassword" not in wrong.text


@pytest.mark.wide
@one_store
def test_password_advice_is_translated_and_for_the_invited_only(service):
    link = invited(service)
    token = link.partition("#")[2]
    for language, said in (("nl", "makkelijk te raden"), ("en", "easy to guess")):
        stranger = Stranger(service, language)
        body = {"token": token, "password": "passwordpassword"}
        assert said in stranger._ask("POST", "/invitation/advice", body).text
        assert stranger._ask("POST", "/invitation/advice", body | {"password": GOOD}).text == ""
        refused = stranger._ask("POST", "/invitation/advice", body | {"token": "pli_none"}).text
        assert refused.startswith(("This invitation", "Deze uitnodiging"))


@one_store
def test_unknown_invitation_is_refused_and_asked_again(service):
    stranger = Stranger(service)
    stranger.get("/invitation")
    refused = stranger.send("/invitation", token="nonsense")  # noqa: S106
    assert refused.status_code == 401
    assert 'action="/invitation"' in refused.text


@one_store
def test_language_chosen_at_an_invitation_sends_its_token_again(service):
    stranger = Stranger(service)
    stranger.get("/invitation")
    link = invited(service)
    stranger.send("/invitation", token=link)
    stranger.goes_on = False
    answer = stranger.send("/language", language="nl")
    assert (answer.status_code, answer.headers["location"]) == (307, "/invitation")
    chosen = stranger._ask("POST", "/invitation", {"token": link.partition("#")[2]})
    assert "Kies een wachtwoord" in words_of(chosen)


@pytest.mark.wide
@one_store
def test_no_page_that_shows_a_secret_once_offers_a_language(service):
    stranger = enrolled(service, invited(service))
    offered = 'action="/language"'
    assert offered not in stranger.page.text
    assert offered not in join(service, stranger).text
    reader = signed_in(service, "coordinator")
    assert offered in reader.verify("/account").text
    assert offered not in reader.send("/account/keys", days="7").text
    admin, body = signed_in(service, "admin"), {"email": "een@placement.example", "role": "reader"}
    service.session_of("A-admin-2").made("/invitations", body | {"organisation": "O-oversight", "regions": []})
    assert offered in admin.get("/second-person").text
    granted = admin.send(re.search(r'action="(/second-person/[^"]+/grant)"', admin.page.text)[1])
    assert "/invitation#" in granted.text
    assert offered not in granted.text


@pytest.mark.wide
@one_store
def test_ending_other_sessions_keeps_the_current_one(service):
    one, other, third = (signed_in(service, "coordinator") for _ in range(3))
    assert one.get("/account").text.count("/sessions/Z-") == 2
    first = re.search(r'action="(/account/sessions/Z-[^"]+/end)"', one.page.text)[1]
    assert one.send(first).text.count("/sessions/Z-") == 1
    assert "/sessions/Z-" not in one.send("/account/sessions/end-others").text
    assert {other.get("/account").url.path, third.get("/account").url.path} == {"/sign-in"}
    assert one.get("/account").url.path == "/account"


@pytest.mark.wide
@one_store
def test_key_is_shown_once_works_and_is_revoked(service):
    reader = signed_in(service, "coordinator")
    assert 'action="/account/keys"' not in reader.get("/account").text
    reader.verify("/account")
    made = reader.send("/account/keys", days="7")
    assert made.status_code == 200, words_of(made)
    key = re.search(r"plk_[\w-]+", made.text)[0]
    assert service.client.post("/api/v1/token", json={"key": key}).status_code == 200
    assert key not in reader.get("/account").text
    assert "read only" in reader.page.text
    reader.send(re.search(r'action="(/account/keys/[^"]+/revoke)"', reader.page.text)[1])
    assert service.client.post("/api/v1/token", json={"key": key}).status_code == 401
    assert 'id="days-fault"' in reader.send("/account/keys", days="91").text


@pytest.mark.wide
@one_store
def test_key_for_the_register_is_offered_to_its_readers(service):
    desk, reader = signed_in(service, "desk"), signed_in(service, "reader")
    assert 'value="register"' not in reader.verify("/account").text
    assert 'value="register"' in desk.verify("/account").text
    made = desk.send("/account/keys", days="7", scopes="register")
    key = re.search(r"plk_[\w-]+", made.text)[0]
    token = service.client.post("/api/v1/token", json={"key": key}).json()["token"]
    known = service.client.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"}).json()
    assert known["scopes"] == ["register"]
    assert "the register: read it, and ask for changes" in words_of(desk.get("/account"))


@pytest.mark.wide
def test_new_recovery_codes_need_a_fresh_code_and_end_old_ones(service):
    reader = signed_in(service, "coordinator")
    assert reader._ask("POST", "/account/recovery-codes", {"csrf_token": ""}).status_code == 403
    page = reader.get("/account")
    assert 'action="/account/recovery-codes"' not in page.text
    refused = service.signed_in("coordinator").post("/session/recovery-codes")
    assert refused.json()["type"] == "urn:placement:problem:second_factor_needed"
    assert reader.verify("/account").status_code == 200
    first = re.findall(r'<code class="id">([^<]+)</code>', reader.send("/account/recovery-codes").text)
    reader.get("/account")
    second = re.findall(r'<code class="id">([^<]+)</code>', reader.send("/account/recovery-codes").text)
    assert len({*first, *second}) == 20
    again = Reader(service, "coordinator")
    for code, path in ((first[0], "/sign-in/code"), (second[0], "/account")):
        again.get("/sign-in?to=/account")
        again.send("/sign-in", email=again.person.email, password=again.person.password)
        assert again.send("/sign-in/code", code=code).url.path == path


@pytest.mark.wide
@one_store
def test_account_page_changes_the_password(service):
    reader = signed_in(service, "coordinator")
    assert 'action="/account/password"' not in reader.get("/account").text
    reader.verify("/account")
    wrong = reader.send("/account/password", current="not this one", password=GOOD)
    assert wrong.status_code == 400
    assert 'id="current-fault"' in wrong.text
    assert GOOD not in wrong.text
    changed = reader.send("/account/password", current=reader.person.password, password=GOOD)
    assert "Your password is changed" in words_of(changed)
    again = Reader(service, "coordinator")
    again.get("/sign-in?to=/account")
    again.send("/sign-in", email=again.person.email, password=GOOD)
    service.moment.pass_by(seconds=30)
    assert again.send("/sign-in/code", code=again.person.code()).url.path == "/account"


@pytest.mark.wide
@one_store
def test_approval_asked_on_a_page_is_granted_by_another_admin(service):
    one, other = signed_in(service, "admin"), signed_in(service, "admin", number=1)
    one.get("/accounts/A-reader")
    asked = one.send("/accounts/A-reader/ask-to-invite-again")
    assert asked.url.path == "/second-person"
    assert "invite again" in words_of(asked)
    assert not re.search(r"/second-person/[^/]+/grant", asked.text)  # not by who asked
    assert "Waiting for a second person" in words_of(other.get("/accounts/A-reader"))
    page = other.get("/second-person")
    assert "Asked on" in words_of(page)
    grant = re.search(r'action="(/second-person/[^/]+/grant)"', page.text)[1]
    assert "/invitation#" in other.send(grant).text


@pytest.mark.wide
@one_store
def test_unused_invitation_is_told_until_it_is_made_again(service):
    said = "The invitation of nieuw@placement.example ended on"
    invited(service)
    admin = signed_in(service, "admin", language="en")
    assert said not in words_of(admin.get("/accounts"))
    service.moment.at += timedelta(hours=73)
    assert said in words_of(signed_in(service, "admin", language="en").get("/accounts"))
    invited(service)
    assert said not in words_of(signed_in(service, "admin", language="en").get("/accounts"))
