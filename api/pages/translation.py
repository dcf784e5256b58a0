"""The language of a page."""

from typing import Any

from litestar.connection import ASGIConnection

from api.http.language import language_of
from placement.text.catalogue import Language, languages

LANGUAGE_COOKIE = "placement-language"


def reader_language(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """The language chosen on a page, otherwise the browser's."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in languages() else language_of(connection)
