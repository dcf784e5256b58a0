"""The check of sealed rows: each row by its seal, and all rows together by the sum in the audit log.

A row that was deleted or put back to an earlier version has no invalid seal, but changes the sum. Audit events also
record the mark of each changed row (`row_ledger.py`), so the row itself can be found.
"""

from collections.abc import Callable, Collection, ItemsView, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import Session, select

from placement.audit import log as audit_log
from placement.audit import verification
from placement.audit.events import Event
from placement.audit.verification import Head, Verified
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.storage import hash_chain, log_index, log_rows, row_ledger, row_seals
from placement.storage.database import Database
from placement.storage.log_index import Wanted
from placement.storage.watch import watch_of
from placement.tables import Bed, DataKey

_NOTED_AGAIN_AFTER = timedelta(days=1)
MOST_NAMED = 100
"""The largest number of rows that the audit event of a check names."""

_TRIES = 3
_OF_SHELTER, _OF_ROOM, _OF_BED = {"capacityreport"}, {"bed", "roomclosure"}, {"bedclaim"}
_PAIRS = {"keepapart", "stayswith"}


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check. Rows are named as `table/name`. `broken`: rows with an invalid seal. `others`: rows that
    differ from the log. `differ`: true if the sum of all rows differs from the log's sum.
    """

    rows: int
    broken: tuple[str, ...]
    others: tuple[str, ...]
    differ: bool

    @property
    def is_good(self) -> bool:
        return not (self.broken or self.others or self.differ)


def broken_rows(session: Session, *tables: str) -> list[str]:
    ring = row_seals.ring_of(session)
    return [
        row_seals.written_name(table, row_seals.name_in(kind, values))
        for table, kind in row_seals.sealed_tables().items()
        if not tables or table in tables
        for page in row_seals.pages(session, kind)
        for values in page
        if not row_seals.does_hold(ring, kind, values)
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """The stored rows at one moment. `by`: their sum minus the log's sum, modulo 2^256. `line`: the last event of the
    log at that moment. `marks`: the mark of each row (`row_ledger.mark_of`).
    """

    by: int
    line: int
    marks: Mapping[str, str | None]


def standing(session: Session) -> Standing:
    """Reads all sealed rows and compares their sum with the log's sum. If the log has no sum yet, the difference is 0.

    Every transaction that changes sealed rows adds an audit event. So if the end of the log is the same before and
    after reading, no row has changed meanwhile. Otherwise reads again; the last try locks the end of the log.
    """
    keys = log_rows.keys_of(session)
    for left in range(_TRIES, -1, -1):
        if not left:
            hash_chain.lock(session)
        head, stated = hash_chain.rows_at_head(session, keys)
        seals = row_ledger.stored_seals(session)
        if not left or hash_chain.rows_at_head(session, keys)[0] == head:
            break
    by = row_ledger.sum_of(session, seals) - int(stated["sum"], 16) if stated is not None else 0
    marks = {name: row_ledger.mark_of(seal) for name, seal in seals.items()}
    return Standing(by % row_ledger.MODULUS, head[0], marks)


def difference(session: Session) -> int:
    return standing(session).by


def note_broken(act: Act, broken: Sequence[str]) -> bool:
    """Writes an audit event for each row with an invalid seal, at most once a day. Returns true if it wrote any."""
    known, before = _noted(act, Event.SEAL_BROKEN), len(hash_chain.gathered(act.session))
    for table, _, name in [row.partition("/") for row in broken[:MOST_NAMED]]:
        if {"table": table, "row": name}.items() not in known:
            audit_log.write(act, Event.SEAL_BROKEN, subject=audit_log.id_alone(name), table=table, row=name)
    return len(hash_chain.gathered(act.session)) > before


def note_difference(act: Act, by: str, rows: Sequence[str]) -> bool:
    """Writes an audit event for this difference, at most once a day. Returns true if it wrote the event."""
    if any(("by", by) in facts for facts in _noted(act, Event.ROWS_DIFFER)):
        return False
    audit_log.write(act, Event.ROWS_DIFFER, by=by, rows=list(rows[:MOST_NAMED]))
    return True


def unstated(found: Standing) -> Mapping[str, str | None]:
    """Returns the marks of the rows whose marks the audit log does not contain (`SealedRow.STATED` is false)."""
    kinds = row_seals.sealed_tables()
    return {name: mark for name, mark in found.marks.items() if not kinds[name.partition("/")[0]].STATED}


def differing(database: Database, good: Standing | None) -> tuple[tuple[str, ...], int]:
    """Reads the log to find the rows that differ from it. Returns their names, and the number of the first changed
    event of the log, or 0.

    `good`: the rows at the last check that found no difference. If `good` is given, only later events are read; the
    whole log is read without it, or if an event was changed. Rows that no audit event names are compared with `good`,
    or with the last such check of any process.
    """
    if good is not None:
        log, rows = verify(database, (), good.line + 1, known=good.marks)
        if log.first_bad is None:
            return rows.others, 0
    log, rows = verify(database, (), known=watch_of(database.engine.dialect).kept_rows(database.audit_keys))
    return rows.others, log.first_bad or 0


def with_protected(session: Session, rows: Iterable[str]) -> tuple[str, ...]:
    """Returns these rows, and the cases, rooms and shelters that depend on them: both cases of a pair, the room of a
    bed, claim or closure, and the shelter of a report. While a row is in doubt, nobody is placed for these cases or in
    these rooms and shelters.
    """
    found = dict.fromkeys(rows)
    for table, *name in [row.split("/") for row in found]:
        if table in _PAIRS:
            found |= dict.fromkeys(f"registration/{case}" for case in name)
        elif table in _OF_SHELTER:
            found[f"shelter/{name[0]}"] = None
        elif table in _OF_ROOM:
            found[f"room/{name[0]}"] = None
        elif table in _OF_BED and name[0].isdecimal():
            rooms = session.exec(select(Bed.room_id).where(Bed.id == int(name[0])))
            found |= dict.fromkeys(f"room/{room}" for room in rooms)
    return tuple(found)


def compare(session: Session, stated: Mapping[str, str | None]) -> Checked:
    """Checks the seals and the sum of all rows, and each row's mark. `stated`: the last mark of each row in the log."""
    pseudonyms = session.get(DataKey, PSEUDONYMS)
    if pseudonyms is not None and pseudonyms.destroyed_at is not None:  # all keys were destroyed on purpose
        return Checked(0, (), (), differ=False)
    found = standing(session)
    others = tuple(one for one, mark in sorted(stated.items()) if found.marks.get(one) != mark)
    return Checked(len(found.marks), tuple(broken_rows(session)), others, differ=found.by != 0)


