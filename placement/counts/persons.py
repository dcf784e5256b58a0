"""The keyed pseudonym of a person, by which the register recognises that a person was reported twice."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from placement.storage.field_sealing import keyed_hash
from placement.tables.count import COUNTS

_OWNER = f"{COUNTS}persons"


@dataclass(frozen=True, slots=True)
class Person:
    """A name and a day of birth as they were typed. Neither of them is ever stored."""

    name: str
    born_on: date


def pseudonym_of(session: Session, person: Person | None) -> str | None:
    """Returns the pseudonym of a person; `None` if the name has no letters. The pseudonym does not depend on the order
    of names, case, accents and punctuation.
    """
    words = sorted(_words(person.name)) if person else []
    return keyed_hash(session, _OWNER, " ".join([*words, str(person.born_on)])) if person and words else None


def _words(name: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(sign if sign.isalpha() else " " for sign in letters if not unicodedata.combining(sign))
    return plain.split()
