"""Enquiries: calls to the help desk, from the first typed word to the last call back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from sqlalchemy import update
from sqlmodel import Session, col, select

from placement.access.permissions import Permission, needs
from placement.areas.lookup import areas
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.context import Act
from placement.core.enquiry_codes import Advice, Asker, Became, EnquiryStatus, Subject
from placement.core.errors import Conflict, Fault, Invalid, VersionPassed, existing
from placement.core.ids import new_id
from placement.core.read_ahead import Rows, rows_of
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import begin, carry_out, require
from placement.lifecycles.moves import EnquiryMove
from placement.storage.field_sealing import destroy_keys
from placement.tables import Enquiry
from placement.tables.help_desk import OF_NOTES, UNFINISHED, EnquiryContent

UNFINISHED_ROWS = Rows(Enquiry, UNFINISHED)
NOTES_FOR = timedelta(days=30)
"""The time for which notes and numbers for calling back are kept."""
RING_BACK = timedelta(days=1)
RING_BACK_URGENT = timedelta(hours=1)
"""The times within which a caller must be called back, if nobody chose a time (assumed). `RING_BACK` is for ordinary
enquiries, `RING_BACK_URGENT` for urgent enquiries.
"""
FINISHED_WITHIN = timedelta(hours=1)
"""An enquiry that is open for longer becomes a task, because its call was never finished (assumed)."""
MOST_MINUTES = 600
_LONGEST_DAY = len("2026-12-01")
_BEGINS = {
    EnquiryStatus.OPEN: EnquiryMove.TAKE,
    EnquiryStatus.CALL_BACK: EnquiryMove.TAKE_TO_RING,
    EnquiryStatus.DONE: EnquiryMove.TAKE_DONE,
}
_GOES_ON = {
    EnquiryStatus.OPEN: EnquiryMove.GO_ON,
    EnquiryStatus.CALL_BACK: EnquiryMove.PROMISE,
    EnquiryStatus.DONE: EnquiryMove.FINISH,
}
"""The move for each state that a form can send: `_BEGINS` for a new enquiry, `_GOES_ON` for a stored enquiry."""


@dataclass(frozen=True, slots=True)
class EnquiryInput:
    """The typed facts of an enquiry. `minutes`: the length of the call; `None` if the service measures it. `due_at`:
    the time by which the caller must be called back. `became`: what is made from the enquiry now, such as a
    registration.
    """

    status: EnquiryStatus
    asker: Asker | None = None
    region: str | None = None
    subjects: Sequence[Subject] = ()
    advised: Sequence[Advice] = ()
    urgent: bool = False
    again: bool = False
    minutes: int | None = None
    due_at: datetime | None = None
    telephone: str = ""
    note: str = ""
    became: Became | None = None


@needs(Permission.ENQUIRY_WRITE)
def make(act: Act, given: EnquiryInput) -> Enquiry:
    """Stores a new enquiry. While it is open, it may lack facts. Raises `Invalid` with every wrong or missing field."""
    content = EnquiryContent(at=act.at, by=act.actor.id)
    row = Enquiry(id=new_id("U"), on=act.day, content=content)
    _fill(act, row, given)
    begin(act, row, _BEGINS[given.status], status=given.status.value)
    act.session.add(row)
    act.session.flush()
    return row


@needs(Permission.ENQUIRY_WRITE)
def change(act: Act, enquiry_id: str, version: int, given: EnquiryInput) -> Enquiry:
    """Replaces the facts of an enquiry. Raises `VersionPassed` if it was changed, and `Conflict` if it is done."""
    row = _locked(act, enquiry_id, version)
    move = _GOES_ON[given.status]
    require(row, move)
    _fill(act, row, given)
    row.version += 1
    carry_out(act, row, move, status=given.status.value)
    return row


@needs(Permission.ENQUIRY_WRITE)
def call_back(
    act: Act, enquiry_id: str, version: int, advised: Sequence[Advice], minutes: int, *, became: Became | None = None
) -> Enquiry:
    """Records a call back: adds minutes and advice, and marks the enquiry as done. Raises the errors of `change`."""
    row = _locked(act, enquiry_id, version)
    require(row, EnquiryMove.RING_BACK)
    known = row.content
    if known.asker is None or not known.subjects:
        raise Conflict("enquiry_incomplete")
    both = list(dict.fromkeys([*known.advised, *advised]))
    spent = min((known.minutes or 0) + minutes, MOST_MINUTES)
    row.content = known.model_copy(
        update={"advised": both, "minutes": spent, "became": _became(known, became), "called_back_at": act.at}
    )
    row.version += 1
    carry_out(act, row, EnquiryMove.RING_BACK)
    return row


@needs(Permission.ENQUIRY_READ)
def read(act: Act, enquiry_id: str) -> Enquiry:
    """Returns an enquiry. Writes an audit event. Raises `NotFound`."""
    row = existing(act.session.get(Enquiry, enquiry_id))
    audit_log.write(act, Event.ENQUIRY_READ, subject=row.id)
    return row


@needs(Permission.ENQUIRY_READ)
def listed(act: Act, day: date) -> list[Enquiry]:
    """Returns the enquiries of a day, newest first. Writes an audit event."""
    audit_log.write(act, Event.ENQUIRIES_LISTED, day=day.isoformat())
    rows = act.session.exec(select(Enquiry).where(Enquiry.on == day))
    return sorted((row for row in rows if is_readable(row.content)), key=_newest_first)


def unfinished(session: Session) -> list[Enquiry]:
    """Returns the enquiries of all days that are not done. The enquiry that has been due the longest comes first."""
    readable = (row for row in rows_of(session, UNFINISHED_ROWS) if is_readable(row.content))
    return sorted(readable, key=lambda row: (row.content.due_at or row.content.at, row.id))


def erase_notes(act: Act, owners: Sequence[str]) -> None:
    """Deletes the notes of these days, and destroys their keys."""
    days = {date.fromisoformat(owner.removeprefix(OF_NOTES)[:_LONGEST_DAY]) for owner in owners}
    act.session.execute(update(Enquiry).where(col(Enquiry.on).in_(days)).values(note=None))
    destroy_keys(act, owners)


def keeps_note(row: Enquiry, at: datetime) -> bool:
    """Checks whether the note of this enquiry is still kept."""
    return day_of(at) - row.on < NOTES_FOR


def _became(known: EnquiryContent, now: Became | None) -> list[Became]:
    return list(dict.fromkeys([*known.became, *([now] if now else [])]))


def _newest_first(row: Enquiry) -> tuple[float, str]:
    return -row.content.at.timestamp(), row.id


def _locked(act: Act, enquiry_id: str, version: int) -> Enquiry:
    row = existing(act.session.exec(select(Enquiry).where(Enquiry.id == enquiry_id).with_for_update()).first())
    if version != row.version:
        raise VersionPassed("version_passed", given=version, newest=row.version)
    return row


def _fill(act: Act, row: Enquiry, given: EnquiryInput) -> None:
    """Stores the checked facts in the row. Minutes that nobody typed are counted from the beginning of the call."""
    faults = _faults(act, given)
    if faults:
        raise Invalid(faults)
    known, status, ends = row.content, given.status, given.status is not EnquiryStatus.OPEN
    minutes = given.minutes
    if minutes is None and ends:
        minutes = max(1, min(ceil((act.at - known.at).total_seconds() / 60), MOST_MINUTES))
    soon = RING_BACK_URGENT if given.urgent else RING_BACK
    due_at = (given.due_at or act.at + soon) if status is EnquiryStatus.CALL_BACK else None
    facts: dict[str, object] = {
        "asker": given.asker,
        "region": given.region,
        "subjects": list(given.subjects),
        "advised": list(given.advised),
        "urgent": given.urgent,
        "again": given.again,
        "minutes": minutes,
        "due_at": due_at,
        "became": _became(known, given.became),
    }
    row.content = known.model_copy(update=facts)
    typed = {name: text for name in ("note", "telephone") if (text := getattr(given, name).strip())}
    row.note = (typed or None) if keeps_note(row, act.at) else None


def _faults(act: Act, given: EnquiryInput) -> list[Fault]:
    faults: list[Fault] = []
    status = given.status
    if given.region is not None and given.region not in areas(act.session, act.day):
        faults.append(Fault("region", "target_unknown", {"found": given.region, "kind": "area"}))
    if status is EnquiryStatus.OPEN:
        return faults
    if given.asker is None:
        faults.append(Fault("asker", "not_chosen"))
    if not given.subjects:
        faults.append(Fault("subjects", "not_chosen"))
    if status is EnquiryStatus.CALL_BACK and not (given.telephone.strip() or given.note.strip()):
        faults.append(Fault("telephone", "missing"))
    if (
        status is EnquiryStatus.CALL_BACK
        and given.due_at is not None
        and not act.at <= given.due_at < act.at + NOTES_FOR
    ):
        faults.append(Fault("due_at", "call_back_too_late", {"days": NOTES_FOR.days}))
    return faults
