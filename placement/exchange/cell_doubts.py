"""Doubts about a cell: the readings that are possible, of which the sender of the file chooses."""

import re
from collections.abc import Sequence
from functools import cache

from placement.exchange.cell_vocabulary import names_of
from placement.exchange.grid import Choice
from placement.text.catalogue import languages

LEFT_OUT_VALUE = "-"
"""The answer that leaves a row, or a value, out."""


LEAVE_ROW = Choice(LEFT_OUT_VALUE, "leave_row", None)
UNKNOWN = Choice(LEFT_OUT_VALUE, "unknown")


class Doubt(Exception):
    """A cell with several possible readings. `code`: of the question (`error`). `guess`: the proposed answer."""

    def __init__(self, code: str, choices: Sequence[Choice], guess: str = "", **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.choices = choices
        self.guess = guess
        self.facts = facts

    def answered(self, answer: str | None) -> Choice | None:
        return next((one for one in self.choices if one.value == answer), None)


@cache
def words(word: str) -> str:
    """Returns a pattern for the names of a word in every language, the longest first, as whole words."""
    named = {name for language in languages() for name in names_of("value", word, language)}
    said = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in sorted(named, key=len, reverse=True))
    return rf"(?<![^\W\d_])(?:{said})(?![^\W\d_])"


def has_word(word: str, written: str) -> bool:
    return re.search(words(word), written, re.IGNORECASE) is not None


def ordered(word: str) -> list[list[str]]:
    """Returns the names of a word by language in the order of the catalogue, such as the numbers from one on."""
    return [names_of("value", word, language) for language in languages()]
