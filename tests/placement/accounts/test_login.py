"""Login reveals nothing, guessing is rate-limited, and guessing at an account does not lock it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from placement.accounts import accounts, login, passwords
from placement.accounts.login import BY_CALLER, BY_CODE, BY_NETWORK, Caller
from placement.accounts.rate_limits import Pace
from placement.accounts.sessions import actor_of
from placement.core.context import Origin
from placement.core.errors import Invalid, TooManyTries, Unauthenticated
from tests.support.accounts import ELSEWHERE, HOME, PASSWORD, person
from tests.support.audit_log import logged
from tests.support.stores import one_store
from tests.support.town import AT

WRONG = "a wrong password, and long"


def refused(client, **given):
    with pytest.raises(Unauthenticated) as error:
        client.sign_in(**given)
    return error.value.code, error.value.facts


def network(number):
    return Caller(f"203.0.113.{number}", "Chrome, Linux", None)


def wait_of(client, **given):
    """Returns the seconds to wait before the next try; 0 if this try was accepted."""
    try:
        client.challenge(**given)
    except TooManyTries as error:
        return error.facts["seconds"]
    return 0


def test_login_errors_are_refused_alike_at_the_second_step(empty):
    client = person(empty, AT)
    wrong = [
        {"email": "niemand@placement.example"},
        {"password": WRONG},
        {"code": "000000"},
        {"password": WRONG, "code": "000000"},
        {"code": "AAAA-BBBB-CCCC-DDDD"},
    ]
    assert {repr(refused(client, who=network(n), **given)) for n, given in enumerate(wrong)} == {
        repr(("sign_in_refused", {}))
    }
    assert client.sign_in(email="  ZIJ@placement.example ").session


def test_challenge_allows_five_minutes_three_codes_one_session(empty):
    client = person(empty, AT)

    def give(challenge, code):
        return login.give_code(client.database, client.settings, client.at, HOME, challenge=challenge, code=code)

    client.later(seconds=30)
    challenge = client.challenge()
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            give(challenge, "000000")
    assert give(challenge, client.code())
    for old in (challenge, "", "plq_nonsense"):
        client.later(seconds=30)
        with pytest.raises(Unauthenticated):
            give(old, client.code())
    challenge = client.challenge()
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            give(challenge, "000000")
    with pytest.raises(Unauthenticated):
        give(challenge, client.code())
    challenge = client.challenge()
    client.later(minutes=5)
    with pytest.raises(Unauthenticated):
        give(challenge, client.code())


@pytest.mark.parametrize(
    ("tries", "seconds"), [(5, 0), (6, 2), (7, 4), (8, 8), (14, 512), (15, 900), (40, 900), (10**6, 900)]
)
def test_rate_limit_doubles_up_to_a_quarter_of_an_hour(tries, seconds):
    assert BY_CALLER.wait(tries).total_seconds() == seconds


def test_rate_limit_is_alike_with_or_without_an_account(empty):
    client = person(empty, AT)
    seen = {}
    for email, who in ((client.email, network(1)), ("niemand@placement.example", network(2))):
        client.at = AT
        seen[email] = [wait_of(client, password=WRONG, email=email, who=who) for _ in range(8)]
        client.later(seconds=2)
        seen[email] += [wait_of(client, password=WRONG, email=email, who=who) for _ in range(2)]
        client.later(days=1)
        seen[email] += [wait_of(client, password=WRONG, email=email, who=who)]
    assert list(seen.values()) == [[0, 0, 0, 0, 0, 0, 2, 2, 0, 4, 0]] * 2


@pytest.mark.wide
def test_guesses_from_elsewhere_do_not_lock_the_account(empty):
    client = person(empty, AT)
    device = client.sign_in().device
    for number in range(8):  # from many networks, that of the account among them
        for who in (network(number), HOME):
            wait_of(client, password=WRONG, who=who)
    assert wait_of(client) > 0  # from the account's own network, with an unknown browser
    assert wait_of(client, who=replace(HOME, device=device)) == 0  # with a known browser
    assert client.sign_in(who=replace(HOME, device=device))
    assert client.sign_in(who=ELSEWHERE)  # from another network, with any


@pytest.mark.wide
def test_known_browser_is_per_account_and_rate_limited_too(empty):
    client, other = person(empty, AT), person(empty, AT, "ander@placement.example")
    device = client.sign_in().device
    with_hers = replace(HOME, device=device)
    waits = [wait_of(other, password=WRONG, who=with_hers) for _ in range(7)]
    assert waits[-1] > 0
    assert wait_of(other, password=WRONG, who=HOME) > 0  # by the network: a device is known for its accounts only
    assert [wait_of(client, password=WRONG, who=with_hers) for _ in range(7)][-1] > 0
    other.later(days=1)
    assert other.sign_in(who=with_hers).device == device  # two people at one desk: it is known for both
    client.later(days=2)
    assert client.sign_in(who=with_hers).device == device


@pytest.mark.wide
def test_network_rate_limit_counts_failed_sign_ins_only(empty, monkeypatch):
    monkeypatch.setattr(login, "BY_NETWORK", BY_NETWORK._replace(holds=6))  # 50, in fact
    client = person(empty, AT)
    for _ in range(7):
        device = client.sign_in().device
    waits = [wait_of(client, password=WRONG, email=f"{n}@placement.example") for n in range(7)]
    assert waits == [0, 0, 0, 0, 0, 0, 10]
    assert wait_of(client) == 10  # from the same network, with an unknown browser
    assert wait_of(client, who=replace(HOME, device=device)) == 0
    assert client.sign_in(who=ELSEWHERE)


@pytest.mark.wide
def test_code_guessing_from_many_networks_is_rate_limited(empty):
    client = person(empty, AT)
    device = client.sign_in().device
    for number in range(BY_CODE.free + 1):
        refused(client, code="000000", who=network(number))
    client.at -= timedelta(seconds=30)
    assert refused(client, who=network(100))[0] == "sign_in_refused"  # the right code is refused as well
    assert client.sign_in(who=replace(HOME, device=device))
    for number in range(BY_CODE.free + 1):
        refused(client, code="000000", who=network(number))
    client.later(minutes=1)
    assert client.sign_in(who=ELSEWHERE)  # a minute later also with an unknown browser


@pytest.mark.wide
def test_a_right_code_that_was_not_judged_is_not_used_up(empty):
    client = person(empty, AT)
    for number in range(BY_CODE.free + 1):
        refused(client, code="000000", who=network(number))
    client.at -= timedelta(seconds=30)
    refused(client, code=client.recovery_codes[0], who=network(50))
    client.later(minutes=2)
    assert client.sign_in(client.recovery_codes[0], who=network(51))


def test_many_tries_at_once_are_counted_one_by_one(empty):
    client = person(empty, AT)
    together = threading.Barrier(8)

    def one():
        together.wait()
        return wait_of(client, password=WRONG)

    with ThreadPoolExecutor(8) as pool:
        waits = [future.result() for future in [pool.submit(one) for _ in range(8)]]
    assert sum(wait == 0 for wait in waits) == BY_CALLER.free + 1


def test_the_second_factor_is_asked_again_and_slowed_down(empty):
    client = person(empty, AT)
    secret = client.sign_in().session

    def me():
        with client.database.transaction() as session:
            return actor_of(session, client.at, client.settings, secret)

    def give(code):
        login.give_code_again(client.database, client.settings, client.at, me(), code=code, origin=Origin())

    with pytest.raises(Invalid):
        give(client.code())  # the code of the sign-in was used already
    client.later(seconds=30)
    give(client.code())
    assert me().verified_at == client.at
    for _ in range(BY_CALLER.free + 1):
        with pytest.raises(Invalid):
            give("000000")
    client.later(seconds=1)
    with pytest.raises(TooManyTries):
        give(client.code())


@one_store
def test_outdated_hash_is_renewed_at_login(empty, monkeypatch):
    client = person(empty, AT)
    with empty.database.transaction() as session:
        before = accounts.with_email(session, client.email).password_hash
    monkeypatch.setattr(passwords, "_HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1))
    client.challenge(password=WRONG)
    with empty.database.transaction() as session:
        assert accounts.with_email(session, client.email).password_hash == before
    client.challenge()
    with empty.database.transaction() as session:
        after = accounts.with_email(session, client.email).password_hash
    assert "m=8192,t=1" in after
    assert passwords.is_right(after, PASSWORD)


@one_store
def test_refused_login_event_names_no_email_or_network(empty):
    client = person(empty, AT)
    refused(client, password=WRONG)
    refused(client, email="niemand@placement.example")
    with empty.database.transaction() as session:
        lines = logged(session, event="sign_in:refused")
    assert [(line.object_id, line.facts["step"]) for line in lines] == [
        (client.account, "password"), (None, "code"), (None, "password"), (None, "code")
    ]  # fmt: skip
    assert "placement.example" not in repr([line.facts for line in lines])


def test_a_pace_forgets_after_its_time_and_not_before(empty):
    pace = Pace(1, timedelta(seconds=1), timedelta(seconds=1), timedelta(minutes=1))
    take = login.rate_limits.take
    assert take(empty.database, pace, "x", AT) == take(empty.database, pace, "x", AT) == 0
    assert take(empty.database, pace, "x", AT) == 1
    assert take(empty.database, pace, "x", AT + timedelta(seconds=1)) == 0
    assert take(empty.database, pace, "x", AT + timedelta(seconds=1.5)) == 1
    assert take(empty.database, pace, "x", AT + timedelta(minutes=2)) == 0
    assert take(empty.database, pace, "x", AT + timedelta(minutes=2)) == 0
