"""The handle of a case: two words for use on the telephone, such as `groene lantaarn`. The words disclose nothing about
the client. The handle is derived from the reference, and is not stored. A new reference gets a handle that no other
case has.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from sqlmodel import Session, col, select

from placement.core.ids import new_id
from placement.tables import Registration

_FEWEST = 4
"""The least number of letters of a word of a handle, or of characters of a reference, that finds a case."""


def handle_of(reference: str) -> str:
    adjectives, nouns = words()
    number = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8])
    number, noun = divmod(number, len(nouns))
    return f"{adjectives[number % len(adjectives)]} {nouns[noun]}"


def new_reference(session: Session) -> str:
    """Returns a new reference whose handle no other case has; anonymised cases are ignored."""
    known = select(Registration.id).where(col(Registration.anonymised_at).is_(None))
    taken = {handle_of(one) for one in session.exec(known)}
    made = new_id("R")
    while handle_of(made) in taken:
        made = new_id("R")
    return made


def called(references: Iterable[str], said: str) -> list[str]:
    """Returns the references that the text can mean. The text is a handle, the beginnings of the words of a handle, or
    at least four consecutive characters of the reference.
    """
    parts = said.casefold().split()
    letters = "".join(filter(str.isalnum, said)).upper()
    return [one for one in references if _begins(handle_of(one).split(), parts) or _has(one, letters)]


def _begins(words_of_handle: list[str], parts: list[str]) -> bool:
    if len(parts) == 1:
        return len(parts[0]) >= _FEWEST and any(word.startswith(parts[0]) for word in words_of_handle)
    return len(parts) == len(words_of_handle) and all(map(str.startswith, words_of_handle, parts))


def _has(reference: str, letters: str) -> bool:
    return len(letters) >= _FEWEST and letters in reference.replace("-", "")


@cache
def words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the adjectives and the nouns of handles."""
    read = tomllib.loads(resources.files(__package__).joinpath("handle_words.toml").read_text("utf-8"))
    return tuple(read["adjectives"].split()), tuple(read["nouns"].split())
