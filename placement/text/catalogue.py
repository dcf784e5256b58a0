"""The catalogue of every text that people read. It has a file for each language in `locale/` (docs/guide/text.md). A
text has a context, which is its kind, and an id, which is a code or the English sentence itself. If a language lacks a
text, the English text is shown. An id that is in no file is a programming error.
"""

import gettext
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = str
"""The name of a file in `locale/`, such as `nl`."""

FOLDER = Path(__file__).with_name("locale")
SOURCE: Language = "en"
"""The language in which texts are written first. It is also the language of the command line."""
DEFAULT: Language = "nl"
"""The language for readers who have not chosen a language."""


def languages() -> tuple[Language, ...]:
    """Returns the languages that have a file. The default language comes first."""
    return _languages_in(FOLDER)


def translations(language: Language) -> gettext.NullTranslations:
    return _translations_in(FOLDER, language)


def translate(context: str, message_id: object, language: Language, /, **facts: object) -> str:
    """Returns the text with this id in this language, filled with facts. Raises `KeyError` for an unknown id."""
    return translations(language).pgettext(context, str(message_id)).format(**facts)


def ntranslate(context: str, message_id: object, count: int, language: Language, /, **facts: object) -> str:
    """Returns the text with this id in this language, in the plural form for this count, filled with facts."""
    found = translations(language).npgettext(context, str(message_id), str(message_id), count)
    return found.format(**facts)


class _Untranslated(gettext.NullTranslations):
    """The last step of a look-up, for texts without a translation. It returns an English sentence unchanged, and
    raises `KeyError` for an unknown id.
    """

    def __init__(self, source: Catalog) -> None:
        super().__init__()
        self.source = source

    def pgettext(self, context: str, message: str) -> str:
        return self.npgettext(context, message, message, 1)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        if self.source.get(msgid1, context) is None:
            raise KeyError(context, msgid1)
        return super().npgettext(context, msgid1, msgid2, n)


@cache
def _languages_in(folder: Path) -> tuple[Language, ...]:
    return tuple(sorted((path.stem for path in folder.glob("*.po")), key=lambda found: (found != DEFAULT, found)))


@cache
def _translations_in(folder: Path, language: Language) -> gettext.NullTranslations:
    found = gettext.GNUTranslations(_compiled(_messages_in(folder, language)))
    found.add_fallback(_source_in(folder))
    return found


@cache
def _source_in(folder: Path) -> gettext.NullTranslations:
    messages = _messages_in(folder, SOURCE)
    found = gettext.GNUTranslations(_compiled(messages))
    found.add_fallback(_Untranslated(messages))
    return found


def _messages_in(folder: Path, language: Language) -> Catalog:
    with (folder / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _compiled(messages: Catalog) -> io.BytesIO:
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return compiled


if TYPE_CHECKING:
    Offered = Language
else:
    Offered = Literal[languages()]
"""The type of a field or option whose value is a language of the catalogue."""
