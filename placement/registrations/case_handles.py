"""The handle of a case: two words that are said over the phone, as `groene lantaarn`. It says nothing of the client.

It follows from the reference alone, and is stored nowhere; a new reference is one whose handle no other case has.
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
"""Letters of a word, or of a reference, by which a case is found."""


def handle_of(reference: str) -> str:
    """The handle of the case with this reference."""
    adjectives, nouns = words()
    number = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8])
    number, noun = divmod(number, len(nouns))
    return f"{adjectives[number % len(adjectives)]} {nouns[noun]}"


def new_reference(session: Session) -> str:
    """A reference whose handle is of no other case that is open, or was until its row was anonymised."""
    known = select(Registration.id).where(col(Registration.anonymised_at).is_(None))
    taken = {handle_of(one) for one in session.exec(known)}
    made = new_id("R")
    while handle_of(made) in taken:
        made = new_id("R")
    return made


def called(references: Iterable[str], said: str) -> list[str]:
    """Those of these references whose case is meant: by its handle, or the beginning of its words; or by at least four
    letters of the reference in a row.
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
    """The adjectives, and the nouns."""
    read = tomllib.loads(resources.files(__package__).joinpath("handle_words.toml").read_text("utf-8"))
    return tuple(read["adjectives"].split()), tuple(read["nouns"].split())