def verify(
    database: Database,
    heads: Sequence[Head],
    start: int = 1,
    watch: Callable[[int, int], None] | None = None,
    known: Mapping[str, str | None] | None = None,
) -> tuple[Verified, Checked]:
    """Verifies the log (`verification.verify`), and compares the rows with it. `known`: the marks of rows before event
    `start`. The service may run meanwhile, so rows that differ are checked again after later events.
    """
    found = verification.verify(database, heads, start, watch)
    stated, through = {**(known or {}), **found.stated}, found.through
    named: set[str] | None = None
    for _ in range(_TRIES):
        with database.transaction() as session:
            rows = compare(session, stated)
        named = set(rows.others) if named is None else named & set(rows.others)
        if not named or found.first_bad is not None:
            break
        later = verification.verify(database, (), through + 1)
        stated, through = {**stated, **later.stated}, max(through, later.through)
    return found, replace(rows, others=tuple(one for one in rows.others if one in (named or ())))


def accept(act: Act, rows: Iterable[str], *, stay: Collection[str] = ()) -> None:
    """Accepts these rows (`table/name`) as they are now, or as deleted: seals them, and records the new sum of all
    rows. A row in `stay` gets an invalid seal instead, so that it stays in doubt. The audit event names all rows.

    Raises `Misconfigured` for a row of a table without seals, and if a row that is not in `rows` has an invalid seal.
    """
    wanted, known = set(rows), row_seals.sealed_tables()
    left = [row for row in broken_rows(act.session) if row not in wanted]
    unknown = [row for row in sorted(wanted) if row.partition("/")[0] not in known]
    if unknown:
        raise Misconfigured(f"of no table with seals: {', '.join(unknown)}")
    if left:
        raise Misconfigured(f"these have a seal that does not hold either, and must be named too: {', '.join(left)}")
    for table, _, written in [row.partition("/") for row in sorted(wanted)]:
        name = row_seals.typed(known[table], written)
        if f"{table}/{written}" in stay:
            row_seals.invalidate(act.session, known[table], name)
        else:
            row_seals.seal_anew(act.session, known[table], [name])
        row_seals.touched(act.session)[known[table], name] = ""  # makes the log record the present mark of the row
    row_ledger.restate(act.session)
    audit_log.write(act, Event.ROWS_RESTATED, rows=sorted(wanted), stay=sorted(stay))


def _noted(act: Act, event: Event) -> list[ItemsView[str, object]]:
    """Returns the facts of the audit events of this kind in the last day."""
    found = log_index.find(act.session, Wanted(event=event.value, since=act.at - _NOTED_AGAIN_AFTER))
    return [one.facts.items() for one in found]
