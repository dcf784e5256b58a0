"""Access with the operator's token, and the public contact for reports of security faults."""

import hmac
from datetime import timedelta

from litestar import MediaType, Response

from api.http.connections import AnyRequest
from api.http.methods import get
from api.http.problems import problem
from api.http.work_kinds import Work
from placement.core import clock
from placement.core.settings import Settings
from placement.text.catalogue import languages

SECURITY_TEXT = "/.well-known/security.txt"
_FRESH_FOR = timedelta(days=180)
"""For how long the contact is declared to be valid. RFC 9116 recommends less than a year (assumed)."""


def is_operator(request: AnyRequest) -> bool:
    """Checks whether the request has the operator's token."""
    settings: Settings = request.app.state.settings
    sent = request.headers.get("authorization", "")
    wanted = f"Bearer {settings.metrics_token}"
    return bool(settings.metrics_token) and hmac.compare_digest(sent.encode(), wanted.encode())


@get(SECURITY_TEXT, public=True, work=Work.FREE, include_in_schema=False, sync_to_thread=False)
def security_text(request: AnyRequest) -> Response[str] | Response[bytes]:
    """Returns the contact for reports of security faults (RFC 9116)."""
    settings: Settings = request.app.state.settings
    if not settings.security_contact:
        return problem(request, 404, "not_found")
    expires = clock.start_of(clock.day_of(clock.now() + _FRESH_FOR))
    lines = [f"Contact: {settings.security_contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}"]
    lines.append(f"Preferred-Languages: {', '.join(languages())}")
    if settings.address:
        lines.append(f"Canonical: {settings.address}{SECURITY_TEXT}")
    return Response("".join(f"{line}\n" for line in lines), media_type=MediaType.TEXT)
