"""The requests of a page about its session, and the text of the sign-in page after its end."""

import re
from datetime import timedelta

import pytest

from placement.accounts import sessions
from placement.core.setting_parts import Contact
from tests.support.api.pages import Reader, fill_in, signed_in
from tests.support.settings import changed
from tests.support.stores import one_store

IDLE = 15 * 60
SAID = "You are signed out"


@pytest.mark.wide
@one_store
def test_asking_for_the_end_of_a_session_does_not_move_it(service):
    desk = signed_in(service, "desk")
    for passed in (0, 300, 600):
        assert desk.get("/session").json()["left"] == IDLE - passed
        assert desk.page.json()["most"] == 12 * 3600 - passed
        service.moment.pass_by(minutes=5)
    assert desk.get("/session").url.path == "/sign-in"


@pytest.mark.wide
@one_store
def test_page_has_the_end_and_the_account_of_its_session(service):
    desk = signed_in(service, "desk")
    service.moment.pass_by(seconds=59)  # less than what is written down as a use
    [left, account] = re.findall(r'<body data-left="(\d+)" data-account="([^"]*)">', desk.get("/country").text)[0]
    asked = desk.get("/session").json()
    assert (int(left), account) == (asked["left"], asked["account"])
    assert int(left) == IDLE - 59
    secret = desk.cookies["__Host-placement"]
    assert asked["csrf_token"] == sessions.csrf_token_of(secret)
    assert "data-left" not in Reader(service, "desk").get("/sign-in").text


@pytest.mark.wide
@one_store
def test_no_session_is_longer_than_it_may_be(service):
    desk = signed_in(service, "desk")
    for _ in range(51):
        service.moment.pass_by(minutes=14)
        desk.get("/account")
    assert desk.get("/session").json()["left"] == desk.page.json()["most"] == 6 * 60


@one_store
def test_key_is_told_of_no_session(service):
    asked = service.client.get("/session", headers=service.desk.software.authorization()).json()
    assert asked == {"account": service.desk.account, "left": None, "most": None, "csrf_token": None}


@pytest.mark.wide
@one_store
def test_sign_in_page_says_that_the_session_ended(service):
    desk = signed_in(service, "desk")
    service.moment.at += timedelta(minutes=15)
    assert desk.get("/country").url.params["ended"] == "1"
    assert SAID in desk.page.text
    assert SAID not in Reader(service, "desk").get("/country").text


@pytest.mark.wide
@one_store
def test_user_ends_own_keys_with_the_password_by_a_box(service):
    desk = signed_in(service, "desk")
    filled = {"current": desk.person.password, "password": "walnut trapeze gondola mist"}
    desk.verify("/account")
    for box in ({}, {"end_keys": "yes"}):
        assert 'name="end_keys"' in desk.get("/account").text
        desk.send("/account/password", **filled, **box)
        filled["current"] = filled["password"]
    assert "Your password is changed" in desk.page.text
    assert 'name="end_keys"' not in desk.get("/account").text


@pytest.mark.wide
@one_store
def test_kept_form_is_of_its_account_and_not_cleared_unseen(service):
    """The page has no field to type in, and no actor yet. Its attributes inform the script of both."""
    desk = signed_in(service, "desk")
    filled = fill_in(desk)
    service.moment.pass_by(hours=13)
    desk.send("/registrations/new", **filled)
    service.moment.pass_by(seconds=30)
    desk.send("/sign-in", email=desk.person.email, password=desk.person.password)
    shown = desk.send("/sign-in/code", code=desk.person.code()).text
    assert f'data-account="{service.desk.account}"' in shown
    assert '<form method="post" action="/registrations/new" data-kept>' in shown


@one_store
def test_page_with_a_filter_returns_with_it_after_sign_in(service):
    reader = Reader(service, "desk")
    listed = "/registrations?status=open&order=-waiting"
    assert reader.get(listed).url.params["to"] == listed
    service.moment.pass_by(seconds=30)
    reader.send("/sign-in", email=reader.person.email, password=reader.person.password)
    back = reader.send("/sign-in/code", code=reader.person.code())
    assert (back.status_code, str(back.url).removeprefix(str(service.client.base_url))) == (200, listed)
    assert reader.send("/language", language="nl").url == back.url
    assert 'name="to" value="/country"' in reader.get(f"/sign-in?to=/country?area={'x' * 600}").text


@one_store
@pytest.mark.parametrize("path", ["/places", "/sign-in/sso"])
def test_page_before_sign_in_does_not_repeat_its_query(service, path):
    page = service.client.get(f"{path}?state=s&code=c", headers={"Accept": "text/html"}).text
    assert 'name="to" value="/sign-in' in page
    assert "?" not in page.partition('action="/language"')[2].partition("</form>")[0]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("language", "words"), [("en", "Does signing in not"), ("nl", "Lukt inloggen helemaal niet")])
def test_sign_in_names_the_operator_where_one_is_set(service, monkeypatch, language, words):
    number = service.desk.get("/centre").json()["telephones"]["placing"]
    reader = Reader(service, "desk", language=language)
    assert words not in reader.get("/sign-in").text
    contact = Contact("Beheer <Opvang>", "help@placement.example", "https://placement.example/help")
    monkeypatch.setattr(service.app.state, "settings", changed(service.app.state.settings, contact=contact))
    first = reader.get("/sign-in").text
    second = reader.send("/sign-in", email="nobody@placement.example", password="x" * 12).text
    for page in (first, second):
        told = page.partition(words)[2].partition("</p>")[0]
        assert "Beheer &lt;Opvang&gt;" in told
        assert 'href="mailto:help@placement.example"' in told
        assert 'href="https://placement.example/help"' in told
        assert number not in page
    assert words not in signed_in(service, "desk", language=language).get("/country").text
