"""Single sign-on against a real provider: which accounts sign in, which do not, and when our second factor follows."""

import re
import subprocess
import sys
import time
from base64 import b32encode
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from sqlmodel import select

from placement.accounts import invitations, login
from placement.core.context import SYSTEM, Act
from placement.core.setting_parts import SsoProvider
from placement.tables import Account, SsoRequest
from tests.support.api.identity_provider_facts import CLIENT, PASSWORD, SECRET, TOTP
from tests.support.api.service import API
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.settings import changed
from tests.support.stores import one_store

ANOTHER = "zeven kraaien boven veen"
ADDRESS = "http://localhost:9"


@contextmanager
def provider(*factors):
    port = free_port()
    issuer = f"http://localhost:{port}"
    module, returns_to = "tests.support.api.identity_provider", f"{ADDRESS}/sign-in/sso"
    command = [sys.executable, "-m", module, str(port), returns_to, *factors]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while True:
            assert process.poll() is None, "the provider did not start"
            try:
                httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        yield SsoProvider(issuer, CLIENT, SECRET, ADDRESS)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def with_password():
    with provider("password") as made:
        yield made


@pytest.fixture(scope="module")
def with_both():
    with provider("password", "otp") as made:
        yield made


def code_of_the_provider():
    return pyotp.TOTP(b32encode(TOTP.encode()).decode()).now()


class Arriving:
    """A browser that goes from our service to the provider and back."""

    def __init__(self, service, sso, name):
        self.service, self.sso, self.name = service, sso, name
        service.app.state.settings = changed(service.country.settings, sso=sso)
        service.moment.at = datetime.now(UTC)  # the provider has the real clock
        self.cookies = ""

    def begin(self):
        answer = self.service.client.post(f"{API}/session/sso")
        assert answer.status_code == 200, answer.text
        self.cookies = answer.headers["set-cookie"].partition(";")[0]
        return answer.json()["location"]

    def at_the_provider(self, location):
        """Answers its forms, as a person does; what it sends back."""
        with httpx.Client(base_url=self.sso.issuer, timeout=30) as browser:
            answer = browser.get(location)
            for _ in range(10):
                if answer.is_redirect and answer.headers["location"].startswith(ADDRESS):
                    sent_back = parse_qs(urlsplit(answer.headers["location"]).query)
                    return {name: value[0] for name, value in sent_back.items()}
                if answer.is_redirect:
                    answer = browser.get(answer.headers["location"])
                    continue
                asked = set(re.findall(r'name="(\w+)"', answer.text))
                given = {
                    "login": self.name,
                    "password": PASSWORD,
                    "otp": pyotp.TOTP(b32encode(TOTP.encode()).decode()).now(),
                }
                body = {name: value for name, value in given.items() if name in asked} or {"answer": "accept"}
                answer = browser.post(str(answer.request.url), data=body)
        raise AssertionError(answer.text)

    def arrive(self, **facts):
        back = self.at_the_provider(self.begin())
        return self.come_back({"state": back["state"], "code": back["code"]} | facts)

    def come_back(self, body):
        return self.service.client.post(f"{API}/session/sso/code", json=body, headers={"Cookie": self.cookies})


def refused(answer):
    return (answer.status_code, answer.json()["type"]) == (401, "urn:placement:problem:sso_refused")


@pytest.mark.wide
@one_store
def test_sso_with_password_only_asks_our_second_factor(service, with_password):
    answer = Arriving(service, with_password, "desk").arrive()
    assert answer.json()["csrf_token"] is None
    assert not any("__Host-placement=" in one for one in answer.headers.get_list("set-cookie"))
    desk = service.browser("desk")
    assert desk.give_code(answer.json()["challenge"], desk.code()).is_success
    assert desk.get("/session").json()["email"] == "desk-1@placement.example"


@pytest.mark.wide
@one_store
def test_sso_with_second_factor_of_the_provider_signs_in(service, with_both):
    answer = Arriving(service, with_both, "desk").arrive()
    assert answer.json()["challenge"] is None, answer.text
    desk = service.browser("desk")
    desk.cookies = dict(one.partition(";")[0].split("=", 1) for one in answer.headers.get_list("set-cookie"))
    assert desk.get("/session").json()["email"] == "desk-1@placement.example"


