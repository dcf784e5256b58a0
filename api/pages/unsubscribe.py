"""The page that ends the report by mail, for the link in a mail (docs/guide/notifications.md). Nobody needs to sign in.

Opening the link changes nothing, because mail filters open links. A POST ends the subscription: from the button on the
page, or from the mail program (RFC 8058). The link allows nothing else.
"""

from litestar import Response, get, post
from litestar.params import FromPath

from api.http import threads
from api.http.cookies import network_of
from api.http.origin import origin_of
from api.pages.frame import Page, page
from placement.accounts.rate_limits import slowed
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.notifications import subscriptions


@get("/unsubscribe/{token:str}", public=True, include_in_schema=False)
async def ask_whether(request: Page, token: FromPath[str]) -> Response[str]:
    """Shows a page with a button and no data of the subscriber."""
    await threads.run(_require_token, request, token)
    return page(request, "unsubscribe.html", done=False)


@post("/unsubscribe/{token:str}", public=True, form=True, include_in_schema=False, status_code=200)
async def unsubscribe(request: Page, token: FromPath[str]) -> Response[str]:
    """Ends the subscription for the holder of the link."""
    await threads.run(_end, request, token)
    return page(request, "unsubscribe.html", done=True)


def _require_token(request: Page, token: str) -> None:
    state, at = request.app.state, clock.now()
    with slowed(state.database, network_of(request), at), state.database.transaction() as session:
        subscriptions.find(session, token)


def _end(request: Page, token: str) -> None:
    state, at = request.app.state, clock.now()
    with slowed(state.database, network_of(request), at), state.database.transaction() as session:
        subscriptions.end(Act(session, SYSTEM, at, state.settings, origin_of(request)), token)
