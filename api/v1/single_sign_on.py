"""Single sign-on with the provider of the user's organisation. A page sends the browser there, and submits the
result.
"""

from litestar import Response
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from pydantic import Field

from api.http.connections import AnyRequest
from api.http.context import Input, Output
from api.http.cookies import cookies_of, kept_state, no_state_cookie, sign_in_of, state_cookie
from api.http.methods import post
from placement.accounts import sessions, sso


class SentOut(Output):
    location: str = Field(description="Where to send the browser. It returns to /sign-in/sso with state and code.")


class ReturnedIn(Input):
    state: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=1, max_length=4000)


class ArrivedOut(Output):
    """The new session, or a challenge for POST /api/v1/session/code if the service needs its own second factor."""

    csrf_token: str | None
    challenge: str | None


@post("/session/sso", summary="Begin single sign-on", public=True, throttled=True)
def begin_single_sign_on(request: AnyRequest) -> Response[SentOut]:
    """Begin to sign in with the provider of your organisation, if there is a provider."""
    sent, cookie = begin(request)
    return Response(sent, cookies=[cookie])


def begin(request: AnyRequest) -> tuple[SentOut, Cookie]:
    """Returns the provider's address, and the cookie that recognises this browser when it returns."""
    location, secret = sso.depart(*sign_in_of(request))
    return SentOut(location=location), state_cookie(request.app.state.settings, secret)


@post("/session/sso/code", summary="Finish single sign-on", public=True)
def finish_single_sign_on(request: AnyRequest, data: JSONBody[ReturnedIn]) -> Response[ArrivedOut]:
    """Finish signing in after the return from the provider. All errors get the same answer."""
    arrived, cookies = finish(request, data)
    return Response(arrived, cookies=cookies)


def finish(request: AnyRequest, data: ReturnedIn) -> tuple[ArrivedOut, list[Cookie]]:
    """Returns the session or challenge for the provider's answer, and the cookies to set."""
    settings = request.app.state.settings
    arrived = sso.arrive(*sign_in_of(request), state=data.state, code=data.code, kept=kept_state(request))
    cookies = [no_state_cookie(settings)]
    if arrived.begun is not None:
        cookies += cookies_of(settings, arrived.begun)
    token = sessions.csrf_token_of(arrived.begun.session) if arrived.begun else None
    return ArrivedOut(csrf_token=token, challenge=arrived.challenge), cookies
