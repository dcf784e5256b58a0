"""The document for a client: everything that is stored about the client, in plain words, and as data (GDPR, articles 15
and 20). It is derived from the schema. Each column that the register of processing describes as data of persons is in
the document, or is listed here with the reason why not. The document never contains other clients, names of staff, or
names and addresses of shelters. The address of a shelter could endanger the residents.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import inspect
from sqlmodel import SQLModel, col, or_, select

from placement.access import scoped_queries
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.codes import Role
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.client_values import Shown, Values
from placement.retention.processing_register import described
from placement.storage import log_index
from placement.storage.log_index import Wanted
from placement.tables import (
    AccessGrant,
    BedClaim,
    Decision,
    EventMember,
    FactChange,
    Hold,
    KeepApart,
    LegalHold,
    Proposal,
    Registration,
    RegistrationLink,
    SecondPersonRequest,
    SentRegistration,
    Stay,
    StaysWith,
    TelephoneEntry,
)
from placement.tables.telephone import EntryContent
from placement.text.catalogue import Language, translate

FORMAT = 1
WORDS = "client_document"

TITLES = ("accesses", "listed", "rest")

Find = Callable[[Act, str], Sequence[SQLModel]]


def _of_case(table: type[SQLModel]) -> Find:
    """Returns a function that finds the rows of a case in this table, by the column `registration_id`."""

    def found(act: Act, case: str) -> Sequence[SQLModel]:
        of_case = inspect(table).columns["registration_id"] == case
        return act.session.exec(select(table).where(of_case).order_by(*inspect(table).primary_key)).all()

    return found


def _itself(act: Act, case: str) -> Sequence[SQLModel]:
    return [act.session.get_one(Registration, case)]


def _pairs(table: type[KeepApart | StaysWith]) -> Find:
    def found(act: Act, case: str) -> Sequence[SQLModel]:
        return act.session.exec(select(table).where(or_(table.registration_id == case, table.other_id == case))).all()

    return found


def _links(act: Act, case: str) -> Sequence[SQLModel]:
    rows = act.session.exec(select(RegistrationLink).order_by(RegistrationLink.id)).all()
    return [one for one in rows if is_readable(one.content) and one.content.names(case)]


def _telephoned(act: Act, case: str) -> Sequence[SQLModel]:
    rows = act.session.exec(select(TelephoneEntry).order_by(col(TelephoneEntry.made_on), TelephoneEntry.id)).all()
    return [one for one in rows if EntryContent.model_validate(one.content).registration == case]


SOURCES: Mapping[type[SQLModel], Find] = {
    Registration: _itself,
    SentRegistration: _of_case(SentRegistration),
    EventMember: _of_case(EventMember),
    FactChange: _of_case(FactChange),
    RegistrationLink: _links,
    KeepApart: _pairs(KeepApart),
    StaysWith: _pairs(StaysWith),
    Proposal: _of_case(Proposal),
    Decision: _of_case(Decision),
    Hold: _of_case(Hold),
    Stay: _of_case(Stay),
    BedClaim: _of_case(BedClaim),
    TelephoneEntry: _telephoned,
    SecondPersonRequest: _of_case(SecondPersonRequest),
    LegalHold: _of_case(LegalHold),
    AccessGrant: _of_case(AccessGrant),
}
"""The tables in the document, in display order, each with the function that finds the rows of a case."""

LEFT_OUT: Mapping[str, Sequence[str]] = {
    "log": ("auditevent", "auditunsealed", "auditindex"),
    "others": ("frozenproblem", "eventplan", "massevent"),
    "copies": ("idempotentrequest", "openimport", "importrecord", "message", "reminder", "tasknotice", "datakey"),
    "unlinked": ("dailyreport", "needrecord", "enquiry", "countinbox", "countrecord"),
    "staff": ("auditoddity",),
}
"""Tables with data of persons that are not in the document, by the reason that the document states."""

OMITTED: Mapping[str, Sequence[tuple[str, str]]] = {
    "the parts of the record stand by themselves": [("registration", "content")],
    "a keyed hash of another value": [("registration", "alias_index")],
    "facts of all who waited, or of other clients": [
        *(("proposal", name) for name in ("problem", "advice", "missing_counts")),
        *(("decision", name) for name in ("displaces", "proposal_id")),
        *(("keepapart", name) for name in ("registration_id", "other_id")),
        *(("stayswith", name) for name in ("registration_id", "other_id")),
    ],
    "a copy of other values, to reverse a report": [("stay", "before")],
    "an id that shows nothing": [
        ("eventmember", "event_id"),
        ("stay", "goes_on_from"),
        *(("bedclaim", name) for name in ("bed_id", "person_id")),
    ],
    "the case of the document": [
        *(
            (name, "registration_id")
            for name in ("sentregistration", "eventmember", "factchange", "proposal", "opening")
        ),
        *((name, "registration_id") for name in ("decision", "hold", "stay", "bedclaim", "legalhold")),
        ("secondpersonrequest", "registration_id"),
    ],
}
"""Columns of persons' data that are not in the document, by the reason."""
_OMITTED = {column for columns in OMITTED.values() for column in columns}


