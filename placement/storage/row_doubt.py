"""Rows in doubt (`InDoubt`): each row of a table with seals is checked when it is loaded, and doubt stays local.

A query leaves out the rows in doubt that grant something, and finds the others. Rows of places and cases are marked.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

from sqlalchemy import Result, Table, event, inspect, orm
from sqlalchemy.orm import ORMExecuteState, QueryContext, with_loader_criteria
from sqlmodel import Session

from placement.core.errors import SealBroken
from placement.crypto.encrypted_columns import keys_of
from placement.storage import row_ledger
from placement.storage.row_seals import (
    UNREADABLE,
    Name,
    SealPassedBy,
    covered,
    does_hold,
    is_ours,
    name_in,
    name_of,
    named,
    pages,
    released,
    ring_of,
    sealed_tables,
    secrets_of,
    stored,
    typed,
    written_name,
)
from placement.tables.sealed_row import InDoubt, SealedRow

_Row = TypeVar("_Row")
_ABSENT = "rows that this transaction leaves out"
_MET = "a row in doubt that was just loaded"
_BY_NAME = "row_doubt_by_name"
"""Option of a query of a row by its name."""


class SealedSession(Session):
    """A session in which a row in doubt that is asked for by its name raises `SealBroken`."""

    def get(self, entity: type[_Row], ident: object, **options: object) -> _Row | None:  # type: ignore[override]
        chosen = {**cast("dict[str, object]", options.pop("execution_options", {})), _BY_NAME: True}
        found: _Row | None = super().get(entity, ident, execution_options=chosen, **options)  # type: ignore[arg-type]
        return found


def doubted(session: orm.Session, kind: type[SealedRow]) -> frozenset[str]:
    """Returns the names of the rows of a table that the last check found to be in doubt."""
    of_table = f"{kind.__tablename__}/"
    found = keys_of(session.get_bind().dialect).doubted
    return frozenset(name.removeprefix(of_table) for name in found if name.startswith(of_table))


def release(session: Session, row: SealedRow) -> bool:
    """Lets this transaction seal a row in doubt anew. A row whose seal does not hold keeps its part in the sum. For an
    older row the sum of all rows is stated anew; returns False while another row is in doubt, which that sum would
    accept too.
    """
    kind, name = type(row), name_of(row)
    for values in stored(session, kind, named(kind, [name])):
        if does_hold(ring_of(session), kind, values):
            if keys_of(session.get_bind().dialect).doubted - {written_name(str(kind.__tablename__), name)}:
                return False
            row_ledger.restate(session)
    released(session).add((kind, name))
    return True


def check_row(row: SealedRow, context: QueryContext | None, attributes: Sequence[str] | None = None) -> None:
    """When a row was loaded, before its values are opened. Raises `SealBroken`, and `SealPassedBy` where only some
    columns were read; rows that are shown in doubt are not checked then.
    """
    values = row.__dict__
    kind = type(row)
    if context is None or (attributes is not None and (inspect(row).modified or secrets_of(kind))):
        return  # not read from the database, or in part: the flush looks at the whole
    if missing := [name for name in (*covered(kind), "seal") if name not in values]:
        if kind.IN_DOUBT is not InDoubt.SHOWN:
            raise SealPassedBy(f"{kind.__name__} was read without {', '.join(missing)}: load whole rows")
        return
    is_right = is_ours(context.session, kind, values)
    if not is_right and kind.IN_DOUBT is not InDoubt.SHOWN:
        context.session.info[_MET] = row
        raise SealBroken(str(kind.__tablename__), written_name("", name_of(row))[1:])
    row.put_in_doubt(doubted=not is_right)


def leave_out_doubted(state: ORMExecuteState) -> Result[tuple[object, ...]] | None:
    """Runs a query again without a row in doubt that it met, so that the others are found."""
    if not state.is_select or state.is_column_load or state.execution_options.get(_BY_NAME):
        return None
    kinds = [kind for column in getattr(state.statement, "_raw_columns", ()) if (kind := _kind_of(column)) is not None]
    if not any(kind.IN_DOUBT is not InDoubt.STOPS for kind in kinds):
        return None
    absent: dict[type[SealedRow], list[Name]] = state.session.info.setdefault(_ABSENT, {})
    while True:
        statement = state.statement.options(
            *(with_loader_criteria(kind, ~named(kind, rows), include_aliases=True) for kind, rows in absent.items())
        )
        try:
            return cast("Result[tuple[object, ...]]", state.invoke_statement(statement).freeze()())
        except SealBroken as broken:
            kind = sealed_tables()[broken.table]
            if kind.IN_DOUBT is not InDoubt.ABSENT:
                raise
            name = typed(kind, broken.row)
            if name in absent.setdefault(kind, []):
                raise
            state.session.expunge(state.session.info.pop(_MET))
            absent[kind].append(name)
        except UNREADABLE:
            if not _leave_out_unreadable(cast("Session", state.session), kinds, absent):
                raise


def _leave_out_unreadable(
    session: Session, kinds: Iterable[type[SealedRow]], absent: dict[type[SealedRow], list[Name]]
) -> bool:
    """Leaves out the rows with a value that no column of its type has. Returns whether there is any other."""
    before = sum(map(len, absent.values()))
    for kind in kinds:
        if kind.IN_DOUBT is not InDoubt.STOPS:
            rows = (row for page in pages(session, kind) for row in page if row["seal"] is None)
            absent[kind] = list(dict.fromkeys((*absent.get(kind, ()), *(name_in(kind, row) for row in rows))))
    return sum(map(len, absent.values())) > before


def left_out(session: orm.Session) -> SealBroken | None:
    """Returns the first row in doubt that a query of this transaction left out."""
    for kind, names in session.info.get(_ABSENT, {}).items():
        return SealBroken(str(kind.__tablename__), written_name("", names[0])[1:])
    return None


def _kind_of(column: object) -> type[SealedRow] | None:
    """Returns the table whose whole rows a column of a query means."""
    entity = getattr(column, "_annotations", {}).get("parententity") if isinstance(column, Table) else None
    found = getattr(entity, "class_", None)
    return found if isinstance(found, type) and issubclass(found, SealedRow) else None


def check_what_is_loaded() -> None:
    """From now on rows are checked when they are loaded: before their values are opened."""
    event.listen(Session, "do_orm_execute", leave_out_doubted)
    for kind in sealed_tables().values():
        if kind.IN_DOUBT is not InDoubt.ROOM:
            event.listen(kind, "load", check_row)
            event.listen(kind, "refresh", check_row)
