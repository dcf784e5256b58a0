"""Seals what a session writes: new and changed rows when they are flushed, and the rows that a statement changes."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import cast

from sqlalchemy import ColumnElement, Delete, Insert, Result, Update, event, func, inspect, select
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session

from placement.core.errors import SealBroken
from placement.storage.row_seals import (
    Name,
    SealPassedBy,
    covered,
    does_hold,
    is_ours,
    name_columns,
    name_in,
    name_of,
    named,
    new_seal,
    released,
    ring_of,
    seal_anew,
    sealed_tables,
    seals_of,
    stored,
    table_of,
    touched,
    written_name,
)
from placement.tables.sealed_row import SealedRow


def seal_rows(session: Session, context: UOWTransaction, instances: object) -> None:
    """Before a flush, and after `field_sealing.seal_rows`: seals what is new or changed."""
    _ = context, instances
    for kind, rows in _by_kind(session.new).items():
        _number(session, kind, rows)
        for row in rows:
            row.seal = new_seal(session, kind, {name: getattr(row, name) for name in covered(kind)})
        names = [name_of(row) for row in rows]
        before = seals_of(session, kind, named(kind, names)) if kind.NEWEST else {}
        for name in names:
            touched(session).setdefault((kind, name), before.get(name))
    for kind, rows in sorted(_by_kind(session.dirty).items(), key=lambda one: str(one[0].__tablename__)):
        _seal_changed(session, kind, rows)
    for row in session.deleted:
        if isinstance(row, SealedRow):
            _note(session, type(row), named(type(row), [name_of(row)]))


def _by_kind(rows: Iterable[object]) -> Mapping[type[SealedRow], list[SealedRow]]:
    found: dict[type[SealedRow], list[SealedRow]] = {}
    for row in rows:
        if isinstance(row, SealedRow):
            found.setdefault(type(row), []).append(row)
    return found


def _number(session: Session, kind: type[SealedRow], rows: Iterable[SealedRow]) -> None:
    """Gives new rows the numbers that the database would give them: the seal covers these."""
    key = table_of(kind).autoincrement_column
    unnumbered = [row for row in rows if key is not None and getattr(row, key.key) is None]
    if key is None or not unnumbered:
        return
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.nextval(func.pg_get_serial_sequence(table_of(kind).name, key.key))
        drawn = select(sequence).select_from(func.generate_series(1, len(unnumbered)))
        numbers: Iterable[int] = session.connection().execute(drawn).scalars().all()
    else:
        numbers = count(1 + (session.connection().scalar(select(func.max(key))) or 0))
    for row, number in zip(unnumbered, numbers, strict=False):
        setattr(row, key.key, number)


def _seal_changed(session: Session, kind: type[SealedRow], rows: Iterable[SealedRow]) -> None:
    changes: dict[Name, tuple[SealedRow, dict[str, object]]] = {}
    for row in rows:
        attributes = inspect(row).attrs
        changed = {name: getattr(row, name) for name in covered(kind) if attributes[name].history.has_changes()}
        if changed or attributes["seal"].history.has_changes():  # a merged row has no changes
            changes[name_of(row)] = row, changed
    for values in stored(session, kind, named(kind, changes), lock=True) if changes else ():
        name = name_in(kind, values)
        if not is_ours(session, kind, values) and (kind, name) not in released(session):
            raise SealBroken(str(kind.__tablename__), written_name("", name)[1:])
        before = cast("str | None", values["seal"])
        touched(session).setdefault((kind, name), before)
        row, changed = changes[name]
        row.seal = new_seal(session, kind, values | changed, before)


def _note(session: Session, kind: type[SealedRow], *where: ColumnElement[bool]) -> None:
    """Notes rows that are about to be deleted."""
    table = table_of(kind)
    columns = [table.c[name] for name in name_columns(kind)]
    query = select(*columns, table.c.seal).where(*where).with_for_update()
    for *name, seal in session.connection().execute(query):
        touched(session).setdefault((kind, tuple(name)), seal)


def guard_statements(state: ORMExecuteState) -> Result[tuple[object, ...]] | None:
    """Seals anew what a statement changes, and notes the rows that it deletes."""
    statement = state.statement
    if not isinstance(statement, Insert | Update | Delete):
        return None
    kind = sealed_tables().get(getattr(statement.table, "name", ""))
    if kind is None:
        return None
    session = cast("Session", state.session)
    if isinstance(statement, Delete):
        session.flush()
        _note(session, kind, *([] if statement.whereclause is None else [statement.whereclause]))
        return None
    set_here = {getattr(column, "key", column) for column in (statement._values or ())}  # noqa: SLF001  (no other way)
    if isinstance(statement, Insert) or not set_here or "seal" in set_here:
        raise SealPassedBy(f"a statement would change rows of {kind.__tablename__} past their seals: change each row")
    return _sealed_anew_after(state, session, kind) if set_here & {*covered(kind)} else None


def _sealed_anew_after(state: ORMExecuteState, session: Session, kind: type[SealedRow]) -> Result[tuple[object, ...]]:
    """Runs a statement that changes many rows, and seals these anew; a seal that does not hold stays as it is."""
    session.flush()
    clause = cast("Update", state.statement).whereclause
    rows = list(stored(session, kind, *([] if clause is None else [clause]), lock=True))
    result = state.invoke_statement()
    seal_anew(session, kind, [name_in(kind, row) for row in rows if does_hold(ring_of(session), kind, row)])
    return cast("Result[tuple[object, ...]]", result)


def seal_what_is_flushed() -> None:
    """From now on rows are sealed when they are flushed: after the fields are encrypted."""
    event.listen(Session, "before_flush", seal_rows)
    event.listen(Session, "do_orm_execute", guard_statements)
