"""Doubts about a cell: its possible meanings, among which the sender of the file chooses."""

import re
from collections.abc import Callable, Sequence
from functools import cache

from placement.exchange.cell_vocabulary import names_of
from placement.exchange.grid import Choice
from placement.text.catalogue import languages

LEFT_OUT_VALUE = "-"
"""The answer by which the sender leaves a row or a value out."""


LEAVE_ROW = Choice(LEFT_OUT_VALUE, "leave_row", None)
UNKNOWN = Choice(LEFT_OUT_VALUE, "unknown")


class Doubt(Exception):
    """Raised if a cell has several possible meanings. `code`: the code of the question (`error`). `guess`: the proposed
    answer. `typed`: a function that returns the meaning of an answer that is not in `choices`.
    """

    def __init__(self, code: str, choices: Sequence[Choice], guess: str = "", **facts: object) -> None:
        super().__init__(code)
        self.typed: Callable[[str], Choice | None] | None = None
        self.code = code
        self.choices = choices
        self.guess = guess
        self.facts = facts

    def answered(self, answer: str | None) -> Choice | None:
        chosen = next((one for one in self.choices if one.value == answer), None)
        return chosen or (self.typed(answer) if self.typed and answer else None)


@cache
def words(word: str) -> str:
    """Returns a pattern that matches a catalogue word, as a whole word, in every language. Longer names come first."""
    named = {name for language in languages() for name in names_of("value", word, language)}
    said = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in sorted(named, key=len, reverse=True))
    return rf"(?<![^\W\d_])(?:{said})(?![^\W\d_])"


def without_number(written: str) -> str:
    """Returns the label of a line in a form, without the number of the line: `Telefoon` for `4. Telefoon`."""
    return re.sub(r"^\d{1,2}[.)]\s+(?=[^\W\d])", "", written)


def has_word(word: str, written: str) -> bool:
    return re.search(words(word), written, re.IGNORECASE) is not None


def ordered(word: str) -> list[list[str]]:
    """Returns the names of a catalogue word in each language, in the order of the catalogue."""
    return [names_of("value", word, language) for language in languages()]
