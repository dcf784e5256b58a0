"""The language of a page."""

from api.http.connections import AnyConnection
from api.http.language import language_of
from placement.text.catalogue import Language, languages

LANGUAGE_COOKIE = "placement-language"


def reader_language(connection: AnyConnection) -> Language:
    """Returns the language that the reader chose on a page, or else the browser's."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in languages() else language_of(connection)
