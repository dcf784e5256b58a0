"""The kinds of data in the retention schedule: their terms, and the action when a term has passed. The schedule itself
is in `schedule.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sqlmodel import or_

from placement.core.context import Act
from placement.retention import erasure
from placement.tables import Hold, Stay
from placement.tables.columns import Condition, attribute


class Fate(StrEnum):
    ERASE = "erase"  # the rows are deleted, or some of their fields are emptied
    DESTROY_KEY = "destroy_key"  # as `ERASE`, and the key of the values is destroyed: unreadable in every copy
    ANONYMISE = "anonymise"  # the rest of the row identifies no person
    KEPT = "kept"  # not erased by this job; the catalogue has the term


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data. The catalogue has its description, and the reason for its term, under its `name`. `key`: the
    column that identifies a row. `moment`: the column in which the term's beginning is stored; `None` if it is not
    stored. `where`: conditions that select the rows.
    """

    name: str
    term: timedelta | None
    since: str
    fate: Fate
    key: object
    moment: object
    where: tuple[Condition, ...] = ()
    registration: object = None
    """The column with the registration of a row; `None` if no legal hold can keep the rows."""
    erase: Callable[[Act, Sequence[str]], None] | None = field(default=None)
    assumed: bool = False


def deleted(
    name: str,
    term: timedelta,
    since: str,
    key: object,
    moment: object,
    *where: Condition,
    registration: object = None,
    assumed: bool = False,
) -> Kind:
    """Returns a kind whose rows are deleted. `key`: a column of the table."""
    erase = erasure.rows_of(attribute(key).parent.class_, key)
    return Kind(name, term, since, Fate.ERASE, key, moment, where, registration, erase, assumed=assumed)


def emptied(
    name: str, term: timedelta, since: str, table: type[Hold | Stay], moment: object, *texts: str, assumed: bool = False
) -> Kind:
    """Returns a kind of texts about a client. At the end of their term, the texts are emptied, and the rows stay."""
    where = or_(*(getattr(table, text).is_not(None) for text in texts))
    erase = erasure.texts_of(table, texts)
    return Kind(
        name, term, since, Fate.ERASE, table.id, moment, (where,), table.registration_id, erase, assumed=assumed
    )


def kept(name: str, since: str, key: object, moment: object = None, *, term: timedelta | None = None) -> Kind:
    """Returns a kind of data that the retention job does not erase."""
    return Kind(name, term, since, Fate.KEPT, key, moment)
