"""Translation of the pages. Templates are in English; `locale/nl.po` contains the Dutch."""

import gettext
import io
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from litestar.connection import ASGIConnection

from api.http.language import language_of
from placement.text.messages import LANGUAGES, Language

LANGUAGE_COOKIE = "placement-language"
_LOCALE = Path(__file__).parents[1] / "locale"


def reader_language(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """The language chosen on a page, otherwise the browser's."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == chosen), language_of(connection))


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """No translations for English, in which the templates are written."""
    if language == "en":
        return gettext.NullTranslations()
    with (_LOCALE / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
