"""A service with passkeys, and people who sign in there with a passkey."""

from dataclasses import replace
from datetime import timedelta

from placement.accounts import invitations, login, passkeys, sessions
from placement.core.context import SYSTEM, Act, Origin
from tests.support.accounts import HOME, PASSWORD, invited
from tests.support.authenticator import ADDRESS, Authenticator
from tests.support.settings import changed
from tests.support.town import AT

EMAIL = "zij@placement.example"


class Place:
    """An empty service whose settings ask for passkeys."""

    def __init__(self, empty, webauthn="required"):
        self.database = empty.database
        self.settings = changed(empty.settings, webauthn=webauthn, address=ADDRESS)
        self.at = AT

    def act(self, session, actor=SYSTEM):
        return Act(session, actor, self.at, self.settings)

    def do(self, verb, actor, *given):
        with self.database.transaction() as session:
            return verb(self.act(session, actor), *given)

    def actor_of(self, begun):
        with self.database.transaction() as session:
            return sessions.actor_of(session, self.at, self.settings, begun.session)

    def joins(self, email=EMAIL, has=None, token=None):
        """Lets a person come in by an invitation; returns the person's authenticator and recovery codes."""
        token, has = token or invited(self, self.at, email), has or Authenticator()
        with self.database.transaction() as session:
            invitations.choose_password(session, self.at, token, PASSWORD)
        with self.database.transaction() as session:
            made = has.makes(invitations.passkey_options(self.act(session), token))
        with self.database.transaction() as session:
            codes = invitations.join_with_passkey(self.act(session), token, "telefoon", made).recovery_codes
        return has, codes

    def signs_in(self, has, email=EMAIL, password=PASSWORD, **wrong):
        challenge = login.give_password(self.database, self.settings, self.at, HOME, email=email, password=password)
        options = passkeys.sign_in_options(self.settings, challenge)
        return self.gives(challenge, has.signs(options, **wrong))

    def gives(self, challenge, credential):
        return login.give_passkey(
            self.database, self.settings, self.at, HOME, challenge=challenge, credential=credential
        )

    def again(self, actor, credential):
        given = {"credential": credential, "origin": Origin()}
        login.give_passkey_again(self.database, self.settings, self.at, actor, **given)
        return replace(actor, verified_at=self.at)


def login_by_code(place, client, code=None):
    """Signs in by the code of an app, as the second step. The clock moves half a minute, as a code is valid once."""
    place.at = client.at = max(place.at, client.at) + timedelta(seconds=30)
    client.settings = place.settings
    challenge = client.challenge()
    given = code or client.code()
    return login.give_code(place.database, place.settings, place.at, HOME, challenge=challenge, code=given)


def own(act):
    return [one.id for one in act.session.exec(passkeys.of_account(act.actor.id))]
