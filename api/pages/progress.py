"""A waiting page for slow requests, which continues to the result without a script.

The page is sent in two parts: the first part at once, and the second part with a redirect to the result. After an
error, the second part leads back to the form.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from litestar.response import Stream
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from api.http import threads
from api.http.problems import code_of
from api.http.refusal_log import REFUSED, write_event
from api.pages.faults import message_of
from api.pages.form_results import again, gone
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.translation import reader_language
from placement.core.errors import PlacementError

PATIENCE_SECONDS = 1.0
"""How many seconds a request may take before the waiting page is shown."""
_HERE = "<!-- what was found -->"


async def found(
    request: Page, do: Callable[[], str], show: Callable[[Wrong], Reply], *, words: str, back: str
) -> Reply:
    """Calls `do` and redirects to the address that it returns. Shows a waiting page if `do` is slow. `show`: shows the
    errors on the page `back`.
    """
    work = asyncio.ensure_future(threads.run(do))
    await asyncio.wait({work}, timeout=PATIENCE_SECONDS)
    if work.done():
        return await threads.run(lambda: _ended(request, work.result, show))
    whole = page(request, "progress.html", words=words, here=_HERE, back=back)
    begin, _, end = whole.content.partition(_HERE)

    async def parts() -> AsyncIterator[str]:
        yield begin
        try:
            to, refused = await work, ""
        except Exception as error:  # noqa: BLE001 - the page has begun: an error can only be shown in it
            to, refused = "", await _message_of(request, error)
        yield page(request, "progress_done.html", back=back, to=to, refused=refused).content
        yield end

    return Stream(parts(), status_code=whole.status_code, media_type=whole.media_type, headers=whole.headers)


def _ended(request: Page, do: Callable[[], str], show: Callable[[Wrong], Reply]) -> Reply:
    try:
        return gone(request, do())
    except PlacementError as error:
        return again(request, error, show)


async def _message_of(request: Page, error: Exception) -> str:
    """Returns the text of an error. For a refusal, first stores the audit event."""
    language = reader_language(request)
    if isinstance(error, REFUSED):
        try:
            await write_event(request, error)
        except (DBAPIError, NoConnectionInTime) as fault:
            return message_of(code_of(request, fault), {}, language)
    if isinstance(error, PlacementError):
        return message_of(error.code, error.facts, language)
    return message_of(code_of(request, error), {}, language)
