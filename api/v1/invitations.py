"""Invitations: two admins invite a person, who uses the link to choose a password and set up a second factor."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from litestar import Response
from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http import methods
from api.http.connections import AnyRequest
from api.http.context import Input, Output
from api.http.cookies import caller_of, cookies_of, network_of
from api.http.field_types import Code
from api.http.operations import get, post
from api.http.origin import origin_of
from api.http.work_kinds import Work
from api.v1.passkeys import Made as MadePasskey
from api.v1.passkeys import Name, PasskeyOptionsOut
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from api.v1.telephone_numbers import LONGEST_WRITTEN, NumbersIn, WrittenNumber
from placement.access.permissions import Permission
from placement.accounts import approvals, details, invitations, login, passwords, reads, sessions
from placement.accounts.factors import is_required
from placement.accounts.invitations import Joined
from placement.accounts.login import Begun
from placement.accounts.rate_limits import slowed
from placement.core import clock
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.doubt.contacts import naming_whom_to_ring
from placement.tables import Organisation

Done = TypeVar("Done")
Token = Annotated[str, Field(min_length=1, max_length=200, description="The part after # in the link.")]


class InvitationIn(NumbersIn, Input):
    email: str = Field(min_length=3, max_length=254)
    role: Role
    organisation: Code = Field(description="Its id. Staff of a shelter see the data of their organisation's shelter.")
    regions: list[Code] = Field(
        default=[], max_length=100, description="The codes of a coordinator's areas; empty: all of the organisation."
    )
    name: str | None = Field(None, max_length=LONGEST_WRITTEN, description="The person can change it afterwards.")
    job_title: str | None = Field(None, max_length=LONGEST_WRITTEN)
    telephone: WrittenNumber | None = None


class TokenIn(Input):
    token: Token


class NewPasswordIn(Input):
    token: Token
    password: str = Field(min_length=passwords.SHORTEST, max_length=passwords.LONGEST)


class JoinIn(Input):
    token: Token
    code: str = Field(min_length=1, max_length=40)


class InvitationOut(Output):
    id: str
    email: str
    role: str
    regions: list[str]
    organisation: str
    account: str | None = Field(description="The account that gets a new password and second factor.")
    made_at: datetime
    expires_at: datetime


class InvitationsOut(Output):
    items: list[InvitationOut]


class WelcomeOut(Output):
    """The content of an invitation."""

    email: str
    role: str
    organisation: str


class EnrolmentOut(Output):
    """The secret for an authenticator app, and the kinds of second factor that the role may use."""

    totp_secret: str
    otpauth_uri: str
    takes_codes: bool = Field(description="true: codes of an app are accepted; false: the second step needs a passkey.")
    takes_passkeys: bool


class PasskeyOptionsIn(Input):
    token: Token


class JoinWithPasskeyIn(Input):
    token: Token
    name: Name
    credential: MadePasskey


class JoinedOut(Output):
    """The answer to an accepted invitation. A cookie contains the session."""

    csrf_token: str = Field(description="Send it as X-CSRF-Token with every write.")
    recovery_codes: list[str] = Field(
        description="Each is valid once as second step, and shown only now. Empty for a role that needs a passkey."
    )


@get("/invitations", summary="List invitations", permission=Permission.ACCOUNT_READ)
def list_invitations(act: Act) -> InvitationsOut:
    """List the invitations that can still be accepted, newest first."""
    return InvitationsOut(items=[InvitationOut.of(one) for one in reads.invitations(act)])


@post("/invitations", summary="Request an invitation", permission=Permission.ACCOUNT_INVITE, status_code=201)
def request_invitation(act: Act, data: JSONBody[InvitationIn]) -> SecondPersonRequestOut:
    """Request an invitation for a person without an account; another admin grants it, and gets the link."""
    known = details.checked(data.name, data.job_title, data.telephone, required=False, sure_of=data.sure_of)
    return serialize_request(
        act, approvals.to_invite(act, data.email, data.role, data.regions, data.organisation, details=known)
    )


@post(
    "/invitations/{invitation_id:str}/withdraw", summary="Withdraw an invitation", permission=Permission.ACCOUNT_INVITE
)
def withdraw_invitation(act: Act, invitation_id: FromPath[str]) -> InvitationOut:
    """End an invitation that was not accepted yet."""
    return InvitationOut.of(invitations.withdraw(act, invitation_id))


@methods.post("/invitations/look", summary="Read an invitation", public=True, throttled=True)
def read_invitation(request: AnyRequest, data: JSONBody[TokenIn]) -> Response[WelcomeOut]:
    """Read the content of an invitation, with the token in its link."""
    return Response(invited(request, data))


def invited(request: AnyRequest, data: TokenIn) -> WelcomeOut:
    def welcome(act: Act) -> WelcomeOut:
        found = invitations.find(act.session, act.at, data.token)
        name = act.session.get_one(Organisation, found.organisation_id).name
        return WelcomeOut(email=found.email, role=found.role, organisation=name)

    return _step(request, welcome)


@methods.post(
    "/invitations/password",
    summary="Accept an invitation: password",
    public=True,
    work=Work.PASSWORD,
    throttled=True,
)
def choose_password(request: AnyRequest, data: JSONBody[NewPasswordIn]) -> Response[EnrolmentOut]:
    """Choose a password: the first step of accepting an invitation. The answer contains the second factor to set up."""
    return Response(enrol(request, data))


def enrol(request: AnyRequest, data: NewPasswordIn) -> EnrolmentOut:
    def enrolment(act: Act) -> EnrolmentOut:
        made = invitations.choose_password(act.session, act.at, data.token, data.password)
        role = invitations.find(act.session, act.at, data.token).role
        return EnrolmentOut.of(
            made, takes_codes=not is_required(act.settings, role), takes_passkeys=act.settings.webauthn != "off"
        )

    return _step(request, enrolment)


@methods.post(
    "/invitations/join", summary="Accept an invitation: second factor", public=True, throttled=True, status_code=201
)
def accept_invitation(request: AnyRequest, data: JSONBody[JoinIn]) -> Response[JoinedOut]:
    """Prove the second factor with a code. This second step makes the account and begins a session, in a cookie."""
    return _signed_in(request, *accept(request, data))


def accept(request: AnyRequest, data: JoinIn) -> tuple[JoinedOut, Begun]:
    return _come_in(request, lambda act: invitations.join(act, data.token, data.code))


@methods.post(
    "/invitations/passkey/options", summary="Accept an invitation: begin a passkey", public=True, throttled=True
)
def read_invitation_passkey_options(
    request: AnyRequest, data: JSONBody[PasskeyOptionsIn]
) -> Response[PasskeyOptionsOut]:
    """Get the browser's options for a passkey in the second step."""
    return Response(PasskeyOptionsOut(options=options_for(request, data.token)))


