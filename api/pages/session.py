"""The time until a session ends, for the script that then hides the page."""

from litestar import Response

from api.http.cookies import session_secret_of
from api.http.methods import get
from api.pages.frame import Page, seconds_left
from placement.access.permissions import Permission
from placement.accounts import sessions


@get("/session", permission=Permission.SESSION_READ, by_itself=True)
def read_left(request: Page) -> Response[dict[str, object]]:
    """Returns the account, the CSRF token, and the seconds until the session ends (`left` without use, `most` with
    use). An open page of an earlier session needs the new token. With an API key, only the account is set.
    """
    actor, secret = request.user, session_secret_of(request)
    return Response(
        {
            "account": actor.id,
            "left": seconds_left(actor.ends_at),
            "most": seconds_left(actor.ends_at_latest),
            "csrf_token": sessions.csrf_token_of(secret) if secret else None,
        }
    )
