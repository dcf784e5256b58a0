"""Passkeys: how they are made, used to sign in, counted and removed. Roles that need no passkey may use codes."""

from dataclasses import replace

import pytest

from placement.accounts import accounts, invitations, login, passkeys
from placement.accounts.totp import code_at
from placement.core.codes import Role
from placement.core.context import Factor
from placement.core.errors import Conflict, Misconfigured, NotAllowed, NotFound, Unauthenticated
from placement.core.setting_parts import RelyingParty
from placement.core.settings import Settings
from tests.support.accounts import HOME, PASSWORD, invited, person
from tests.support.audit_log import logged
from tests.support.authenticator import Authenticator
from tests.support.passkeys import EMAIL, Place, login_by_code, own
from tests.support.town import AT


@pytest.fixture
def place(empty):
    return Place(empty)


def test_passkey_made_at_invitation_opens_a_session(place):
    has, codes = place.joins()
    assert codes == []
    actor = place.actor_of(place.signs_in(has))
    assert actor.factor is Factor.PASSKEY
    assert [one.content.event for one in logged(place) if one.content.event.startswith("passkey")] == ["passkey:made"]


def test_relying_party_is_of_the_address():
    found = [
        Settings(address=address).relying_party
        for address in ("https://placement.example:443", "https://p.example:8443", "http://localhost:8000")
    ]
    assert found == [
        RelyingParty("placement.example", "https://placement.example"),
        RelyingParty("p.example", "https://p.example:8443"),
        RelyingParty("localhost", "http://localhost:8000"),
    ]
    for address in ("", "https://192.0.2.7", "http://127.0.0.1:8000", "http://[::1]:8000"):
        with pytest.raises(Misconfigured, match="PLACEMENT_ADDRESS with a host name"):
            _ = Settings(address=address).relying_party


def test_passkey_that_does_not_count_is_taken_each_time(place):
    has, _ = place.joins(has=Authenticator(counts=False))
    assert place.signs_in(has)
    assert place.signs_in(has)


def test_role_that_needs_none_may_use_either(place):
    client = person(Place(place, "off"), AT, role=Role.AUDITOR)
    actor = replace(place.actor_of(login_by_code(place, client)), verified_at=place.at)
    assert actor.factor is Factor.CODE
    has = Authenticator()
    place.do(passkeys.make, actor, "laptop", has.makes(place.do(passkeys.options_to_make, actor)))
    assert place.actor_of(place.signs_in(has)).factor is Factor.EITHER
    assert login_by_code(place, client)


def test_account_that_joined_by_passkey_has_no_app(place):
    """Only recovery codes stand beside its passkey, until a code of an app counted."""
    has, codes = place.joins(token=invited(place, AT, role=Role.AUDITOR))
    account = place.actor_of(place.signs_in(has))
    assert (account.factor, account.factor.takes_codes, account.factor.has_passkey) == (Factor.RECOVERY, True, True)
    assert codes


def test_last_passkey_stays_where_the_role_needs_it(place):
    has, _ = place.joins()
    actor = replace(place.actor_of(place.signs_in(has)), verified_at=place.at)
    [first] = place.do(own, actor)
    with pytest.raises(Conflict, match="last_passkey"):
        place.do(passkeys.remove, actor, first)
    second = Authenticator()
    place.do(passkeys.make, actor, "sleutel", second.makes(place.do(passkeys.options_to_make, actor)))
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        place.do(passkeys.remove, replace(actor, verified_at=None), first)
    with pytest.raises(NotFound):
        place.do(passkeys.remove, replace(actor, id="A-other"), first)
    place.do(passkeys.remove, actor, first)
    with pytest.raises(Unauthenticated):
        place.signs_in(has)
    assert place.signs_in(second)


def test_lost_passkey_is_reset_by_an_invitation_of_two(place):
    has, _ = place.joins()
    with place.database.transaction() as session:
        account = accounts.with_email(session, EMAIL).id
        made = invitations.invite_again(place.act(session), account, asked_by="A-other")
    with pytest.raises(Unauthenticated):
        place.signs_in(has)
    new, _ = place.joins(token=made.token)
    assert place.actor_of(place.signs_in(new)).id == account
    with pytest.raises(Unauthenticated):
        place.signs_in(has)


def test_invitation_of_a_role_with_passkeys_takes_no_code(place):
    token = invited(place, AT)
    with place.database.transaction() as session:
        secret = invitations.choose_password(session, AT, token, PASSWORD).totp_secret
    with pytest.raises(Conflict, match="passkey_needed"), place.database.transaction() as session:
        invitations.join(place.act(session), token, code_at(secret, AT))


def test_service_without_passkeys_makes_and_takes_none(place):
    has, _ = place.joins()
    without = Place(place, "off")
    assert passkeys.sign_in_options(without.settings, "plq_x") is None
    challenge = login.give_password(place.database, without.settings, AT, HOME, email=EMAIL, password=PASSWORD)
    with pytest.raises(Unauthenticated):
        without.gives(challenge, has.signs(passkeys.sign_in_options(place.settings, challenge)))
    actor = replace(place.actor_of(place.signs_in(has)), verified_at=AT)
    with pytest.raises(Conflict, match="passkeys_off"):
        without.do(passkeys.options_to_make, actor)


def test_passkey_is_made_for_one_account_and_counted(place, monkeypatch):
    has, _ = place.joins()
    actor = replace(place.actor_of(place.signs_in(has)), verified_at=place.at)
    again = place.do(passkeys.options_to_make, actor)
    assert [one["id"] for one in again["excludeCredentials"]] == [has.id]
    with pytest.raises(Conflict, match="passkey_known"):
        place.do(passkeys.make, actor, "nog eens", has.makes(again))
    monkeypatch.setattr(passkeys, "MOST", 1)
    with pytest.raises(Conflict, match="too_many_passkeys"):
        place.do(passkeys.options_to_make, actor)


def test_passkeys_are_required_but_in_a_trial():
    assert (Settings().webauthn, Settings(plain_http=True).webauthn) == ("required", "off")
    assert Settings().webauthn_roles == {Role.DESK, Role.ADMIN}
