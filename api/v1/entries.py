"""Prepared answers of the help desk (*entries*): their versions, and the search during a call."""

from datetime import date, datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Day
from api.http.operations import get, post, put
from api.http.paging import DayAsked
from api.v1.people import People, people_of
from api.v1.rules import RuleOut, rules_in_words
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.enquiry_codes import EntryMark, EntryStatus, Subject
from placement.core.rule_codes import RuleKind
from placement.help_desk import entries, first_entries, search
from placement.help_desk.entries import EntryInput
from placement.tables import KnowledgeEntry
from placement.text.catalogue import Language

_Texts = dict[str, str]


class EntryIn(Input):
    """A version of an entry. `titles` and `texts`: by language, such as `nl`. Each title needs its text."""

    titles: _Texts = Field(max_length=10)
    texts: _Texts = Field(max_length=10)
    source: str = Field("", max_length=500, description="Required if `mark` is `sourced`.")
    mark: EntryMark
    subjects: list[Subject] = Field([], max_length=len(Subject))
    valid_from: Day | None = None
    valid_until: Day | None = Field(None, description="The last day on which it is valid.")
    rule: RuleKind | None = Field(None, description="The dated rules that the entry shows.")

    def given(self) -> EntryInput:
        return EntryInput(**self.model_dump())


class EntryReviewIn(Input):
    due_on: Day | None = Field(None, description="The day of the next review. Null: in a year.")


class EntrySearchIn(Input):
    said: str = Field(max_length=200, description="Words in Dutch or English. They are stored nowhere.")


class EntryReviewOut(Output):
    by: str
    at: datetime
    due_on: date


class EntryVersionOut(Output):
    id: str
    version: int
    status: EntryStatus
    titles: _Texts
    texts: _Texts
    source: str
    mark: EntryMark
    subjects: list[Subject]
    valid_from: date | None
    valid_until: date | None
    is_valid: bool = Field(description="Whether the day lies between its first and last day.")
    rule: RuleKind | None
    written_by: str
    written_at: datetime
    reviews: list[EntryReviewOut]
    shown_from: date | None = Field(description="The first day on which it was shown; null: nobody reviewed it.")
    shown_until: date | None = Field(description="The first day on which it was not shown any more.")
    due_on: date | None
    is_due: bool = Field(description="The next review is due.")


class EntriesOut(Output):
    day: date
    items: list[EntryVersionOut]
    people: People


class EntryOnDayOut(Output):
    """An entry on a day. `shown`: the version that was shown. `newest`: the version that a change replaces."""

    day: date
    version: int
    shown: EntryVersionOut | None
    newest: EntryVersionOut
    versions: list[EntryVersionOut]
    rules: list[RuleOut] = Field(description="The rules of the day, if the entry shows rules.")
    people: People

    def etag(self) -> str:
        return str(self.version)


class EntriesFoundOut(Output):
    items: list[EntryVersionOut] = Field(description="Those that fit the most words, the best first.")


class EntriesLoadedOut(Output):
    loaded: int


@get("/entries", summary="List the entries of a day", permission=Permission.ENTRY_READ)
def list_entries(act: Act, day: DayAsked = None) -> EntriesOut:
    """List today's entries and the versions that wait for a review, or the entries that were shown on a past day."""
    is_past = day is not None and day != act.day
    rows = entries.shown_on(act, day) if is_past and day else entries.current(act)
    shown = day or act.day
    return EntriesOut(day=shown, items=[_version(row, shown) for row in rows], people=_people(act, rows))


@get("/entries/{knowledge_id:str}", summary="Read an entry as of a day", permission=Permission.ENTRY_READ)
def read_entry(act: Act, knowledge_id: FromPath[str], language: Language, day: DayAsked = None) -> EntryOnDayOut:
    """Read the version that was shown on a day, with the rules of that day, and all versions."""
    shown_on = day or act.day
    rows = entries.versions(act, knowledge_id)
    return _entry(act, rows, shown_on, language)


@post("/entries", summary="Write an entry", permission=Permission.ENTRY_WRITE, status_code=201)
def write_entry(act: Act, data: JSONBody[EntryIn], language: Language) -> EntryOnDayOut:
    """Write an entry. It waits for a review by another person."""
    row = entries.write(act, data.given())
    return _entry(act, [row], act.day, language)


