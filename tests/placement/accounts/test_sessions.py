"""Sessions: lifetimes, how they end, and that they end at once."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from placement.accounts import account_changes, sessions
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import NotAllowed, NotFound, Unauthenticated
from placement.retention.job import erase_everything_due
from placement.tables import Account, AccountSession, KnownDevice, RateLimit, SignInChallenge
from tests.support.accounts import person
from tests.support.audit_log import logged
from tests.support.stores import one_store
from tests.support.town import ADMIN, AT


def actor(client, secret, at=None, **how):
    with client.database.transaction() as session:
        return sessions.actor_of(session, at or client.at, client.settings, secret, **how)


def refused(client, secret, at=None):
    with pytest.raises(Unauthenticated) as error:
        actor(client, secret, at)
    return error.value.code == "session_refused" and error.value.facts == {}


def do(client, verb, *args, actor):
    with client.database.transaction() as session:
        return verb(Act(session, actor, client.at, client.settings), *args)


@pytest.mark.parametrize(("minutes", "alive"), [(14.99, True), (15, False), (60, False)])
@one_store
def test_idle_session_ends_after_fifteen_minutes(empty, minutes, alive):
    client = person(empty, AT)
    secret = client.sign_in().session
    client.later(minutes=minutes)
    assert bool(actor(client, secret)) if alive else refused(client, secret)


@one_store
def test_page_that_asks_by_itself_keeps_no_session_alive(empty):
    client = person(empty, AT)
    secret = client.sign_in().session
    client.later(minutes=14)
    assert actor(client, secret, used=False)
    client.later(minutes=1)
    assert refused(client, secret)


@pytest.mark.wide
def test_used_session_ends_after_twelve_hours(empty):
    client = person(empty, AT)
    secret = client.sign_in().session
    for _ in range(71):
        client.later(minutes=10)
        assert actor(client, secret).id == client.account
    client.later(minutes=10)
    assert refused(client, secret)


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize(("minutes", "alive"), [(14, True), (16, False), (60, False), (45_000, False)])
@one_store
def test_session_of_a_clock_ahead_ends_when_it_is_put_back(empty, minutes, alive, used):
    client = person(empty, AT)
    if used:
        client.later(minutes=-10)
    secret = client.sign_in().session
    if used:
        client.later(minutes=10)
        actor(client, secret)
    client.later(minutes=-minutes)
    assert do(client, sessions.end_later, actor=ADMIN) == (not alive)
    if alive:
        assert actor(client, secret)
        return
    for later in (0, minutes, 5):
        client.later(minutes=later)
        assert refused(client, secret)


@one_store
def test_the_last_use_is_written_once_a_minute(empty):
    client = person(empty, AT)
    secret = client.sign_in().session
    began, seen = client.at, []
    for seconds in (0, 30, 59, 60, 90, 119, 120):
        client.at = began + timedelta(seconds=seconds)
        actor(client, secret)
        with empty.database.transaction() as session:
            seen.append(round((session.exec(select(AccountSession)).one().last_used_at - began).total_seconds()))
    assert seen == [0, 0, 0, 60, 60, 60, 120]


def test_changed_rights_and_disabled_account_apply_at_once(empty):
    client = person(empty, AT)
    secret = client.sign_in().session
    do(client, account_changes.change, client.account, {"role": Role.AUDITOR}, actor=ADMIN)
    assert actor(client, secret).role is Role.AUDITOR
    do(client, account_changes.disable, client.account, actor=ADMIN)
    assert refused(client, secret)
    with pytest.raises(Unauthenticated):
        client.sign_in()
    do(client, account_changes.enable, client.account, actor=ADMIN)
    assert refused(client, secret)  # what was open stays shut
    assert actor(client, client.sign_in().session)


@one_store
def test_session_of_a_disabled_account_row_is_refused(empty):
    client = person(empty, AT)
    secret = client.sign_in().session
    with empty.database.transaction() as session:
        session.get_one(Account, client.account).disabled_at = AT
    assert refused(client, secret)


@pytest.mark.wide
def test_actor_lists_and_ends_own_sessions_only(empty):
    client, other = person(empty, AT), person(empty, AT, "ander@placement.example")
    secrets = [client.sign_in().session for _ in range(3)]
    foreign = other.sign_in().session
    me = actor(client, secrets[0])
    mine = [one.id for one in do(client, sessions.active, actor=me)]
    assert len(mine) == 3
    do(client, sessions.end, actor(client, secrets[1]).session_id, actor=me)
    assert refused(client, secrets[1])
    for not_mine in (actor(other, foreign).session_id, "Z-0"):
        with pytest.raises(NotFound):
            do(client, sessions.end, not_mine, actor=me)
    assert do(client, sessions.end_all, client.account, actor=me) == 2
    assert refused(client, secrets[0])
    assert refused(client, secrets[2])
    assert actor(other, foreign).id == other.account


@one_store
def test_session_has_its_own_secret_stored_as_fingerprint(empty):
    client = person(empty, AT)
    begun = [client.sign_in() for _ in range(2)]
    assert begun[0].session != begun[1].session
    with empty.database.transaction() as session:
        raw = "".join(
            repr(session.connection().exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
            for table in ("accountsession", "knowndevice", "throttle", "signinchallenge")
        )
        raw += repr([line.content for line in logged(session)])
    for one in begun:
        assert one.session not in raw
        assert one.device not in raw
    assert client.email not in raw
    assert "192.0.2.1" not in raw


@pytest.mark.parametrize("secret", ["", "pls_nonsense", "plt_" + "x" * 43])
@one_store
def test_invalid_sessions_are_refused_alike(empty, secret):
    assert refused(person(empty, AT), secret)


def test_csrf_token_is_per_session_and_hides_the_secret():
    token = sessions.csrf_token_of("pls_one")
    assert "pls_one" not in token
    sessions.require_csrf_token("pls_one", token)
    for wrong in ("", token[:-1], token.upper(), sessions.csrf_token_of("pls_two"), "é"):
        with pytest.raises(NotAllowed) as refusal:
            sessions.require_csrf_token("pls_one", wrong)
        assert refusal.value.code == "csrf_refused"


@pytest.mark.wide
@one_store
def test_expired_sessions_and_challenges_are_erased(empty):
    client = person(empty, AT)
    client.sign_in()
    with pytest.raises(Unauthenticated):
        client.sign_in("000000")
    tables = (AccountSession, SignInChallenge, KnownDevice, RateLimit)
    kept = {}
    for days in (0.5, 1.1, 89, 92):
        act_of = partial(Act, actor=SYSTEM, at=AT + timedelta(days=days), settings=client.settings)
        list(erase_everything_due(empty.database, act_of))
        with empty.database.transaction() as session:
            kept[days] = [len(session.exec(select(table)).all()) for table in tables]
    assert kept == {0.5: [1, 0, 1, 10], 1.1: [0, 0, 1, 0], 89: [0, 0, 1, 0], 92: [0, 0, 0, 0]}
