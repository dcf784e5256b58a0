"""The length of a desk session: two idle hours on duty in a known browser, 15 minutes otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import delete, select

from placement.accounts import account_changes, sessions
from placement.accounts.login import DEVICE_KNOWN_FOR
from placement.core.clock import day_of
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.errors import Unauthenticated
from placement.tables import AccountSession, KnownDevice
from tests.support.accounts import HOME, person
from tests.support.settings import changed
from tests.support.stores import one_store
from tests.support.town import ADMIN, AT

SATURDAY, TUESDAY_NIGHT = timedelta(days=4), timedelta(hours=10)
UNTIL_FIVE = timedelta(hours=6)
"""From `AT`, a Tuesday at eleven, to the end of duty."""


def lives(client, secret, **how):
    with client.database.transaction() as session:
        try:
            return sessions.actor_of(session, client.at, client.settings, secret, **how)
        except Unauthenticated:
            return None


def act(client, verb, *args, actor, **facts):
    with client.database.transaction() as session:
        return verb(Act(session, actor, client.at, client.settings), *args, **facts)


def known_at(place, began=timedelta(0), role=Role.DESK):
    """Signs in a second time with the same browser, and returns the person and the secret of the session."""
    client = person(place, AT - timedelta(days=1), role=role)
    first = client.sign_in()
    client.at = AT + began - timedelta(seconds=30)
    return client, client.sign_in(who=replace(HOME, device=first.device)).session


def test_known_browser_on_duty_lasts_two_idle_hours(empty):
    client, secret = known_at(empty)
    for minutes in (119, 119):
        client.later(minutes=minutes)
        actor = lives(client, secret)
        assert actor is not None
    assert actor.ends_at == client.at + timedelta(hours=2)
    listed = act(client, sessions.active, actor=actor)
    client.later(minutes=120)
    assert (len(listed), lives(client, secret)) == (1, None)


@one_store
def test_unknown_browser_on_duty_lasts_fifteen_minutes(empty):
    client = person(empty, AT)
    secret = client.sign_in().session
    client.later(minutes=15)
    assert lives(client, secret) is None


@one_store
@pytest.mark.parametrize("role", [Role.ADMIN, Role.READER])
def test_other_role_on_duty_lasts_fifteen_minutes(empty, role):
    client, secret = known_at(empty, role=role)
    client.later(minutes=15)
    assert lives(client, secret) is None


@one_store
@pytest.mark.parametrize("began", [SATURDAY, TUESDAY_NIGHT, -timedelta(minutes=121)])
def test_known_browser_off_duty_lasts_fifteen_minutes(empty, began):
    """The last begins a minute before duty: a session that has ended does not come back with the duty."""
    client, secret = known_at(empty, began)
    client.later(minutes=15)
    assert lives(client, secret) is None


@one_store
@pytest.mark.parametrize(("before_five", "lasts"), [(90, 90), (15, 15), (5, 15), (1, 15)])
def test_end_of_duty_ends_a_longer_session(empty, before_five, lasts):
    client, secret = known_at(empty, UNTIL_FIVE - timedelta(minutes=before_five))
    client.later(minutes=lasts, seconds=-1)
    assert lives(client, secret, used=False) is not None
    client.later(seconds=1)
    assert lives(client, secret) is None


@one_store
def test_twelve_hours_end_a_longer_session_too(empty):
    client, secret = known_at(empty)
    client.settings = changed(client.settings, duty_hours=(0, 24))
    for _ in range(11):
        client.later(hours=1)
        assert lives(client, secret) is not None
    client.later(hours=1)
    assert lives(client, secret) is None


def test_revoked_browser_lasts_fifteen_minutes(empty):
    """The session of this browser was ended at another: its next session is that of an unknown browser."""
    client, secret = known_at(empty)
    device = client.sign_in(who=replace(HOME, device=None))
    elsewhere, here = lives(client, device.session), lives(client, secret)
    act(client, sessions.end, here.session_id, actor=elsewhere)
    assert lives(client, secret) is None
    with client.database.transaction() as session:
        assert [one.fingerprint for one in session.exec(select(KnownDevice))] == [elsewhere.browser]


@one_store
def test_forgotten_browser_shortens_a_running_session(empty):
    client, secret = known_at(empty)
    client.later(minutes=20)
    assert lives(client, secret) is not None
    with client.database.transaction() as session:
        session.exec(delete(KnownDevice))
    client.later(minutes=14)
    assert lives(client, secret) is not None
    client.later(minutes=15)
    assert lives(client, secret) is None


@one_store
def test_expired_browser_and_changed_role_shorten_it_at_once(empty):
    client, secret = known_at(empty)
    with client.database.transaction() as session:
        row = session.exec(select(KnownDevice)).one()
        row.expires_on = day_of(AT) - timedelta(days=1)
    client.later(minutes=20)
    assert lives(client, secret) is None
    with client.database.transaction() as session:
        session.exec(select(KnownDevice)).one().expires_on = day_of(AT) + DEVICE_KNOWN_FOR
    assert lives(client, secret) is not None
    act(client, account_changes.change, client.account, {"role": Role.AUDITOR}, actor=ADMIN)
    client.later(minutes=20)
    assert lives(client, secret) is None


@one_store
@pytest.mark.parametrize(("minutes", "alive"), [(14, True), (16, False), (300, False)])
def test_longer_session_of_a_clock_ahead_ends_when_put_back(empty, minutes, alive):
    client, secret = known_at(empty)
    client.later(minutes=-minutes)
    assert act(client, sessions.end_later, actor=ADMIN) == (not alive)
    assert (lives(client, secret) is not None) == alive


@one_store
def test_session_before_the_change_lasts_fifteen_minutes(empty):
    client, secret = known_at(empty)
    with client.database.transaction() as session:
        session.exec(select(AccountSession).where(AccountSession.is_known)).one().is_known = None
    client.later(minutes=15)
    assert lives(client, secret) is None