@put("/entries/{knowledge_id:str}", summary="Write a version of an entry", permission=Permission.ENTRY_WRITE)
def change_entry(
    act: Act, knowledge_id: FromPath[str], version: int, data: JSONBody[EntryIn], language: Language
) -> EntryOnDayOut:
    """Write a new version. The reviewed version is shown until another person has reviewed the new version."""
    entries.change(act, knowledge_id, version, data.given())
    return _entry(act, entries.versions(act, knowledge_id), act.day, language)


@post("/entries/{knowledge_id:str}/review", summary="Review an entry", permission=Permission.ENTRY_WRITE)
def review_entry(
    act: Act, knowledge_id: FromPath[str], version: int, data: JSONBody[EntryReviewIn], language: Language
) -> EntryOnDayOut:
    """Record that the newest version is correct. The writer of the version cannot do this."""
    entries.review(act, knowledge_id, version, data.due_on)
    return _entry(act, entries.versions(act, knowledge_id), act.day, language)


@post("/entries/{knowledge_id:str}/end", summary="End an entry", permission=Permission.ENTRY_WRITE)
def end_entry(act: Act, knowledge_id: FromPath[str], version: int, language: Language) -> EntryOnDayOut:
    """Stop showing an entry. Its versions can still be read. A new version makes it current again."""
    entries.end(act, knowledge_id, version)
    return _entry(act, entries.versions(act, knowledge_id), act.day, language)


@post("/entries/search", summary="Find entries", permission=Permission.ENTRY_SEARCH)
def search_entries(act: Act, data: JSONBody[EntrySearchIn]) -> EntriesFoundOut:
    """Find entries by words. Dutch and English words match by stem, beginning or part."""
    return EntriesFoundOut(items=[_version(row, act.day) for row in search.found(entries.answers(act), data.said)])


@post("/entries/first", summary="Load the texts that come with the service", permission=Permission.ENTRY_WRITE)
def load_first_entries(act: Act) -> EntriesLoadedOut:
    """Load the prepared answers that come with the service and are not loaded yet. They wait for a review."""
    return EntriesLoadedOut(loaded=first_entries.load(act))


def entries_about(act: Act, subjects: list[Subject]) -> list[EntryVersionOut]:
    """Returns the entries about these subjects. Entries about several of the subjects come first."""
    wanted = set(subjects)
    rows = [(len(wanted & set(row.content.subjects)), row) for row in entries.answers(act)]
    fits = sorted((one for one in rows if one[0]), key=lambda one: (-one[0], one[1].id))
    return [_version(row, act.day) for _, row in fits[: search.MOST_FOUND]]


def _entry(act: Act, rows: list[KnowledgeEntry], day: date, language: Language) -> EntryOnDayOut:
    shown = next((row for row in rows if _is_shown_on(row, day)), None)
    rule = (shown or rows[0]).content.rule
    return EntryOnDayOut(
        day=day,
        version=rows[0].version,
        shown=None if shown is None else _version(shown, day),
        newest=_version(rows[0], day),
        versions=[_version(row, day) for row in rows],
        rules=[] if rule is None else rules_in_words(act, day, [rule], language),
        people=_people(act, rows),
    )


def _is_shown_on(row: KnowledgeEntry, day: date) -> bool:
    until = row.shown_until
    return row.shown_from is not None and row.shown_from <= day and (until is None or day < until)


def _version(row: KnowledgeEntry, day: date) -> EntryVersionOut:
    facts = row.content.model_dump(exclude={"first"})
    said = {name: getattr(row, name) for name in ("id", "version", "status", "shown_from", "shown_until", "due_on")}
    judged = {"is_valid": entries.is_valid(row, day), "is_due": entries.is_due(row, day)}
    return EntryVersionOut.model_validate({**facts, **said, **judged})


def _people(act: Act, rows: list[KnowledgeEntry]) -> People:
    reviewers = {one.by for row in rows for one in row.content.reviews}
    return people_of(act, reviewers | {row.content.written_by for row in rows})