@dataclass(frozen=True, slots=True)
class Row:
    fields: list[Shown]


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a table. `table`: its name in the schema."""

    table: str
    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Access:
    """A role whose people opened or changed the case, and the days on which they did so. `words`: the role in words.
    `listed`: the days on which a list showed the case to them.
    """

    role: Role
    words: str
    days: list[date]
    listed: list[date]


@dataclass(frozen=True, slots=True)
class ClientDocument:
    format: int
    case: str
    made_on: date
    language: Language
    parts: list[Part]
    accesses: list[Access]
    titles: Mapping[str, str]
    """The titles of the other parts: accesses, lists, and what else exists."""
    left_out: list[str]
    """Sentences about data that the document does not repeat, with the reason."""


@needs(Permission.CLIENT_DOCUMENT_READ)
def make(act: Act, registration_id: str, language: Language) -> ClientDocument:
    """Returns the document of a case, and writes an audit event. Raises `NotFound` for a case that the actor may not
    open, and `NotAllowed` without a fresh second factor.
    """
    require_fresh(act)
    case = scoped_queries.registration_of(act.session, act.actor, registration_id).id
    accesses = _accesses(act, case, language)
    audit_log.write(act, Event.CLIENT_DOCUMENT_MADE, registration=case, what=language)
    values = Values(act, language)
    parts = [_part(values, table, find(act, case)) for table, find in SOURCES.items()]
    return ClientDocument(
        format=FORMAT,
        case=case,
        made_on=act.day,
        language=language,
        parts=[one for one in parts if one.rows],
        accesses=accesses,
        titles={title: translate(WORDS, title, language) for title in TITLES},
        left_out=[translate(WORDS, reason, language) for reason in LEFT_OUT],
    )


def columns_of(table: type[SQLModel]) -> list[str]:
    """Returns the names of those columns and record parts of this table that the document contains."""
    name = inspect(table).local_table.name
    of_persons = [column for (of, column), row in described().items() if of == name and row.whose in _PERSONAL]
    return [column for column in of_persons if (name, column) not in _OMITTED]


_PERSONAL = {"person", "special"}


def _part(values: Values, table: type[SQLModel], rows: Sequence[SQLModel]) -> Part:
    name = inspect(table).local_table.name
    found = [Row(list(_shown(values, row, columns_of(table)))) for row in rows]
    pair = table in {KeepApart, StaysWith}  # only their number may be disclosed
    title = (
        translate(WORDS, name, values.language, count=len(rows)) if pair else translate(WORDS, name, values.language)
    )
    return Part(name, title, found if pair else [one for one in found if one.fields])


def _shown(values: Values, row: SQLModel, columns: Sequence[str]) -> Iterator[Shown]:
    for column in columns:
        name = column.removeprefix("content.")
        shown = values.shown(name, values.read(row, name))
        if shown is not None:
            yield replace(shown, name=column)


def _accesses(act: Act, case: str, language: Language) -> list[Access]:
    """Returns the roles of people who opened or changed the case, with the days in Amsterdam."""
    opened: dict[Role, set[date]] = {}
    listed: dict[Role, set[date]] = {}
    for event in log_index.find(act.session, Wanted(case=case)):
        content = event.content
        if content.role is not None and content.role.is_person:
            days = opened if content.registration_id == case else listed
            days.setdefault(content.role, set()).add(day_of(event.at))
    roles = sorted(opened.keys() | listed.keys(), key=list(Role).index)
    return [
        Access(one, translate("Role", one.value, language), sorted(opened.get(one, ())), sorted(listed.get(one, ())))
        for one in roles
    ]
