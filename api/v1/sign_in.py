"""Sign-in in a browser, in two steps."""

from datetime import datetime

from litestar import Response
from litestar.params import JSONBody
from pydantic import Field

from api.http.connections import AnyRequest
from api.http.context import Input, Output
from api.http.cookies import cookies_of, sign_in_of
from api.http.methods import post
from api.http.work_kinds import Work
from api.v1.session import SecondFactor
from placement.accounts import login, passkeys, passwords, sessions


class PasswordIn(Input):
    email: str = Field(min_length=1, max_length=254, pattern="^[!-~]+$")
    password: str = Field(min_length=1, max_length=passwords.LONGEST)


class ChallengeOut(Output):
    challenge: str
    expires_at: datetime
    passkey: dict[str, object] | None = Field(
        description="The request for a passkey in place of a code (PublicKeyCredentialRequestOptionsJSON of "
        "WebAuthn). The same for every address; null without passkeys."
    )


class CodeIn(Input):
    challenge: str = Field(min_length=1, max_length=200)
    code: SecondFactor


class BegunOut(Output):
    csrf_token: str


@post("/session", summary="Sign in: password", public=True, work=Work.PASSWORD, throttled=True)
def submit_password(request: AnyRequest, data: JSONBody[PasswordIn]) -> Response[ChallengeOut]:
    """First step of signing in: email address and password. The answer does not show whether they are correct."""
    _, settings, at, _ = step = sign_in_of(request)
    challenge = login.give_password(*step, email=data.email, password=data.password)
    asked = passkeys.sign_in_options(settings, challenge)
    return Response(ChallengeOut(challenge=challenge, expires_at=at + login.CHALLENGE_LIFETIME, passkey=asked))


@post("/session/code", summary="Sign in: second factor", public=True)
def submit_code(request: AnyRequest, data: JSONBody[CodeIn]) -> Response[BegunOut]:
    """Second step of signing in: a code. A correct code begins a session. All errors get the same answer."""
    return signed_in(request, login.give_code(*sign_in_of(request), challenge=data.challenge, code=data.code))


def signed_in(request: AnyRequest, begun: login.Begun) -> Response[BegunOut]:
    answer = BegunOut(csrf_token=sessions.csrf_token_of(begun.session))
    return Response(answer, cookies=cookies_of(request.app.state.settings, begun))
