"""Sessions: lifetimes, how they end, and that they end at once."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from placement.accounts import changing, sessions
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import NotAllowed, NotFound, Unauthenticated
from placement.retention.job import erase_everything_due
from placement.tables import Account, AccountSession, KnownDevice, RateLimit, SignInChallenge
from tests.support.accounts import person
from tests.support.stores import one_store
from tests.support.town import ADMIN, AT

pytestmark = pytest.mark.usefixtures("quick_passwords")


def actor(her, secret, at=None):
    with her.database.transaction() as session:
        return sessions.actor_of(session, at or her.at, her.settings, secret)


def refused(her, secret, at=None):
    with pytest.raises(Unauthenticated) as error:
        actor(her, secret, at)
    return error.value.code == "session_refused" and error.value.facts == {}


def do(her, verb, *args, actor):
    with her.database.transaction() as session:
        return verb(Act(session, actor, her.at, her.settings), *args)


@pytest.mark.parametrize(("minutes", "alive"), [(14.99, True), (15, False), (60, False)])
@one_store
def test_idle_session_ends_after_fifteen_minutes(empty, minutes, alive):
    her = person(empty, AT)
    secret = her.sign_in().session
    her.later(minutes=minutes)
    assert bool(actor(her, secret)) if alive else refused(her, secret)


def test_used_session_ends_after_twelve_hours(empty):
    her = person(empty, AT)
    secret = her.sign_in().session
    for _ in range(71):
        her.later(minutes=10)
        assert actor(her, secret).id == her.account
    her.later(minutes=10)
    assert refused(her, secret)


@one_store
def test_the_last_use_is_written_once_a_minute(empty):
    her = person(empty, AT)
    secret = her.sign_in().session
    began, seen = her.at, []
    for seconds in (0, 30, 59, 60, 90, 119, 120):
        her.at = began + timedelta(seconds=seconds)
        actor(her, secret)
        with empty.database.transaction() as session:
            seen.append(round((session.exec(select(AccountSession.last_used_at)).one() - began).total_seconds()))
    assert seen == [0, 0, 0, 60, 60, 60, 120]


def test_changed_rights_and_disabled_account_apply_at_once(empty):
    her = person(empty, AT)
    secret = her.sign_in().session
    do(her, changing.change, her.account, {"role": Role.AUDITOR}, actor=ADMIN)
    assert actor(her, secret).role is Role.AUDITOR
    do(her, changing.disable, her.account, actor=ADMIN)
    assert refused(her, secret)
    with pytest.raises(Unauthenticated):
        her.sign_in()
    do(her, changing.enable, her.account, actor=ADMIN)
    assert refused(her, secret)  # what was open stays shut
    assert actor(her, her.sign_in().session)


@one_store
def test_session_of_a_disabled_account_row_is_refused(empty):
    her = person(empty, AT)
    secret = her.sign_in().session
    with empty.database.transaction() as session:
        session.get_one(Account, her.account).disabled_at = AT
    assert refused(her, secret)


def test_actor_lists_and_ends_own_sessions_only(empty):
    her, other = person(empty, AT), person(empty, AT, "ander@placement.example")
    secrets = [her.sign_in().session for _ in range(3)]
    foreign = other.sign_in().session
    me = actor(her, secrets[0])
    mine = [one.id for one in do(her, lambda act: act.session.exec(sessions.active(act)).all(), actor=me)]
    assert len(mine) == 3
    do(her, sessions.end, actor(her, secrets[1]).session_id, actor=me)
    assert refused(her, secrets[1])
    for not_mine in (actor(other, foreign).session_id, "Z-0"):
        with pytest.raises(NotFound):
            do(her, sessions.end, not_mine, actor=me)
    assert do(her, sessions.end_all, her.account, actor=me) == 2
    assert refused(her, secrets[0])
    assert refused(her, secrets[2])
    assert actor(other, foreign).id == other.account


@one_store
def test_session_has_its_own_secret_stored_as_fingerprint(empty):
    her = person(empty, AT)
    begun = [her.sign_in() for _ in range(2)]
    assert begun[0].session != begun[1].session
    with empty.database.transaction() as session:
        raw = "".join(
            repr(session.connection().exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
            for table in ("accountsession", "knowndevice", "throttle", "signinchallenge", "auditevent")
        )
    for one in begun:
        assert one.session not in raw
        assert one.device not in raw
    assert her.email not in raw
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


@one_store
def test_expired_sessions_and_challenges_are_erased(empty):
    her = person(empty, AT)
    her.sign_in()
    with pytest.raises(Unauthenticated):
        her.sign_in("000000")
    tables = (AccountSession, SignInChallenge, KnownDevice, RateLimit)
    kept = {}
    for days in (0.9, 1.1, 89, 91):
        act_of = partial(Act, actor=SYSTEM, at=AT + timedelta(days=days), settings=her.settings)
        list(erase_everything_due(empty.database, act_of))
        with empty.database.transaction() as session:
            kept[days] = [len(session.exec(select(table)).all()) for table in tables]
    assert kept == {0.9: [1, 0, 1, 3], 1.1: [0, 0, 1, 0], 89: [0, 0, 1, 0], 91: [0, 0, 0, 0]}
