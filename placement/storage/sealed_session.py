"""The session that checks and makes the seals of rows.

The seal of each row is checked when the row is loaded. What happens to a row in doubt depends on its table (`InDoubt`):
- A row that would grant access is left out of the results of queries. A look-up by primary key raises an error.
- A row of a place or case is returned, and marked as in doubt.
- A row of a list that must be right as a whole raises an error.

New and changed rows are sealed before a flush. Rows that an UPDATE statement changes are sealed after the statement.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, count
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Delete,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    event,
    func,
    inspect,
    orm,
    select,
    text,
)
from sqlalchemy.engine.result import ChunkedIteratorResult
from sqlalchemy.orm import QueryContext, UOWTransaction, with_loader_criteria
from sqlmodel import Session

from placement.core.errors import SealBroken
from placement.crypto.encrypted_columns import keys_of
from placement.storage import row_ledger, row_seals
from placement.storage.row_seals import (
    UNREADABLE,
    Name,
    SealPassedBy,
    covered,
    name_in,
    named,
    stored,
    touched,
    written_name,
)
from placement.tables.sealed_row import InDoubt, SealedRow

_Rows = Sequence[object]
_Run = Callable[[Executable], object]
_ABSENT = "rows that this transaction leaves out"
_BY_NAME = "_sa_orm_load_options"
"""The option that SQLAlchemy passes when it loads a row by primary key, or loads a row again."""


_NUMBERS = text("SELECT nextval(pg_get_serial_sequence(:sequence_of, :column)) FROM generate_series(1, :most)")


class SealedSession(Session):
    def _execute_internal(  # type: ignore[override]
        self, statement: Executable, *given: object, execution_options: Mapping[str, object], **options: object
    ) -> object:
        """Runs a statement. Overrides SQLAlchemy's method, because the event that SQLAlchemy offers instead compiles
        each statement twice, and cannot change a result.
        """

        def run(wanted: Executable) -> object:
            found: object = super(SealedSession, self)._execute_internal(  # type: ignore[call-overload]
                wanted, *given, execution_options=execution_options, **options
            )
            return found

        if isinstance(statement, Insert | Update | Delete):
            return self._change(statement, run)
        if isinstance(statement, Select) and _BY_NAME not in execution_options:
            return self._query(statement, run)
        return run(statement)

    def _query(self, statement: Select[*tuple[object, ...]], run: _Run) -> object:
        """Runs a query. If the result contains a row in doubt, runs the query again without this row."""
        result = run(self._without_absent(statement))
        if not isinstance(result, ChunkedIteratorResult):
            return result
        chunks, number = result.chunks, 0

        def sure(size: int | None) -> Iterator[_Rows]:
            nonlocal number
            try:
                for rows in chunks(size):
                    number += len(rows)
                    yield rows
            except (SealBroken, *UNREADABLE) as wrong:
                yield self._others(statement, run, wrong)[number:]

        result.chunks = sure  # type: ignore[assignment]  # of rows of any kind
        result.iterator = chain.from_iterable(sure(result._yield_per))  # noqa: SLF001  (no other way)
        return result

    def _others(self, statement: Select[*tuple[object, ...]], run: _Run, wrong: Exception) -> _Rows:
        """Returns the result of a query without rows in doubt. Raises `wrong` if this row may not be left out."""
        while True:
            self._leave_out(statement, wrong)
            again = cast("ChunkedIteratorResult[*tuple[object, ...]]", run(self._without_absent(statement)))
            try:
                return list(chain.from_iterable(again.chunks(None)))
            except (SealBroken, *UNREADABLE) as another:
                wrong = another

    def _without_absent(self, statement: Select[*tuple[object, ...]]) -> Select[*tuple[object, ...]]:
        absent = _absent(self)
        return (
            statement.options(
                *(with_loader_criteria(kind, ~named(kind, rows), include_aliases=True) for kind, rows in absent.items())
            )
            if absent
            else statement
        )

    def _leave_out(self, statement: Select[*tuple[object, ...]], wrong: Exception) -> None:
        absent = _absent(self)
        if isinstance(wrong, SealBroken):
            kind = row_seals.sealed_tables()[wrong.table]
            found = {kind: [row_seals.typed(kind, wrong.row)]} if kind.IN_DOUBT is InDoubt.ABSENT else {}
        else:
            found = {kind: _unreadable(self, kind) for kind in _kinds_in(statement)}
        new = {kind: [one for one in names if one not in absent.get(kind, ())] for kind, names in found.items()}
        if not any(new.values()):
            raise wrong
        for kind, names in new.items():
            if names:
                absent.setdefault(kind, []).extend(names)

    def _change(self, statement: Insert | Update | Delete, run: _Run) -> object:
        """Runs an INSERT, UPDATE or DELETE. Seals changed rows again if their seals were valid, and records deleted
        rows. Raises `SealPassedBy` for an INSERT, and for an UPDATE that sets unknown columns or the seal.
        """
        kind = row_seals.sealed_tables().get(getattr(statement.table, "name", ""))
        if kind is None:
            return run(statement)
        where = [] if isinstance(statement, Insert) or statement.whereclause is None else [statement.whereclause]
        if isinstance(statement, Delete):
            self.flush()
            _note(self, kind, *where)
            return run(statement)
        set_here = {getattr(column, "key", column) for column in (statement._values or ())}  # noqa: SLF001  (no other way)
        if isinstance(statement, Insert) or not set_here or "seal" in set_here:
            raise SealPassedBy(
                f"a statement would change rows of {kind.__tablename__} past their seals: change each row"
            )
        if set_here.isdisjoint(covered(kind)):
            return run(statement)
        self.flush()
        rows = list(stored(self, kind, *where, lock=True))
        result = run(statement)
        ring = row_seals.ring_of(self)
        row_seals.seal_anew(self, kind, [name_in(kind, row) for row in rows if row_seals.does_hold(ring, kind, row)])
        return result


def _absent(session: orm.Session) -> dict[type[SealedRow], list[Name]]:
    found: dict[type[SealedRow], list[Name]] = session.info.setdefault(_ABSENT, {})
    return found


def left_out(session: orm.Session) -> SealBroken | None:
    """Returns an error for the first row in doubt that a query of this transaction left out, or `None`."""
    for kind, names in _absent(session).items():
        return SealBroken(str(kind.__tablename__), written_name("", names[0])[1:])
    return None


def _kinds_in(statement: Select[*tuple[object, ...]]) -> Iterator[type[SealedRow]]:
    """Yields the sealed tables whose whole rows a query returns. Leaves out tables marked `InDoubt.STOPS`."""
    for column in statement._raw_columns:  # noqa: SLF001  (no other way)
        entity = column._annotations.get("parententity") if isinstance(column, Table) else None  # noqa: SLF001
        kind = getattr(entity, "class_", None)
        if isinstance(kind, type) and issubclass(kind, SealedRow) and kind.IN_DOUBT is not InDoubt.STOPS:
            yield kind


def _unreadable(session: Session, kind: type[SealedRow]) -> list[Name]:
    """Returns the names of rows with a value that does not fit the type of its column."""
    return [name_in(kind, row) for page in row_seals.pages(session, kind) for row in page if row["seal"] is None]


def check_row(row: SealedRow, context: QueryContext | None, attributes: Sequence[str] | None = None) -> None:
    """Checks the seal of a loaded row, before its values are decrypted. Raises `SealBroken` if the seal is not valid,
    and `SealPassedBy` if columns that the seal covers were not read. If the table shows rows in doubt
    (`InDoubt.SHOWN`), raises neither error: marks the row as in doubt if its seal is not valid, and ignores missing
    columns.
    """
    values, kind = row.__dict__, type(row)
    if context is None or (attributes is not None and (inspect(row).modified or row_seals.secrets_of(kind))):
        return  # new or partly refreshed: checked before the next flush
    is_shown = kind.IN_DOUBT is InDoubt.SHOWN
    if not values.keys() >= _under_seal(kind):
        if not is_shown:
            missing = ", ".join(sorted(_under_seal(kind) - values.keys()))
            raise SealPassedBy(f"{kind.__name__} was read without {missing}: load whole rows")
        return
    is_right = row_seals.is_ours(context.session, kind, values)
    if not is_right and not is_shown:
        context.session.expunge(row)  # otherwise the session would return it without a check
        raise SealBroken(str(kind.__tablename__), written_name("", name_in(kind, values))[1:])
    row.put_in_doubt(doubted=not is_right)


@cache
def _under_seal(kind: type[SealedRow]) -> frozenset[str]:
    return frozenset((*covered(kind), "seal"))


def doubted(session: orm.Session, kind: type[SealedRow]) -> frozenset[str]:
    """Returns the rows of a table that the watcher's last check found to be in doubt."""
    of_table = f"{kind.__tablename__}/"
    found = keys_of(session.get_bind().dialect).doubted
    return frozenset(name.removeprefix(of_table) for name in found if name.startswith(of_table))


