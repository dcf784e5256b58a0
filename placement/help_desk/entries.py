"""Entries of the help desk. A person other than the writer reviews each version, and all versions stay readable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlmodel import Session, col, or_, select

from placement.access.permissions import Permission, needs
from placement.core.context import SYSTEM, Act
from placement.core.enquiry_codes import EntryMark, EntryStatus, Subject
from placement.core.errors import Conflict, Fault, Invalid, VersionPassed, existing
from placement.core.ids import new_id
from placement.core.read_ahead import Rows, rows_of
from placement.core.rule_codes import RuleKind
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import begin, carry_out, fitting, require
from placement.lifecycles.moves import KnowledgeEntryMove
from placement.storage.locks import Shared, lock
from placement.tables import KnowledgeEntry
from placement.tables.help_desk import EntryContent, Review

REVIEWED_FOR = timedelta(days=365)
"""The time for which a review is valid if nobody chose a day (assumed)."""


@dataclass(frozen=True, slots=True)
class EntryInput:
    """The typed facts of a version. `titles`, `texts`: by language; not every language must be present."""

    titles: Mapping[str, str]
    texts: Mapping[str, str]
    source: str
    mark: EntryMark
    subjects: Sequence[Subject] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    rule: RuleKind | None = None


@needs(Permission.ENTRY_READ)
def current(act: Act) -> list[KnowledgeEntry]:
    """Returns, for each entry, the version that is shown today, and the version that waits for a review."""
    now = col(KnowledgeEntry.status).in_([EntryStatus.SHOWN, EntryStatus.WAITING])
    return _readable(act.session, now)


@needs(Permission.ENTRY_READ)
def answers(act: Act) -> list[KnowledgeEntry]:
    """Returns a version of each entry for a person who advises: the reviewed version, or else the waiting version."""
    newest: dict[str, KnowledgeEntry] = {}
    for row in current(act):
        if row.id not in newest or row.status is EntryStatus.SHOWN:
            newest[row.id] = row
    return list(newest.values())


@needs(Permission.ENTRY_READ)
def shown_on(act: Act, day: date) -> list[KnowledgeEntry]:
    """Returns the versions that were shown at the end of this day; for today, the versions that are shown now."""
    begun = col(KnowledgeEntry.shown_from) <= day
    lasts = or_(col(KnowledgeEntry.shown_until).is_(None), col(KnowledgeEntry.shown_until) > day)
    return _readable(act.session, begun, lasts)


@needs(Permission.ENTRY_READ)
def versions(act: Act, entry_id: str) -> list[KnowledgeEntry]:
    """Returns every version of an entry, newest first. Raises `NotFound`."""
    found = _readable(act.session, col(KnowledgeEntry.id) == entry_id)
    existing(found or None)
    return sorted(found, key=lambda row: -row.version)


@needs(Permission.ENTRY_WRITE)
def write(act: Act, given: EntryInput, *, first: str | None = None) -> KnowledgeEntry:
    """Stores a new entry, which waits for a review. `first`: the name of a first text. Raises `Invalid`."""
    return _add(act, new_id("B"), 1, given, first)


@needs(Permission.ENTRY_WRITE)
def change(act: Act, entry_id: str, version: int, given: EntryInput) -> KnowledgeEntry:
    """Stores a further version of an entry. The earlier version stays visible until another person has reviewed the new
    version.

    Raises `Invalid`, and `VersionPassed` if another person wrote a version meanwhile.
    """
    newest = _newest(act, entry_id, version)
    if newest.status is EntryStatus.WAITING:
        carry_out(act, newest, KnowledgeEntryMove.REPLACE)
    return _add(act, entry_id, version + 1, given, newest.content.first)


@needs(Permission.ENTRY_WRITE)
def review(act: Act, entry_id: str, version: int, due_on: date | None = None) -> KnowledgeEntry:
    """Records that this version is correct. A waiting version is then shown instead of the earlier version. `due_on`:
    the day of the next review.

    Raises `Conflict` for the writer of the version, `VersionPassed` if there is a newer version, and `Invalid` for a
    day that is past.
    """
    newest = _newest(act, entry_id, version)
    if newest.content.written_by == act.actor.id:
        raise Conflict("entry_own_review")
    move = fitting(newest, KnowledgeEntryMove.SHOW, KnowledgeEntryMove.REVIEW_AGAIN)
    require(newest, move)
    due_on = due_on or act.day + REVIEWED_FOR
    if due_on <= act.day:
        raise Invalid.at("due_on", "day_past")
    if move is KnowledgeEntryMove.SHOW:
        for row in _readable(act.session, col(KnowledgeEntry.id) == entry_id, _IS_SHOWN):
            _leave(act, row, KnowledgeEntryMove.GIVE_WAY)
        newest.shown_from = act.day
    done = [*newest.content.reviews, Review(by=act.actor.id, at=act.at, due_on=due_on)]
    newest.content, newest.due_on = newest.content.model_copy(update={"reviews": done}), due_on
    carry_out(act, newest, move, version=version)
    return newest


@needs(Permission.ENTRY_WRITE)
def end(act: Act, entry_id: str, version: int) -> KnowledgeEntry:
    """Ends an entry. It is no longer shown, but its versions stay readable. Raises `VersionPassed` and `Conflict`."""
    newest = _newest(act, entry_id, version)
    shown = [row for row in versions(act, entry_id) if row.status is EntryStatus.SHOWN]
    if newest.status is EntryStatus.WAITING:
        carry_out(act, newest, KnowledgeEntryMove.WITHDRAW, version=version)
    else:
        require(newest, KnowledgeEntryMove.END)
    for row in shown:
        _leave(act, row, KnowledgeEntryMove.END)
    return newest


@lru_cache(maxsize=2)
def rows_to_review(day: date) -> Rows[KnowledgeEntry]:
    """Returns the query that `to_review` runs. The query is cached, because rows that were read ahead are found only
    with the same query object (`core/read_ahead.py`).
    """
    is_due = col(KnowledgeEntry.due_on) <= day
    return Rows(KnowledgeEntry, or_(col(KnowledgeEntry.status) == EntryStatus.WAITING, _IS_SHOWN & is_due))


def to_review(session: Session, day: date) -> list[KnowledgeEntry]:
    """Returns the versions that wait for a review, and the versions whose next review is due."""
    found = sorted(rows_of(session, rows_to_review(day)), key=lambda row: (row.id, row.version))
    return [row for row in found if is_readable(row.content)]


def is_due(row: KnowledgeEntry, day: date) -> bool:
    """Checks whether the review of a shown version is due."""
    return row.status is EntryStatus.SHOWN and row.due_on is not None and row.due_on <= day


def is_valid(row: KnowledgeEntry, day: date) -> bool:
    """Checks whether the entry is valid on this day by its own first and last day."""
    content = row.content
    return (content.valid_from is None or content.valid_from <= day) and (
        content.valid_until is None or day <= content.valid_until
    )


_IS_SHOWN = col(KnowledgeEntry.status) == EntryStatus.SHOWN


def _leave(act: Act, row: KnowledgeEntry, move: KnowledgeEntryMove) -> None:
    row.shown_until, row.due_on = act.day, None
    carry_out(act, row, move, version=row.version)


def _readable(session: Session, *where: object) -> list[KnowledgeEntry]:
    query = select(KnowledgeEntry).where(*where)  # type: ignore[arg-type]  # conditions of several types
    rows = session.exec(query.order_by(KnowledgeEntry.id, col(KnowledgeEntry.version)))
    return [row for row in rows if is_readable(row.content)]


def _newest(act: Act, entry_id: str, version: int) -> KnowledgeEntry:
    lock(act.session, Shared.ENTRY, entry_id)
    newest = versions(act, entry_id)[0]
    if newest.version != version:
        raise VersionPassed("version_passed", given=version, newest=newest.version)
    return newest


def _add(act: Act, entry_id: str, version: int, given: EntryInput, first: str | None) -> KnowledgeEntry:
    content = EntryContent(
        titles={language: text.strip() for language, text in given.titles.items() if text.strip()},
        texts={language: text.strip() for language, text in given.texts.items() if text.strip()},
        source=given.source.strip(),
        mark=given.mark,
        subjects=list(given.subjects),
        valid_from=given.valid_from,
        valid_until=given.valid_until,
        rule=given.rule,
        first=first,
        written_by=act.actor.id if first is None or version > 1 else SYSTEM.id,
        written_at=act.at,
    )
    _require_complete(content)
    row = KnowledgeEntry(id=entry_id, version=version, content=content)
    begin(act, row, KnowledgeEntryMove.WRITE, version=version)
    act.session.add(row)
    act.session.flush()
    return row


def _require_complete(content: EntryContent) -> None:
    faults = [Fault("source", "missing")] if not content.source and content.mark is EntryMark.SOURCED else []
    if not content.titles:
        faults.append(Fault("titles", "missing"))
    faults += [
        Fault(f"texts.{language}", "missing") for language in sorted(content.titles.keys() - content.texts.keys())
    ]
    faults += [
        Fault(f"titles.{language}", "missing") for language in sorted(content.texts.keys() - content.titles.keys())
    ]
    begins, ends = content.valid_from, content.valid_until
    if begins is not None and ends is not None and ends < begins:
        faults.append(Fault("valid_until", "day_before_first", {"first": begins.isoformat()}))
    if faults:
        raise Invalid(faults)