@pytest.mark.wide
@pytest.mark.parametrize("bound", [True, False])
@one_store
def test_sso_with_a_pending_reinvitation_is_refused(service, with_both, bound):
    desk = Arriving(service, with_both, "desk")
    if bound:
        assert desk.arrive().is_success
    with service.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "desk-1@placement.example")).one()
        made = invitations.invite_again(Act(session, SYSTEM, service.moment.at, service.country.settings), account.id)
        assert account.sso_subject is None
    assert refused(desk.arrive())
    with service.database.transaction() as session:
        secret = invitations.choose_password(session, service.moment.at, made.token, ANOTHER).totp_secret
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, service.country.settings)
        invitations.join(act, made.token, pyotp.TOTP(secret).at(service.moment.at))
    assert desk.arrive().is_success


@pytest.mark.wide
@one_store
def test_sso_binds_account_once_then_finds_it_by_subject(service, with_password):
    answer = Arriving(service, with_password, "desk").arrive()
    with service.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "desk-1@placement.example")).one()
        assert account.sso_subject is None  # our own second factor was not given yet
    desk = service.browser("desk")
    assert desk.give_code(answer.json()["challenge"], desk.code()).is_success
    with service.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "desk-1@placement.example")).one()
        assert account.sso_subject == f"{with_password.issuer} desk"
        account.email = "elsewhere@placement.example"
    assert Arriving(service, with_password, "desk").arrive().is_success
    with service.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "elsewhere@placement.example")).one()
        account.email, account.sso_subject = "desk-1@placement.example", "https://another.example desk"
    assert refused(Arriving(service, with_password, "desk").arrive())  # bound to another


@pytest.mark.wide
@one_store
def test_sso_without_active_account_or_verified_email_is_refused(service, with_password):
    assert refused(Arriving(service, with_password, "stranger").arrive())
    assert refused(Arriving(service, with_password, "unverified").arrive())
    with service.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "desk-1@placement.example")).one()
        account.disabled_at = service.moment.at
    assert refused(Arriving(service, with_password, "desk").arrive())


@pytest.mark.wide
@one_store
def test_a_state_is_of_one_browser_comes_back_once_and_in_time(service, with_password):
    desk = Arriving(service, with_password, "desk")
    back = desk.at_the_provider(desk.begin())
    body = {"state": back["state"], "code": back["code"]}
    kept, desk.cookies = desk.cookies, ""
    assert refused(desk.come_back(body))  # another browser: the victim of a planted code
    desk.cookies = kept
    assert desk.come_back(body).is_success
    assert refused(desk.come_back(body))
    assert refused(desk.arrive(state="plo_nonsense"))
    assert refused(desk.arrive(code="nonsense"))
    back = desk.at_the_provider(desk.begin())
    service.moment.pass_by(minutes=10)
    assert refused(desk.come_back({"state": back["state"], "code": back["code"]}))


@pytest.mark.wide
@one_store
def test_sso_repeated_starts_are_rate_limited_arrivals_are_not(service, with_password, monkeypatch):
    monkeypatch.setattr(login, "BY_NETWORK", login.BY_NETWORK._replace(holds=3))
    desk = Arriving(service, with_password, "desk")
    for _ in range(3):
        assert desk.arrive().is_success
    answers = [service.client.post(f"{API}/session/sso") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


@pytest.mark.wide
@pytest.mark.parametrize("wrong", ["nonce", "verifier"])
@one_store
def test_sso_code_of_another_attempt_is_refused(service, with_password, wrong):
    desk = Arriving(service, with_password, "desk")
    back = desk.at_the_provider(desk.begin())
    with service.database.transaction() as session:
        asked = session.exec(select(SsoRequest)).one()
        setattr(asked, wrong, "x" * 64)
    assert refused(desk.come_back({"state": back["state"], "code": back["code"]}))


@pytest.mark.wide
@pytest.mark.parametrize("facts", [{"issuer": "http://localhost:1"}, {"client_secret": "another"}, {"client_id": "x"}])
@one_store
def test_sso_silent_or_unknowing_provider_is_refused(service, with_password, facts):
    desk = Arriving(service, with_password, "desk")
    back = desk.at_the_provider(desk.begin())
    service.app.state.settings = changed(service.country.settings, sso=replace(with_password, **facts))
    answer = desk.come_back({"state": back["state"], "code": back["code"]})
    if "issuer" not in facts:
        assert refused(answer)
        return
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:placement:problem:sso_unreachable")
    assert answer.headers["retry-after"]


@pytest.mark.wide
def test_sso_not_configured_is_not_offered(shared):
    answer = shared.client.post(f"{API}/session/sso")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:placement:problem:sso_not_offered")
