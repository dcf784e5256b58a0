"""Passkeys (WebAuthn): make, list and remove them, and use them as second factor."""

from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http import methods
from api.http.connections import ActorRequest, AnyRequest
from api.http.context import Acts, Input, Output, RequestActs
from api.http.cookies import session_secret_of, sign_in_of
from api.http.operations import get, post
from api.v1.session import SessionOut, current
from api.v1.sign_in import BegunOut, signed_in
from placement.access.permissions import Permission
from placement.accounts import login, passkeys
from placement.core.context import Act

Signed = Annotated[
    dict[str, object],
    Field(description="The answer of navigator.credentials.get() by toJSON(): AuthenticationResponseJSON of WebAuthn."),
]
Made = Annotated[
    dict[str, object],
    Field(description="The answer of navigator.credentials.create() by toJSON(): RegistrationResponseJSON of WebAuthn"),
]
Name = Annotated[
    str, Field(min_length=1, max_length=passkeys.LONGEST_NAME, pattern=r"\S", description="A name chosen by the owner.")
]


class PasskeyCodeIn(Input):
    challenge: str = Field(min_length=1, max_length=200, description="The challenge of the first step.")
    credential: Signed


class PasskeyAgainIn(Input):
    credential: Signed


class NewPasskeyIn(Input):
    name: Name
    credential: Made


class PasskeyOptionsOut(Output):
    options: dict[str, object] = Field(
        description="Input for PublicKeyCredential.parseCreationOptionsFromJSON() or parseRequestOptionsFromJSON() in"
        " the browser. The challenge is valid once, for five minutes."
    )


class PasskeyOut(Output):
    id: str
    name: str
    made_at: datetime
    used_at: datetime | None


class PasskeysOut(Output):
    items: list[PasskeyOut]


@methods.post("/session/passkey", summary="Sign in: passkey", public=True)
def submit_passkey(request: AnyRequest, data: JSONBody[PasskeyCodeIn]) -> Response[BegunOut]:
    """Give a passkey instead of a code: the second step of signing in. The answer does not show what was wrong."""
    return signed_in(request, sign_in(request, data))


def sign_in(request: AnyRequest, data: PasskeyCodeIn) -> login.Begun:
    return login.give_passkey(*sign_in_of(request), challenge=data.challenge, credential=data.credential)


@post(
    "/session/second-factor/options",
    summary="Ask for a passkey's challenge",
    permission=Permission.SESSION_VERIFY,
    told_once=True,
)
def read_second_factor_options(act: Act) -> PasskeyOptionsOut:
    """Get the browser's options for giving the second factor again with a passkey."""
    return PasskeyOptionsOut(options=passkeys.options_again(act))


@methods.post(
    "/session/second-factor/passkey",
    summary="Give a passkey again",
    permission=Permission.SESSION_VERIFY,
    throttled=True,
)
def verify_passkey(request: ActorRequest, acts: RequestActs, data: JSONBody[PasskeyAgainIn]) -> Response[SessionOut]:
    """Give the second factor again with a passkey. For five minutes you can do what needs a fresh second factor."""
    return acts.ask_and_write(
        lambda: check_passkey(acts, data), lambda act, _: current(act, session_secret_of(request), act.at)
    )


def check_passkey(acts: Acts, data: PasskeyAgainIn) -> None:
    """Checks a passkey. A wrong passkey raises an error, and is counted in a transaction that is not rolled back."""
    acts.apart(login.give_passkey_again, credential=data.credential)


@get("/session/passkeys", summary="List your passkeys", permission=Permission.PASSKEY_READ)
def list_passkeys(act: Act) -> PasskeysOut:
    """List your own passkeys, oldest first."""
    return PasskeysOut(items=[PasskeyOut.of(one) for one in act.session.exec(passkeys.of_account(act.actor.id))])


@post(
    "/session/passkeys/options", summary="Begin to make a passkey", permission=Permission.SESSION_VERIFY, told_once=True
)
def read_passkey_options(act: Act) -> PasskeyOptionsOut:
    """Get the browser's options for making a passkey. First give the second factor again."""
    return PasskeyOptionsOut(options=passkeys.options_to_make(act))


@post("/session/passkeys", summary="Make a passkey", permission=Permission.PASSKEY_CHANGE, status_code=201)
def make_passkey(act: Act, data: JSONBody[NewPasskeyIn]) -> PasskeyOut:
    """Store the passkey that the browser made. First give the second factor again."""
    return PasskeyOut.of(passkeys.make(act, data.name, data.credential))


@post("/session/passkeys/{passkey_id:str}/remove", summary="Remove a passkey", permission=Permission.PASSKEY_CHANGE)
def remove_passkey(act: Act, passkey_id: FromPath[str]) -> PasskeyOut:
    """Remove a passkey of your own. If your role needs a passkey, the last passkey cannot be removed. First give the
    second factor again.
    """
    return PasskeyOut.of(passkeys.remove(act, passkey_id))
