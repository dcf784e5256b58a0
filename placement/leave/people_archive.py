"""The archive of an export with people: a workbook that can be imported, all rows as JSON lines, and the log. It is
made in memory, so that no part of it is on a disk before it is encrypted.
"""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZipFile

from pydantic import TypeAdapter
from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, col, select

from placement.core.context import Act
from placement.core.errors import Conflict
from placement.crypto.encrypted_columns import Unreadable
from placement.exchange.export import Form, sheets_of_register, written
from placement.leave.people_sheets import people_sheets
from placement.storage import log_contents
from placement.storage.row_seals import only
from placement.tables import (
    AccessGrant,
    Account,
    AuditEvent,
    BedClaim,
    Decision,
    FactChange,
    Hold,
    KeepApart,
    LegalHold,
    Proposal,
    Registration,
    RegistrationLink,
    SecondPersonRequest,
    Stay,
    StaysWith,
)
from placement.text.catalogue import Language

FORMAT = 2
WORKBOOK, MANIFEST = "import.xlsx", "manifest.json"

TABLES: Mapping[str, type[SQLModel]] = {
    "registrations": Registration,
    "fact_changes": FactChange,
    "kept_apart": KeepApart,
    "stays_with": StaysWith,
    "links": RegistrationLink,
    "proposals": Proposal,
    "decisions": Decision,
    "holds": Hold,
    "stays": Stay,
    "bed_claims": BedClaim,
    "legal_holds": LegalHold,
    "second_person_requests": SecondPersonRequest,
    "access_grants": AccessGrant,
    "accounts": Account,
    "log": AuditEvent,
}
"""Tables by the name of their file (`.jsonl`). Each line of a file is a row, in the order of the primary key."""

_ONLY: Mapping[type[SQLModel], tuple[str, ...]] = {
    Account: ("id", "email", "role", "regions", "organisation_id"),
    AuditEvent: ("id", "at", "link", *log_contents.FIELDS),
}
"""The exported columns of these tables. An account's secrets are not exported. The log is exported in readable form."""
_WITHOUT: Mapping[type[SQLModel], tuple[str, ...]] = {
    Proposal: ("problem_id", "problem", "advice"),
    Registration: ("alias_index",),
    FactChange: ("key",),
}
"""Columns that are not exported. The engine's input and output contain facts of other clients. A blind index is useless
outside this service.
"""
_BATCH = 1_000
_ANYTHING: TypeAdapter[object] = TypeAdapter(object)


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive, a ZIP file. `cases`: the ids of its cases. `incomplete`: as in `PeopleSheets`."""

    content: bytes
    counts: Mapping[str, int]
    cases: list[str]
    incomplete: list[str]


def archive_of(act: Act, export_id: str, language: Language) -> Archive:
    people = people_sheets(act.session)
    sheets = {**sheets_of_register(act), "residents": people.residents, "waiting": people.waiting}
    counts = {"residents": len(people.residents), "waiting": len(people.waiting)}
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr(WORKBOOK, written(sheets, Form.XLSX, language))
        for name, table in TABLES.items():
            counts[name] = 0
            with archive.open(f"{name}.jsonl", "w", force_zip64=True) as lines:
                for row in _rows(act.session, table):
                    lines.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                    counts[name] += 1
        manifest = {
            "format": FORMAT,
            "export": export_id,
            "made_at": act.at.isoformat(),
            "counts": counts,
            "incomplete_in_workbook": people.incomplete,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    cases = list(act.session.exec(select(Registration.id).order_by(Registration.id)))
    return Archive(out.getvalue(), counts, cases, people.incomplete)


def _rows(session: Session, table: type[SQLModel]) -> Iterator[dict[str, object]]:
    mapper = inspect(table)
    left_out = _WITHOUT.get(table, ())
    names = _ONLY.get(table) or [column.key for column in mapper.column_attrs if column.key not in {"seal", *left_out}]
    query = select(table)
    if table is not AuditEvent:  # the content of an event is encrypted in its columns
        query = query.options(only(table, *(getattr(table, name) for name in names)))
    if table is SecondPersonRequest:  # requests of other kinds are not about a case
        query = query.where(col(SecondPersonRequest.registration_id).is_not(None))
    query = query.order_by(*mapper.primary_key).execution_options(yield_per=_BATCH)
    for row in session.exec(query):
        yield {name: _plain(row, name) for name in names}


def _plain(row: SQLModel, name: str) -> object:
    """Returns a column's value in JSON form, or an object with the key `unreadable` if it is unreadable."""
    try:
        value = getattr(row, name)
    except Conflict as unreadable:
        return {"unreadable": dict(unreadable.facts)}
    return {"unreadable": value.owner} if isinstance(value, Unreadable) else _ANYTHING.dump_python(value, mode="json")
