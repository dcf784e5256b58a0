"""The job that puts rows about cases into random order (PostgreSQL). The data files of PostgreSQL show the order in
which rows were inserted, and which rows one transaction wrote.

If clients are entered house by house, this order shows who lives together. So each changed table is rewritten within
minutes, in one transaction, in the order of its random primary key. The whole table is rewritten, because new rows
alone would still be close together. SQLite needs no such job, because it stores these tables in the order of their
keys.

Requests wait while a table is rewritten. So a run rewrites only one table, and is cancelled after 0.15 seconds. A table
that needs longer keeps its order, and `placement doctor` reports it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from placement.storage import client_limits
from placement.storage.database_faults import Cause, cause_of
from placement.tables import JobRun

JOB = "mix_rows"
"""The name of the job. The times of its runs show which transactions only reordered rows."""

EVERY = timedelta(seconds=10)
"""The interval of the job."""

LOCKED_SECONDS = 0.15
"""How long a run may block requests, including its wait for the lock but not its commit (assumed)."""

PAUSE = timedelta(minutes=5)
"""The shortest time between two runs for the same table (assumed). A table's first run is not delayed."""

AGAIN = timedelta(minutes=1)
"""The pause after a run that was cancelled because it took too long, for the same table (assumed)."""

TABLES = (
    "registration",
    "factchange",
    "keepapart",
    "stayswith",
    "registrationlink",
    "proposal",
    "decision",
    "hold",
    "stay",
    "bedclaim",
    "reminder",
    "legalhold",
    "secondpersonrequest",
    "opening",
    "datakey",
    "idempotentrequest",
    "sentregistration",
    "massevent",
    "eventmember",
    "eventplan",
    "countinbox",
)
"""The tables with the id or pseudonym of a case, and the inbox of counts, which is written together with a case. Their
primary keys are random or keyed hashes.
"""

ELSEWHERE: Mapping[str, str] = {
    "auditevent": "only ever added to; what it says is sealed, and its number and moment are in clear anyway",
    "auditindex": "only ever added to; its key is a token",
    "message": "large; it names neither a case nor a place, and leads from a transaction to a day and a length alone",
    "tasknotice": "as a message",
    "auditunsealed": "there for less than a second",
}
"""The tables about cases that are not reordered, with the reasons."""

_LARGE = 32 * 1024 * 1024
"""A table of this size in bytes has pauses twice as long; at twice this size they are three times as long (assumed)."""

_LATE = timedelta(hours=1)
"""The delay after which `placement doctor` reports a table (assumed)."""

_FORMS = text(
    """
    SELECT c.relname AS table, k.relname AS index, pg_total_relation_size(c.oid) AS bytes,
      CASE WHEN current_setting('server_version_num')::int >= 170000
        THEN has_table_privilege(c.oid, 'MAINTAIN') ELSE pg_has_role(c.relowner, 'USAGE') END AS may,
      ARRAY(SELECT quote_ident(attname) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum = ANY (i.indkey) ORDER BY array_position(i.indkey, attnum)) AS key,
      ARRAY(SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
        AND atttypid IN ('text'::regtype, 'varchar'::regtype) AND attnum <> ALL (i.indkey)) AS texts
    FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary JOIN pg_class k ON k.oid = i.indexrelid
    WHERE c.oid = ANY (CAST(:tables AS regclass[])) ORDER BY c.relname
    """
)
_LOOK = """
    SELECT '{table}', max(run.slot)
    FROM (SELECT xmin, xmax, {key} AS key, lag({key}) OVER () AS before FROM "{table}") AS here
    LEFT JOIN jobrun AS run ON run.job = :job AND run.xmin = here.xmin
    HAVING bool_or(run.slot IS NULL OR here.xmax <> '0' OR key < before)
"""
_log: Any = structlog.get_logger()
_broken_off: WeakKeyDictionary[Engine, dict[str, datetime]] = WeakKeyDictionary()
"""The time of the last cancelled run for each table. During the pause that follows, a run takes another table."""


class NotNow(Exception):
    """Raised if a table is in use, or needs more time than requests may wait. The run then changes nothing."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A table with its primary key, other text columns and size. `may`: true if this database role may rewrite it."""

    table: str
    index: str
    key: Sequence[str]
    texts: Sequence[str]
    bytes: int
    may: bool

    @property
    def pause(self) -> timedelta:
        return PAUSE * self._times

    @property
    def again(self) -> timedelta:
        return AGAIN * self._times

    @property
    def _times(self) -> int:
        return 1 + self.bytes // _LARGE