def release(session: Session, row: SealedRow) -> bool:
    """Allows this transaction to seal a row in doubt. If the row still has a valid seal, because an older state was put
    back, the log gets a new sum of all rows. Returns false if this sum would also accept other rows in doubt.
    """
    kind, name = type(row), row_seals.name_of(row)
    for values in stored(session, kind, named(kind, [name])):
        if row_seals.does_hold(row_seals.ring_of(session), kind, values):
            if keys_of(session.get_bind().dialect).doubted - {written_name(str(kind.__tablename__), name)}:
                return False
            row_ledger.restate(session)
    row_seals.released(session).add((kind, name))
    return True


def seal_rows(session: Session, context: UOWTransaction, instances: object) -> None:
    """Seals new and changed rows before a flush. Runs after `field_sealing.seal_rows`."""
    _ = context, instances
    for kind, rows in _by_kind(session.new).items():
        _number(session, kind, rows)
        for row in rows:
            row.seal = row_seals.new_seal(session, kind, {name: getattr(row, name) for name in covered(kind)})
        names = [row_seals.name_of(row) for row in rows]
        before = row_seals.seals_of_rows(session, kind, names) if kind.NEWEST else {}
        for name in names:
            touched(session).setdefault((kind, name), before.get(name))
    for kind, rows in sorted(_by_kind(session.dirty).items(), key=lambda one: str(one[0].__tablename__)):
        _seal_changed(session, kind, rows)
    for row in session.deleted:
        if isinstance(row, SealedRow):
            _note(session, type(row), named(type(row), [row_seals.name_of(row)]))


