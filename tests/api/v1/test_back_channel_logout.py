"""Back-channel logout: the provider ends the sessions of a person, and no other token ends anything."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.pages.routes import PAGES
from placement.accounts.sso import LOGOUT_EVENT, LOGOUT_LIFETIME
from placement.tables import Account
from tests.support.sso_provider import (
    CLIENT,
    FOREIGN,
    HOUR,
    Arriving,
    by_the_public_key,
    provider,
    signed,
    unsigned,
)
from tests.support.stores import both_stores, one_store

__all__ = ("provider",)
LIFE = int(LOGOUT_LIFETIME.total_seconds())


@pytest.fixture
def person(service, provider):
    """A person of the desk who once came by the provider, and has a session."""
    Arriving(service, provider)
    with service.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "desk-1@placement.example")).one()
        account.sso_subject, found = f"{provider.issuer} s-1", account.id
    return service.session_of(found)


def sent(service, provider, make=signed, **other):
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": provider.issuer, "aud": CLIENT, "sub": "s-1", "jti": "j-1", "iat": now, "exp": now + HOUR}
    claims |= {"events": {LOGOUT_EVENT: {}}} | {name: value for name, value in other.items() if value is not ...}
    claims = {name: value for name, value in claims.items() if other.get(name, 0) is not ...}
    return service.client.post("/sign-in/sso/logout", data={"logout_token": make(claims)}).status_code


def is_in(person):
    return person.get("/session").status_code == 200


@pytest.mark.wide
@one_store
def test_logout_at_the_provider_ends_the_sessions_here(service, provider, person):
    assert is_in(person)
    assert sent(service, provider, sub="s-2") == 200
    assert is_in(person)
    assert sent(service, provider) == 200
    assert not is_in(person)


def arrived(service, provider, sid, *factors):
    """Returns a browser that signed in through the provider, which names its session."""
    answer = Arriving(service, provider).arrive(sid=sid, amr=[*factors])
    desk = service.browser("desk")
    if factors:
        desk.cookies = dict(one.partition(";")[0].split("=", 1) for one in answer.headers.get_list("set-cookie"))
    else:
        assert desk.give_code(answer.json()["challenge"], desk.code()).is_success
    assert is_in(desk)
    return desk


@pytest.mark.wide
@both_stores
def test_logout_of_a_session_at_the_provider_ends_that_session(service, provider):
    with_code, other = arrived(service, provider, "z-1"), arrived(service, provider, "z-2", "mfa")
    for wrong in ({"sid": "z-3"}, {"sid": "z-2", "iss": "http://another"}):
        sent(service, provider, **{"sub": ..., **wrong})
    assert is_in(with_code)
    assert sent(service, provider, sub=..., sid="z-1") == 200
    assert (is_in(with_code), is_in(other)) == (False, True)
    assert sent(service, provider, sid="z-3") == 200  # the person leaves: every session
    assert not is_in(other)


@one_store
def test_logout_ends_a_sign_in_that_waits_for_our_code(service, provider):
    challenge = Arriving(service, provider).arrive(sid="z-1").json()["challenge"]
    assert sent(service, provider, sub=..., sid="z-1") == 200
    desk = service.browser("desk")
    assert desk.give_code(challenge, desk.code()).status_code == 401


@one_store
def test_name_of_a_session_is_stored_as_a_pseudonym(service, provider):
    arrived(service, provider, "session-of-the-provider")
    with service.database.engine.connect() as connection:
        [stored] = connection.execute(text("SELECT sso_session FROM accountsession WHERE sso_session IS NOT NULL"))
    assert "session-of" not in stored[0]


@one_store
@pytest.mark.parametrize(
    "other",
    [
        {"events": {}},
        {"events": ...},
        {"nonce": "n"},
        {"aud": "another"},
        {"iss": "http://another"},
        {"sub": ...},
        {"sub": ..., "sid": ""},
        {"sub": ..., "sid": 1},
        {"sid": 1},
        {"jti": ...},
        {"exp": ...},
        {"exp": 1},
        {"iat": ...},
        {"iat": int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())},
        {"iat": int(datetime(2099, 1, 1, tzinfo=UTC).timestamp())},
    ],
    ids=lambda other: "-".join(f"{name}" for name in other),
)
def test_token_that_is_no_logout_token_ends_nothing(service, provider, person, other):
    assert sent(service, provider, **other) == 400
    assert is_in(person)


@one_store
@pytest.mark.parametrize("make", [unsigned, by_the_public_key, lambda claims: signed(claims, FOREIGN), lambda _: "x"])
def test_forged_logout_token_ends_nothing(service, provider, person, make):
    assert sent(service, provider, make) == 400
    assert is_in(person)


def test_no_other_form_is_taken_from_another_site():
    opted = [one.path for one in PAGES.routes if any(handler.opt.get("by_provider") for handler in one.route_handlers)]
    assert opted == ["/sign-in/sso/logout"]
