"""The rows in doubt, as two persons see them before a release. Each row is shown as the log states it, and as it is
stored. Encrypted values are not decrypted. Of a case, only the reference and the state are shown.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from sqlmodel import Session, col, select

from placement.core.codes import Action
from placement.core.doubt_codes import RowChange, RowKind, RowRelease
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage import log_contents, log_rows, row_ledger, row_seals
from placement.storage.log_contents import Written
from placement.storage.log_index import wait_for_chain
from placement.storage.watch import watch_of
from placement.tables import AuditEvent, Passkey
from placement.tables.sealed_row import InDoubt, SealedRow

LINES_SEARCHED = 20_000
"""The number of newest audit events in which a row is searched for (assumed). The search takes about a second."""
_EVENTS_SHOWN = 3
_ID = re.compile(r"[A-Za-z0-9][\w-]*")
_KINDS: Mapping[RowKind, frozenset[str]] = MappingProxyType(
    {
        RowKind.ACCOUNT: frozenset({"account", "invitation", "organisation", "passkey", "recoverycode"}),
        RowKind.SIGN_IN: frozenset({"accountsession", "passkeychallenge", "signinchallenge", "ssorequest"}),
        RowKind.KEY: frozenset({"accesstoken", "apikey", "webhook"}),
        RowKind.CASE: frozenset(
            {"factchange", "keepapart", "legalhold", "opening", "registration", "registrationlink", "stayswith"}
        ),
        RowKind.DECISION: frozenset({"decision", "hold", "proposal", "stay"}),
        RowKind.PLACE: frozenset(
            {"location", "room", "shelter", "unit", "bed", "bedclaim", "roomclosure", "capacityreport", "roomreport"}
        ),
        RowKind.RULE: frozenset({"datedrule", "placeentry", "policy"}),
        RowKind.DUTY: frozenset({"mandate", "oncall"}),
        RowKind.TELEPHONE: frozenset({"numberchange", "telephoneentry"}),
        RowKind.REQUEST: frozenset({"secondpersonrequest", "importrequest"}),
        RowKind.FINDING: frozenset({"auditoddity"}),
    }
)
_SENT_IN = frozenset({"importrecord", "sentregistration"})
"""Tables with input that people sent in. Their rows grant no access, and must not be lost."""
OF_CASES = frozenset({RowKind.CASE, RowKind.DECISION})


@dataclass(frozen=True, slots=True)
class Stated:
    """An audit event about a row. `mark`: the row's version and seal in the event; `None` if the event states no change
    of the row.
    """

    line: int
    at: datetime
    event: str
    actor: str
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class DoubtedRow:
    """A row in doubt.

    - `before`: the version that the log states; `None` if it states no version. Audit events must not name the rows of
      some tables. For such a row, this is the version at the last successful check.
    - `after`: the stored version; `None` if the row is not stored or cannot be read.
    - `values`: the codes and days in the row.
    - `digest`: a hash of the whole row.
    """

    name: str
    kind: RowKind
    change: RowChange
    release: RowRelease
    before: int | None
    after: int | None
    values: Mapping[str, str]
    named: frozenset[str]
    """The ids in the row that have the form of an account's id."""
    log: Sequence[Stated]
    digest: str


def rows_of(session: Session, names: Sequence[str]) -> list[DoubtedRow]:
    """Returns these rows (`table/name`) as they are now."""
    log = _log_of(session, names)
    return [_row(session, name, log[name]) for name in names]


def _row(session: Session, name: str, log: Sequence[Stated]) -> DoubtedRow:
    table, _, row = name.partition("/")
    kind = row_seals.sealed_tables()[table]
    found: dict[str, object] = {}
    readable = True
    try:
        found = next(row_seals.stored(session, kind, row_seals.named(kind, [row_seals.typed(kind, row)])), found)
    except row_seals.UNREADABLE:
        readable = False
    last = next((one.mark for one in log if one.mark is not None), None)
    if not kind.STATED:
        last = watch_of(session.get_bind().dialect).kept_rows(log_rows.keys_of(session)).get(name)
    seal = str(found["seal"]) if found else None
    written = repr(sorted((column, str(getattr(value, "stored", value))) for column, value in found.items()))
    return DoubtedRow(
        name=name,
        kind=next((one for one, tables in _KINDS.items() if table in tables), RowKind.OTHER),
        change=_change(session, name, found, last) if readable else RowChange.UNREADABLE,
        release=RowRelease.STAYS if found and _grants_access(kind) else RowRelease.ACCEPTED,
        before=_version(last),
        after=None if seal is None else row_seals.version_of(seal),
        values={column: shown for column, value in found.items() if (shown := _shown(value)) is not None},
        named=frozenset(_ID.findall(row)) | {one for value in found.values() for one in _ids(value)},
        log=log[:_EVENTS_SHOWN],
        digest=hashlib.sha256(written.encode()).hexdigest(),
    )


def _grants_access(kind: type[SealedRow]) -> bool:
    return kind is Passkey or (kind.IN_DOUBT is InDoubt.ABSENT and kind.__tablename__ not in _SENT_IN)


def _change(session: Session, name: str, found: Mapping[str, object], last: str | None) -> RowChange:
    kind = row_seals.sealed_tables()[name.partition("/")[0]]
    if not found:
        return RowChange.DELETED
    if not row_seals.does_hold(row_seals.ring_of(session), kind, found):
        return RowChange.CHANGED if row_seals.version_of(found["seal"]) else RowChange.ADDED
    if last == row_ledger.mark_of(str(found["seal"])):
        return RowChange.NEIGHBOUR
    return RowChange.ADDED if last == "" else RowChange.OLDER


def _version(mark: str | None) -> int | None:
    """Returns the version in a mark; `None` if the mark states that the row is deleted."""
    return int(mark.partition(".")[0]) if mark else None


def _shown(value: object) -> str | None:
    """Returns a code or day as text; `None` for a value that may identify a person, locate a place or give access."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()
    return str(value).lower() if isinstance(value, bool) else None


def _ids(value: object) -> Iterator[str]:
    if isinstance(value, str) and not isinstance(value, Enum):
        yield from _ID.findall(value)
    elif isinstance(value, list):
        yield from (found for one in value for found in _ids(one))


def _log_of(session: Session, names: Sequence[str]) -> dict[str, list[Stated]]:
    """Returns the audit events about these rows among the newest lines, newest first."""
    wait_for_chain(session)
    found: dict[str, list[Stated]] = {name: [] for name in names}
    by_id = {name.partition("/")[2]: name for name in names}
    query = select(AuditEvent.id, AuditEvent.at, AuditEvent.key, AuditEvent.cipher).order_by(col(AuditEvent.id).desc())
    for line, at, key_name, cipher in session.exec(query.limit(LINES_SEARCHED)):
        key = log_rows.keys_of(session).named(key_name)
        try:
            content = log_contents.facts_in(key, line, cipher) if key is not None else None
        except DoesNotOpen:
            content = None
        if content is None:
            continue
        changed = content.get(row_ledger.ROWS, {}).get("changed", {})
        for name in {*changed, *_about(content, by_id)} & found.keys():
            mark = (changed[name] or "") if name in changed else None
            found[name].append(Stated(line, at, content["event"], content["actor"], mark))
    return found


def _about(content: Written, by_id: Mapping[str, str]) -> Iterator[str]:
    """Yields the names of the rows whose change an audit event reports. `by_id`: the names by the id of the row."""
    if content["action"] == Action.CHANGE.value:
        subjects = (content["object_id"], content["registration_id"])
        yield from (by_id[one] for one in subjects if one is not None and one in by_id)
