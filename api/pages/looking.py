"""What takes a while is waited for on a page that says so, and that goes on to what was found, without a script.

The page is sent in two parts: the first at once, the end when the answer is there, with where to go on to. So nothing
has to be asked again, and whatever is refused is said where it was asked.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from litestar import Response
from litestar.response import Stream
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from api.http import threads
from api.http.problems import code_of
from api.http.refusal_log import REFUSED, write_line
from api.pages.frame import Page, done, page, said
from api.pages.words import reader_language
from placement.core.errors import PlacementError

PATIENCE_SECONDS = 1.0
"""What is there sooner is answered as any form is."""
_HERE = "<!-- what was found -->"


async def found(
    request: Page, do: Callable[[], str], show: Callable[..., Response[str]], *, words: str, back: str
) -> Response[Any]:
    """On to where `do` leads; `show`: the page that asked, with what is wrong. `back`: where that page is."""
    work = asyncio.ensure_future(threads.run(do))
    await asyncio.wait({work}, timeout=PATIENCE_SECONDS)
    if work.done():
        return await threads.run(lambda: done(request, work.result, show))
    whole = page(request, "looking.html", words=words, here=_HERE, back=back)
    begin, _, end = whole.content.partition(_HERE)

    async def parts() -> AsyncIterator[str]:
        yield begin
        try:
            to, refused = await work, ""
        except Exception as error:  # noqa: BLE001 - the page has begun: what went wrong can only be said in it
            to, refused = "", await _said_of(request, error)
        yield page(request, "looking_found.html", back=back, to=to, refused=refused).content
        yield end

    return Stream(parts(), status_code=whole.status_code, media_type=whole.media_type, headers=whole.headers)


async def _said_of(request: Page, error: Exception) -> str:
    """In words; a refusal when its line is stored, and not before."""
    language = reader_language(request)
    if isinstance(error, REFUSED):
        try:
            await write_line(request, error)
        except (DBAPIError, NoConnectionInTime) as fault:
            return said(code_of(request, fault), {}, language)
    if isinstance(error, PlacementError):
        return said(error.code, error.facts, language)
    return said(code_of(request, error), {}, language)
