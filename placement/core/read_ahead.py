"""Reading ahead: a single statement reads rows of several tables. A list of tasks needs a few rows of each of many
tables, so a statement for each table would take most of the time.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, TextClause, and_, inspect, literal, select, tuple_, union_all
from sqlmodel import Session

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)
_AHEAD = "rows read ahead"


@dataclass(frozen=True, eq=False)
class Rows(Generic[Row_co]):
    """The rows of a table that fulfil a condition. If `reading_ahead` was given this object, `rows_of` must be given
    the same object to find the rows.
    """

    table: type[Row_co]
    condition: ColumnElement[bool] | TextClause

    @cached_property
    def query(self) -> Select[Row_co]:
        return select(self.table).where(self.condition)


@contextmanager
def reading_ahead(session: Session, wanted: Sequence[Rows[object]]) -> Iterator[None]:
    """Context manager that reads rows of several tables with a single statement. In its block, the first call of
    `rows_of` with an object from `wanted` gets the rows that were read. Other rows are dropped at the end of the block.
    """
    numbers = union_all(*(select(literal(number).label("number")) for number in range(len(wanted)))).subquery()
    statement = select(numbers.c.number, *(one.table for one in wanted)).select_from(numbers)
    for number, one in enumerate(wanted):
        keys = inspect(one.table).primary_key
        found_once = tuple_(*keys).in_(select(*keys).where(one.condition).correlate(None))
        statement = statement.outerjoin(one.table, and_(numbers.c.number == number, found_once))
    found: dict[Rows[object], list[object]] = {one: [] for one in wanted}
    for number, *row in session.execute(statement):
        if row[number] is not None:
            found[wanted[number]].append(row[number])
    session.info[_AHEAD] = found
    try:
        yield
    finally:
        del session.info[_AHEAD]


def rows_of(session: Session, wanted: Rows[Row]) -> list[Row]:
    """Returns these rows, unsorted. Reads them from the database, unless `reading_ahead` has read them and no earlier
    call got them.
    """
    ahead: dict[Rows[Row], list[Row]] = session.info.get(_AHEAD, {})
    if wanted in ahead:
        return ahead.pop(wanted)
    return list(session.execute(wanted.query).scalars())
