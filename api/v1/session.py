"""The current session, the current actor, and the second factor that is given again."""

from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import JSONBody
from pydantic import Field

from api.http import methods
from api.http.connections import ActorRequest
from api.http.context import Acts, Input, Output, RequestActs
from api.http.cookies import no_session_cookie, session_secret_of
from api.http.operations import post
from api.http.work_kinds import Work
from placement.access.permissions import Permission
from placement.accounts import login, passwords, sessions, totp
from placement.core.context import Act

SecondFactor = Annotated[str, Field(min_length=1, max_length=40, description="Six digits, or a recovery code.")]


class CodeAgainIn(Input):
    code: SecondFactor


class OtherPasswordIn(Input):
    current: str = Field(min_length=1, max_length=passwords.LONGEST, description="The present password.")
    password: str = Field(min_length=passwords.SHORTEST, max_length=passwords.LONGEST, description="The new password.")
    end_keys: bool = Field(False, description="true: end your own API keys too; the software that uses them stops.")


class SessionOut(Output):
    """The current actor. `session` is null for an API key."""

    account: str
    email: str | None
    organisation: str | None
    role: str
    regions: list[str]
    shelter: str | None
    scopes: list[str]
    session: str | None
    csrf_token: str | None = Field(description="Send it as X-CSRF-Token with every write.")
    verified_until: datetime | None = Field(description="The time until which the repeated second factor is fresh.")
    second_factor: str = Field(
        description="code (of an app, or a recovery code), either (or a passkey), recovery (a passkey, or a "
        "recovery code: no app was set up), passkey (alone), or missing: a passkey must be made before anything else."
    )


class RecoveryCodesOut(Output):
    codes: list[str] = Field(description="Each is valid once as second step. They are shown only this once.")


class EndedOut(Output):
    ended: int


@methods.get("/session", summary="Read the session", permission=Permission.SESSION_READ)
def read_session(request: ActorRequest, acts: RequestActs) -> Response[SessionOut]:
    """Read the current actor, its permissions, and the CSRF token for writes."""
    return acts.read(lambda act: current(act, session_secret_of(request)))


@methods.post(
    "/session/second-factor",
    summary="Give the second factor again",
    permission=Permission.SESSION_VERIFY,
    throttled=True,
)
def verify_second_factor(request: ActorRequest, acts: RequestActs, data: JSONBody[CodeAgainIn]) -> Response[SessionOut]:
    """Give the second factor again. For five minutes you can then do what needs a fresh second factor."""

    return acts.ask_and_write(
        lambda: check_code(acts, data), lambda act, _: current(act, session_secret_of(request), act.at)
    )


def check_code(acts: Acts, data: CodeAgainIn) -> None:
    """Checks a code. A wrong code raises an error, and is counted in a transaction that is not rolled back."""
    acts.apart(login.give_code_again, code=data.code)


@post(
    "/session/recovery-codes",
    summary="Renew your recovery codes",
    permission=Permission.SESSION_VERIFY,
    told_once=True,
)
def renew_recovery_codes(act: Act) -> RecoveryCodesOut:
    """Get new recovery codes. The old codes become invalid.

    First give the second factor again. The answer is not stored: an `Idempotency-Key` is ignored.
    """
    return RecoveryCodesOut(codes=totp.renew_recovery_codes(act))


@methods.post(
    "/session/password",
    summary="Change your password",
    permission=Permission.SESSION_VERIFY,
    work=Work.PASSWORD,
    throttled=True,
    told_once=True,
)
def change_password(acts: RequestActs, data: JSONBody[OtherPasswordIn]) -> Response[EndedOut]:
    """Change your password. Your other sessions end; if you ask for it, your keys end too. The answer has the number of
    ended sessions.

    First give the second factor again. The answer is not stored: an `Idempotency-Key` is ignored.
    """
    ended = replace_password(acts, data)
    return acts.read(lambda _: EndedOut(ended=ended))


def replace_password(acts: Acts, data: OtherPasswordIn) -> int:
    """Changes the password, and returns how many sessions ended. A wrong password is counted in a transaction of its
    own, which is not rolled back.
    """
    return acts.apart(login.change_password, **data.model_dump())


@methods.post("/session/end", summary="Sign out", permission=Permission.SESSION_END)
def sign_out(request: ActorRequest, acts: RequestActs) -> Response[EndedOut]:
    """End this session and delete its cookie."""
    answer = acts.write(end_this)
    answer.set_cookie(no_session_cookie(request.app.state.settings))
    return answer


def end_this(act: Act) -> EndedOut:
    sessions.end(act, str(act.actor.session_id))
    return EndedOut(ended=1)


def current(act: Act, secret: str | None, verified_at: datetime | None = None) -> SessionOut:
    """Returns the current session. `verified_at`: the time of the second factor, if it was given just now."""
    actor = act.actor
    verified_at = verified_at or actor.verified_at
    return SessionOut(
        account=actor.id,
        email=actor.email,
        organisation=actor.organisation,
        role=actor.role,
        regions=sorted(actor.regions),
        shelter=actor.shelter_id,
        scopes=sorted(actor.scopes),
        session=actor.session_id,
        csrf_token=sessions.csrf_token_of(secret) if secret else None,
        verified_until=verified_at + act.settings.fresh_second_factor if verified_at else None,
        second_factor=actor.factor,
    )
