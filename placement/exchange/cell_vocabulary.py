"""Words with which cells and headings are compared, in every language of the catalogue. Capitals, accents, spaces and
punctuation make no difference.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import Enum
from functools import cache

from babel import Locale

from placement.exchange.sheets import CAPACITY, MEANT, OTHER_CODE_WORDS, Column, Sheet
from placement.tables.facts import FACTS
from placement.text.catalogue import Language, languages, translate
from placement.text.labels import label
from placement.text.languages import spoken_names

_NEAR = 0.6
"""A known name is suggested for a written name if their similarity (0 to 1, `difflib`) is at least this (assumed)."""


def plain(written: str) -> str:
    """Returns a text in plain form: `Aantal bedden (totaal)` equals `aantal_bedden totaal`."""
    apart = unicodedata.normalize("NFKD", written.casefold())
    return "".join(letter for letter in apart if letter.isalnum())


def names_of(context: str, word: str, language: Language) -> list[str]:
    """Returns the names of a catalogue word. The export writes the first name; the import understands every name."""
    return [name.strip() for name in translate(context, word, language).split("|")]


def headings(column: Column, language: Language) -> list[str]:
    """Returns the headings by which a column is recognised: for a fact, its names in the registration form."""
    return names_of("fact" if column.is_fact else "column", column.words, language)


def heading(column: Column, language: Language) -> str:
    return headings(column, language)[0]


def help_on(column: Column, language: Language) -> str:
    """Returns the help text of a column: for a fact, the explanation in the registration form, or else the heading."""
    if not column.is_fact:
        return translate("column.help", column.words, language)
    hint = FACTS[column.name].hint
    return translate("fact.hint", column.name, language) if hint else heading(column, language)


def title(sheet: str, language: Language) -> str:
    return names_of("sheet", sheet, language)[0]


@cache
def columns_by_name(sheet: Sheet) -> Mapping[str, Column]:
    """Returns the columns of a sheet by plain name. A name that several columns share means the first of them."""
    found: dict[str, Column] = {}
    for column in sheet.columns:
        said = [column.name, *(name for language in languages() for name in headings(column, language))]
        for name in said:
            found.setdefault(plain(name), column)
    return found


@cache
def sheets_by_name() -> Mapping[str, Sheet]:
    return {
        plain(name): sheet
        for sheet in (*MEANT.values(), CAPACITY)
        for name in (sheet.name, *(one for language in languages() for one in names_of("sheet", sheet.name, language)))
    }


@cache
def codes_by_word(kind: type[Enum]) -> Mapping[str, Enum]:
    """Returns the codes of a closed list by plain form of the code, by label, and by alternative words."""
    found: dict[str, Enum] = {}
    for code in kind:
        others = (
            [name for language in languages() for name in names_of("value", f"{kind.__name__}.{code.value}", language)]
            if kind in OTHER_CODE_WORDS
            else []
        )
        for said in (str(code.value), *(label(kind.__name__, code, language) for language in languages()), *others):
            found.setdefault(plain(said), code)
    return found


@cache
def plain_words(word: str) -> frozenset[str]:
    """Returns the plain names of a word in every language, such as the words for yes."""
    return frozenset(plain(name) for language in languages() for name in names_of("value", word, language))


def is_yes_or_no(written: str) -> bool:
    """Checks whether a text is only yes or no."""
    return plain(written) in {*plain_words("yes"), *plain_words("no")}


@cache
def languages_by_name() -> Mapping[str, str]:
    """Returns the codes of spoken languages by the plain form of name and code."""
    found = {plain(name): code for language in languages() for name, code in spoken_names(language).items()}
    return {**{plain(code): code for code in found.values()}, **found}


@cache
def months_by_name() -> Mapping[str, int]:
    """Returns the numbers of months by full and short plain names."""
    return {
        plain(name): number
        for language in languages()
        for kind in ("wide", "abbreviated")
        for form in ("format", "stand-alone")
        for number, name in Locale(language).months[form][kind].items()
    }


def nearest_column(sheet: Sheet, written: str) -> Column | None:
    """Returns the column with the name most similar to this heading; `None` if no name is similar."""
    near = nearest(written, columns_by_name(sheet))
    return columns_by_name(sheet)[near] if near else None


def nearest(written: str, known: Iterable[str]) -> str | None:
    """Returns the known name most similar to the written name; `None` if no name is similar."""
    by_plain = {plain(name): name for name in known}
    found = get_close_matches(plain(written), by_plain, n=1, cutoff=_NEAR)
    return by_plain[found[0]] if found else None
