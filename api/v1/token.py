"""The exchange of an API key for a token that is valid for 15 minutes."""

from datetime import datetime

from litestar import Response
from litestar.params import JSONBody
from pydantic import Field

from api.http.connections import AnyRequest
from api.http.context import Input, Output
from api.http.cookies import network_of
from api.http.methods import post
from api.http.origin import origin_of
from placement.accounts import api_keys
from placement.accounts.rate_limits import slowed
from placement.core import clock


class KeyIn(Input):
    key: str = Field(min_length=1, max_length=200)


class TokenOut(Output):
    token: str
    token_type: str = "Bearer"  # noqa: S105  (the name of the scheme)
    expires_at: datetime
    key_expires_at: datetime = Field(
        description="The end of the key itself, at most 90 days after it was made: get another key before."
    )


@post("/token", summary="Exchange an API key for a token", public=True, throttled=True)
def exchange_key(request: AnyRequest, data: JSONBody[KeyIn]) -> Response[TokenOut]:
    """Exchange an API key for a token. Send the token with every request: `Authorization: Bearer <token>`."""
    state, at = request.app.state, clock.now()
    with slowed(state.database, network_of(request), at), state.database.transaction() as session:
        issued = api_keys.issue_token(session, at, state.settings, data.key.strip(), origin_of(request))
    return Response(TokenOut(**issued._asdict()))
