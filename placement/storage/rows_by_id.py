"""A query for many rows by their ids."""

from collections.abc import Iterable
from typing import TypeVar

from sqlmodel import Session, col, select

from placement.tables import Hold, Stay, TaskNotice

AnyRow = TypeVar("AnyRow", Hold, Stay, TaskNotice)

_AT_ONCE = 5_000
"""The largest number of ids in a query, because databases limit the number of values."""


def rows_by_id(session: Session, table: type[AnyRow], ids: Iterable[str | None]) -> dict[str, AnyRow]:
    known = sorted({one for one in ids if one})
    found: dict[str, AnyRow] = {}
    for first in range(0, len(known), _AT_ONCE):
        some = col(table.id).in_(known[first : first + _AT_ONCE])
        found |= {row.id: row for row in session.exec(select(table).where(some))}
    return found