def mix(session: Session, at: datetime, seconds: float | None = LOCKED_SECONDS) -> list[str]:
    """Rewrites one changed table in the order of its keys. Returns the names of the rewritten tables. `seconds`: how
    long requests may wait; `None` rewrites all changed tables without a time limit.

    Raises `NotNow` if the time is not sufficient.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return []
    forms = _forms(connection)
    due = _due(connection, forms, at)
    if seconds is not None:
        rest = _broken_off.setdefault(connection.engine, {})
        due = [
            form for form in due if form.table not in rest or not rest[form.table] <= at < rest[form.table] + form.again
        ]
        due = due[:1]
    if not due:
        return []
    if kept := [form.table for form in forms if not form.may]:
        if at.minute == 0 and at.second < EVERY.total_seconds():  # once an hour is enough
            _log.warning("rows.order_kept", tables=kept)
        return []
    if seconds is None:
        _let_wait(connection, 0)
        _lock_and_write(connection, due)
    else:
        _in_time(connection, due, seconds, at)
    return [form.table for form in due]


def _in_time(connection: Connection, due: Sequence[_Form], seconds: float, at: datetime) -> None:
    _let_wait(connection, seconds)
    connection.execute(text("SET LOCAL synchronous_commit = off"))  # after a crash the job runs again
    try:
        with client_limits.within(connection, seconds) as limit:
            _lock_and_write(connection, due)
        if not limit.is_set():
            return
    except OperationalError as error:
        if cause_of(error) is not Cause.BUSY:
            raise
    tables = [form.table for form in due]
    _broken_off[connection.engine].update(dict.fromkeys(tables, at))
    _log.info("rows.order_waits", tables=tables)
    raise NotNow


def _let_wait(connection: Connection, seconds: float) -> None:
    """Sets the time limits of the server for this transaction. 0 removes the limits."""
    for limit in ("lock_timeout", "statement_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = {round(seconds * 1000)}"))


def _lock_and_write(connection: Connection, due: Sequence[_Form]) -> None:
    tables = ", ".join(_quoted(form.table) for form in due)
    connection.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
    for form in due:
        _write_anew(connection, form)


def overdue(session: Session, at: datetime) -> list[str]:
    """Returns the changed tables that could not be rewritten for an hour, because requests would wait too long."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return []
    run = select(JobRun.slot).where(JobRun.job == JOB, col(JobRun.slot) < at - _LATE).limit(1)
    if session.exec(run).first() is None:  # the job has not run for long enough
        return []
    return [form.table for form in _due(connection, _forms(connection), at - _LATE)]


def out_of_reach(session: Session) -> list[str]:
    """Returns the tables that this database role may not rewrite, so that they keep the order of entry."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return []
    return [form.table for form in _forms(connection) if not form.may]


def _forms(connection: Connection) -> list[_Form]:
    found = connection.execute(_FORMS, {"tables": list(TABLES)})
    return [_Form(**row) for row in found.mappings()]


def _due(connection: Connection, forms: Sequence[_Form], at: datetime) -> list[_Form]:
    """Returns the tables that must be rewritten: a row is out of order, or a transaction other than this job's wrote or
    locked a row. (A row lock leaves the transaction's number in the row, as `xmax`.) Leaves out tables whose last run
    was less than a pause ago. Ignores a last run that a wrong clock dated in the future.

    The query reads each table without an index, because only then rows come in the order of the data file.
    """
    for setting in ("synchronize_seqscans = off", "max_parallel_workers_per_gather = 0"):
        connection.execute(text(f"SET LOCAL {setting}"))
    one_each = " UNION ALL ".join(_LOOK.format(table=form.table, key=form.key[0]) for form in forms)
    found = connection.execute(text(one_each), {"job": JOB})
    changed = {row[0]: row[1] for row in found}
    return [
        form
        for form in forms
        if form.table in changed and ((last := changed[form.table]) is None or not last <= at < last + form.pause)
    ]


def _write_anew(connection: Connection, form: _Form) -> None:
    """Rewrites a table in the order of its keys. Adding `''` to a text makes PostgreSQL store long texts again, in this
    order too. Other kinds of join are disabled, because only a merge join updates the rows in this order.
    """
    for setting in ("enable_hashjoin = off", "enable_nestloop = off"):
        connection.execute(text(f"SET LOCAL {setting}"))
    table, keys = _quoted(form.table), ", ".join(form.key)
    new = [f"{column} = here.{column} || ''" for column in form.texts] or [f"{form.key[0]} = here.{form.key[0]}"]
    same = " AND ".join(f"here.{column} = sorted.{column}" for column in form.key)
    update = (
        f"UPDATE {table} AS here SET {', '.join(new)}"  # noqa: S608  (our own names)
        f" FROM (SELECT {keys} FROM {table} ORDER BY {keys} OFFSET 0) AS sorted WHERE {same}"
    )
    connection.execute(text(update))
    connection.execute(text(f"CLUSTER {table} USING {_quoted(form.index)}"))


def _quoted(name: str) -> str:
    return f'"{name}"'