def options_for(request: AnyRequest, token: str) -> dict[str, object]:
    return _step(request, lambda act: invitations.passkey_options(act, token))


@methods.post(
    "/invitations/passkey", summary="Accept an invitation: passkey", public=True, throttled=True, status_code=201
)
def accept_invitation_with_passkey(request: AnyRequest, data: JSONBody[JoinWithPasskeyIn]) -> Response[JoinedOut]:
    """Prove the second factor with a passkey. This second step makes the account and begins a session."""
    return _signed_in(request, *accept_with_passkey(request, data))


def accept_with_passkey(request: AnyRequest, data: JoinWithPasskeyIn) -> tuple[JoinedOut, Begun]:
    return _come_in(request, lambda act: invitations.join_with_passkey(act, data.token, data.name, data.credential))


def _come_in(request: AnyRequest, join: Callable[[Act], Joined]) -> tuple[JoinedOut, Begun]:
    """Makes the account and begins a session, in one transaction. A separate sign-in would need another code of the
    authenticator app, because each code is valid only once.
    """

    def both(act: Act) -> tuple[Joined, Begun]:
        joined = join(act)
        return joined, login.start(act, caller_of(request), joined.account)

    joined, begun = _step(request, both)
    token = sessions.csrf_token_of(begun.session)
    return JoinedOut(csrf_token=token, recovery_codes=joined.recovery_codes), begun


def _signed_in(request: AnyRequest, joined: JoinedOut, begun: Begun) -> Response[JoinedOut]:
    return Response(joined, cookies=cookies_of(request.app.state.settings, begun))


def _step(request: AnyRequest, do: Callable[[Act], Done]) -> Done:
    """Calls `do` in a transaction, with the service as actor. Counts wrong tokens by network (rate limit)."""
    state, at = request.app.state, clock.now()
    naming = naming_whom_to_ring(state.database, state.settings, at, names=False)
    with naming, slowed(state.database, network_of(request), at), state.database.transaction() as session:
        return do(Act(session, SYSTEM, at, state.settings, origin_of(request)))