def _by_kind(rows: Iterable[object]) -> Mapping[type[SealedRow], list[SealedRow]]:
    found: dict[type[SealedRow], list[SealedRow]] = {}
    for row in rows:
        if isinstance(row, SealedRow):
            found.setdefault(type(row), []).append(row)
    return found


def _number(session: Session, kind: type[SealedRow], rows: Iterable[SealedRow]) -> None:
    """Assigns ids to new rows before the database does, because the seal covers the id."""
    key = row_seals.table_of(kind).autoincrement_column
    unnumbered = [row for row in rows if key is not None and getattr(row, key.key) is None]
    if key is None or not unnumbered:
        return
    if session.get_bind().dialect.name == "postgresql":
        drawn = {"sequence_of": row_seals.table_of(kind).name, "column": key.key, "most": len(unnumbered)}
        numbers: Iterable[int] = session.connection().execute(_NUMBERS, drawn).scalars().all()
    else:
        numbers = count(1 + (session.connection().scalar(select(func.max(key))) or 0))
    for row, number in zip(unnumbered, numbers, strict=False):
        setattr(row, key.key, number)


def _seal_changed(session: Session, kind: type[SealedRow], rows: Iterable[SealedRow]) -> None:
    changes: dict[Name, tuple[SealedRow, dict[str, object]]] = {}
    for row in rows:
        attributes = inspect(row).attrs
        changed = {name: getattr(row, name) for name in covered(kind) if attributes[name].history.has_changes()}
        if changed or attributes["seal"].history.has_changes():  # the second case: a merged row
            changes[row_seals.name_of(row)] = row, changed
    for values in stored(session, kind, named(kind, changes), lock=True) if changes else ():
        name = name_in(kind, values)
        if not row_seals.is_ours(session, kind, values) and (kind, name) not in row_seals.released(session):
            raise SealBroken(str(kind.__tablename__), written_name("", name)[1:])
        before = cast("str | None", values["seal"])
        touched(session).setdefault((kind, name), before)
        row, changed = changes[name]
        row.seal = row_seals.new_seal(session, kind, values | changed, before)


def _note(session: Session, kind: type[SealedRow], *where: ColumnElement[bool]) -> None:
    """Records rows that are about to be deleted, with their seals."""
    table = row_seals.table_of(kind)
    columns = [table.c[name] for name in row_seals.name_columns(kind)]
    query = select(*columns, table.c.seal).where(*where).with_for_update()
    for *name, seal in session.connection().execute(query):
        touched(session).setdefault((kind, tuple(name)), seal)


def listen() -> None:
    """Registers the checks and seals of rows with SQLAlchemy, after the encryption of fields."""
    event.listen(Session, "before_flush", seal_rows)
    for kind in row_seals.sealed_tables().values():
        if kind.IN_DOUBT is not InDoubt.ROOM:
            event.listen(kind, "load", check_row)
            event.listen(kind, "refresh", check_row)
