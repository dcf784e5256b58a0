"""Codes that change with the time, each taken once; recovery codes, each once; and when the factor is fresh."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlmodel import select

from placement.access import fresh_factor
from placement.accounts import totp
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.core.errors import NotAllowed
from placement.core.settings import Settings
from placement.tables import Account, RecoveryCode
from tests.support.accounts import person
from tests.support.stores import one_store
from tests.support.town import AT

SECRET = pyotp.random_base32()


def take(client, code, at=None):
    with client.database.transaction() as session:
        act = Act(session, SYSTEM, at or client.at, client.settings)
        return totp.take(act, session.get(Account, client.account), code)


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_of_now_or_of_the_half_minute_before_or_after(seconds, good):
    code = pyotp.TOTP(SECRET).at(AT + timedelta(seconds=seconds))
    assert (totp.step_of(SECRET, code, AT) is not None) == good


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "٠١٢٣٤٥", "\x00"])
def test_malformed_code_is_refused(code):
    assert totp.step_of(SECRET, code, AT) is None


def test_a_code_is_taken_once_and_an_earlier_one_not_after_it(empty):
    client = person(empty, AT)
    joined_with, next_one = client.code(), pyotp.TOTP(client.totp_secret).at(AT + timedelta(seconds=30))
    assert not take(client, joined_with)
    assert take(client, next_one)
    assert not take(client, next_one)
    client.later(seconds=60)
    assert not take(client, next_one)
    assert take(client, client.code())


@pytest.mark.parametrize("ahead", [{"minutes": 3}, {"hours": 1}, {"days": 30}])
def test_code_of_a_clock_ahead_does_not_lock_the_account(empty, ahead):
    client = person(empty, AT)
    assert take(client, totp.code_at(client.totp_secret, AT + timedelta(**ahead)), AT + timedelta(**ahead))
    client.later(seconds=60)
    assert take(client, client.code())
    assert not take(client, client.code())
    client.later(seconds=30)
    assert take(client, client.code())


def test_code_sent_twice_at_once_is_taken_once(empty):
    client = person(empty, AT)
    client.later(seconds=30)
    together = threading.Barrier(4)

    def one():
        together.wait()
        return take(client, client.code())

    with ThreadPoolExecutor(4) as pool:
        assert sorted(future.result() for future in [pool.submit(one) for _ in range(4)]) == [False, False, False, True]


def test_recovery_code_in_any_spelling_is_taken_once(empty):
    client = person(empty, AT)
    assert len(set(client.recovery_codes)) == totp.RECOVERY_CODES == 10
    first, second = client.recovery_codes[:2]
    assert take(client, f" {first.lower()} ")
    assert not take(client, first)
    assert take(client, second)


@one_store
def test_recovery_code_is_per_account_stored_as_fingerprint(empty):
    client, other = person(empty, AT), person(empty, AT, "ander@placement.example")
    assert not take(other, client.recovery_codes[0])
    with empty.database.transaction() as session:
        stored = repr(session.exec(select(RecoveryCode)).all())
        raw = repr(session.connection().exec_driver_sql("SELECT * FROM account").all())
    assert not any(code in stored for code in client.recovery_codes)
    assert client.totp_secret not in raw


def test_code_without_an_account_is_refused(empty):
    with empty.database.transaction() as session:
        act = Act(session, SYSTEM, AT, empty.settings)
        assert not totp.take(act, None, "000000")


def test_totp_uri_names_the_service_and_the_account():
    uri = urlsplit(totp.otpauth_uri(SECRET, "zij@placement.example"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert parse_qs(uri.query)["secret"] == [SECRET]
    assert parse_qs(uri.query)["issuer"] == ["Placement"]


@pytest.mark.parametrize(
    ("given", "fresh"),
    [(None, False), (timedelta(0), True), (timedelta(minutes=4.99), True), (timedelta(minutes=5), False)],
)
def test_a_factor_given_again_is_fresh_for_five_minutes(given, fresh):
    actor = Actor("A", Role.DESK, session_id="Z", verified_at=None if given is None else AT - given)
    act = Act(None, actor, AT, Settings())
    if fresh:
        fresh_factor.require_fresh(act)
        fresh_factor.require_fresh(replace(act, settings=Settings(fresh_second_factor=timedelta(days=1))))
        return
    with pytest.raises(NotAllowed) as refused:
        fresh_factor.require_fresh(act)
    assert refused.value.code == "second_factor_needed"
