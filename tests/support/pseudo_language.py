"""A language made from English: every text is longer, has accents and is in brackets. A shown text without brackets is
not from the catalogue.
"""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from placement.text import catalogue
from tests.support.catalogue_ids import forms, messages

CODE = "de"
"""The code of a language that the service does not have, and whose dates and numbers are known."""

OPENS, CLOSES = "[!!", "!!]"
_BRACKETED = re.compile(r"\[!!(?:(?!\[!!|!!\]).)*!!\]", re.DOTALL)
_STANDS_FOR_SOMETHING = re.compile(r"(%\(\w+\)\w|\{\{\w+\}\}|\{[^{}]*\})")
_CODE = re.compile(r"[A-Z]{1,3}-?[A-Z0-9]*(-[A-Z0-9]+)*|[a-z_]+:[a-z_]+")
"""An id, or the code of an event: `R-4F8K-2M9P-XW3T`, `S01`, `registration:read`."""
_ACCENTS = str.maketrans("aeiouAEIOU", "áẽíóúÁẼÍÓÚ")
_SHOWN_BY = {"aria-label", "alt", "title", "placeholder", "data-good", "data-busy", "data-gone"}
_NOT_SHOWN = {"script", "style", "code", "svg"}
_EMPTY = {"meta", "link", "input", "br", "hr", "img", "wbr", "path", "col"}


def pseudo(text: str) -> str:
    if not re.search(r"\w", text):
        return text
    parts = _STANDS_FOR_SOMETHING.split(text)
    longer = "".join(part if at % 2 else _longer(part) for at, part in enumerate(parts))
    return f"{OPENS}{longer}{CLOSES}"


def _longer(text: str) -> str:
    return re.sub(r"\b(\w*?)([aeiou])", r"\1\2\2", text).translate(_ACCENTS)


def write(folder: Path) -> None:
    """Writes a folder of languages: the real languages, and this language."""
    for language in catalogue.languages():
        shutil.copy(catalogue.FOLDER / f"{language}.po", folder)
    made = Catalog(locale=CODE)
    for (context, code), message in messages(catalogue.DEFAULT).items():
        said = tuple(map(pseudo, forms(catalogue.SOURCE, (context, code))))
        made.add(message.id, said if message.pluralizable else said[0], context=context)
    with (folder / f"{CODE}.po").open("wb") as file:
        write_po(file, made, width=0)


class _Texts(HTMLParser):
    """Texts that a page shows or that a screen reader reads. Ids, codes (`class="id"`, `<code>`) and texts in another
    language are left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        hidden = tag in _NOT_SHOWN or "id" in (about.get("class") or "").split() or about.get("lang", CODE) != CODE
        if tag not in _EMPTY:
            self._inside.append((tag, hidden))
        if not hidden:
            self.found += [value for name, value in attrs if name in _SHOWN_BY and value]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden in self._inside):
            self.found.append(data)


def words_from_elsewhere(page: str, data: set[str]) -> set[str]:
    """Returns the words of a page, for the eye or for a screen reader, that come neither from the catalogue nor from
    the data.
    """
    reading = _Texts()
    reading.feed(page)
    left: set[str] = set()
    for text in reading.found:
        shown, before = text, ""
        while shown != before:
            shown, before = _BRACKETED.sub(" ", shown), shown
        words = {word for word in re.findall(r"[^\W\d_][\w'.@:-]*", shown) if len(word) > 1}
        left |= {one for one in (word.rstrip(".:'") for word in words) if not _CODE.fullmatch(one)} - data
    return left
