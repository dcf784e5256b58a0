"""Attackers of passkeys: answers replayed, relayed, forged, copied, or of another; and phished codes in their place."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from placement.access.permissions import WITHOUT_PASSKEY, Permission, require
from placement.accounts import accounts, login, passkeys
from placement.audit.anomaly_rules import ANOMALY_RULES, LoggedEvent
from placement.audit.events import Event
from placement.core.codes import Protocol
from placement.core.context import SYSTEM, Factor, Origin
from placement.core.errors import Invalid, NotAllowed, SealBroken, Unauthenticated
from placement.core.ids import fingerprint
from placement.tables import Passkey
from tests.support.accounts import HOME, PASSWORD, person
from tests.support.audit_log import logged
from tests.support.authenticator import Authenticator
from tests.support.passkeys import EMAIL, Place, login_by_code
from tests.support.town import AT


@pytest.fixture
def place(empty):
    return Place(empty)


def test_passkey_without_the_password_or_of_another_is_refused(place):
    has, _ = place.joins()
    other, _ = place.joins(email="ander@placement.example")
    for key, given in ((has, {"password": "a wrong password, and long"}), (other, {})):
        with pytest.raises(Unauthenticated, match="sign_in_refused"):
            place.signs_in(key, **given)
    with pytest.raises(Unauthenticated):
        place.signs_in(has, "niemand@placement.example")
    assert place.signs_in(has)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://placement.example.attacker.example"},
        {"origin": "http://placement.example"},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
    ids=str,
)
def test_passkey_signed_for_something_else_is_refused(place, wrong):
    has, _ = place.joins()
    with pytest.raises(Unauthenticated):
        place.signs_in(has, **wrong)
    assert place.signs_in(has)


def test_passkey_for_another_host_or_unverified_is_refused(place):
    has, _ = place.joins()
    for change in ({"host": "attacker.example"}, {"verifies": False}):
        with pytest.raises(Unauthenticated):
            place.signs_in(replace(has, **change))
    assert place.signs_in(replace(has, count=9))


def test_passkey_answer_is_taken_once_and_for_its_sign_in(place):
    has, _ = place.joins()
    first, second = (
        login.give_password(place.database, place.settings, AT, HOME, email=EMAIL, password=PASSWORD) for _ in "ab"
    )
    answer = has.signs(passkeys.sign_in_options(place.settings, first))
    with pytest.raises(Unauthenticated):
        place.gives(second, answer)
    assert place.gives(first, answer)
    with pytest.raises(Unauthenticated):
        place.gives(first, answer)


def test_sign_in_challenge_of_a_passkey_expires(place):
    has, _ = place.joins()
    challenge = login.give_password(place.database, place.settings, AT, HOME, email=EMAIL, password=PASSWORD)
    answer = has.signs(passkeys.sign_in_options(place.settings, challenge))
    place.at += login.CHALLENGE_LIFETIME
    with pytest.raises(Unauthenticated):
        place.gives(challenge, answer)


def test_count_that_goes_back_is_refused_and_an_anomaly(place):
    has, _ = place.joins()
    copy = replace(has)
    assert place.signs_in(has)
    with pytest.raises(Unauthenticated):
        place.signs_in(copy)
    [event] = [one for one in logged(place) if one.content.event == Event.PASSKEY_COPIED]
    rules = {rule.code: rule for rule in ANOMALY_RULES}
    said = event.content.event, event.content.outcome, "system", None, None, ""
    seen = LoggedEvent(1, AT, *said, Protocol.SESSION, {}, of_foreign_region=False)
    assert rules["passkey_copied"].span(seen, place.settings) == "1"
    assert place.signs_in(replace(copy, count=8))


@pytest.mark.wide
def test_malformed_answers_are_refused_as_any_other(place):
    has, _ = place.joins()
    answer = has.signs({"challenge": "AAAA"})
    wrong = [{}, {"id": has.id}, {"id": has.id, "response": 5}, {"id": has.id, "response": {"userHandle": 5}}]
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        values = (None, 5, "", "\\xff", "AAAA", "!!")
        wrong += [{**answer, "response": {**answer["response"], part: value}} for value in values]
    with place.database.transaction() as session:
        account = accounts.with_email(session, EMAIL).id
    for one in wrong:
        challenge = place.do(login.challenge, SYSTEM, account, "-")
        with pytest.raises(Unauthenticated, match="sign_in_refused"):
            place.gives(challenge, one)


def test_row_moved_to_another_account_opens_nothing(place):
    has, _ = place.joins()
    place.joins(email="ander@placement.example")
    with place.database.transaction() as session:
        other = accounts.with_email(session, "ander@placement.example").id
        rows = Passkey.__table__  # past the service: a statement of its own would be refused
        moved = update(rows).where(rows.c.fingerprint == fingerprint(has.id)).values(account_id=other)
        session.connection().execute(moved)
    has.handle = b""
    with pytest.raises(SealBroken):
        place.signs_in(has, "ander@placement.example")


def test_code_of_a_role_with_passkeys_makes_one_and_no_more(place):
    client = person(Place(place, "off"), AT)
    begun = login_by_code(place, client)
    actor = place.actor_of(begun)
    assert actor.factor is Factor.MISSING
    for permission in set(Permission) - WITHOUT_PASSKEY:
        if permission.is_of(actor):
            with pytest.raises(NotAllowed, match="passkey_needed"):
                require(actor, permission)
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        place.do(passkeys.options_to_make, actor)
    has, actor = Authenticator(), replace(actor, verified_at=place.at)
    place.do(passkeys.make, actor, "laptop", has.makes(place.do(passkeys.options_to_make, actor)))
    assert place.actor_of(begun).factor is Factor.PASSKEY
    with pytest.raises(Unauthenticated):
        login_by_code(place, client)
    with pytest.raises(Unauthenticated):
        login_by_code(place, client, client.recovery_codes[0])
    assert place.signs_in(has)


def test_challenge_to_make_is_of_one_session_and_one_use(place):
    has, _ = place.joins()
    actor = replace(place.actor_of(place.signs_in(has)), verified_at=place.at)
    made = Authenticator().makes(place.do(passkeys.options_to_make, actor))
    with pytest.raises(Invalid):
        place.do(passkeys.make, replace(actor, session_id="Z-other"), "laptop", made)
    place.do(passkeys.make, actor, "laptop", made)
    with pytest.raises(Invalid):
        place.do(passkeys.make, actor, "laptop", made)
    late = Authenticator().makes(place.do(passkeys.options_to_make, actor))
    place.at += passkeys.CHALLENGE_LIFETIME
    with pytest.raises(Invalid):
        place.do(passkeys.make, replace(actor, verified_at=place.at), "laptop", late)


def test_passkey_given_again_is_fresh_for_its_session_alone(place):
    has, _ = place.joins()
    actor = place.actor_of(place.signs_in(has))
    other = place.actor_of(place.signs_in(has))
    answer = has.signs(place.do(passkeys.options_again, actor))
    with pytest.raises(Invalid):
        place.again(other, answer)
    place.again(actor, answer)
    with pytest.raises(Invalid):
        place.again(actor, answer)
    at_sign_in = has.signs(passkeys.sign_in_options(place.settings, "plq_other"))
    with pytest.raises(Invalid):
        place.again(actor, at_sign_in)
    with pytest.raises(Invalid):
        login.give_code_again(place.database, place.settings, place.at, actor, code="000000", origin=Origin())
