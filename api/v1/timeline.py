"""The timeline of a case: all its events in words."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from babel.dates import format_date
from litestar.params import FromPath
from pydantic import Field

from api.http.context import Output
from api.http.operations import get
from api.http.paging import Limit
from api.v1.audit import Before
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.core.codes import AvoidedKind, DecisionKind
from placement.core.context import Act
from placement.core.link_codes import LinkKind
from placement.core.reason_codes import ChangeReason, find_reason
from placement.core.request_codes import RequestKind
from placement.core.second_person_codes import SecondPersonKind
from placement.core.timeline_codes import About
from placement.core.whereabouts_codes import Informed, Lost, SearchEnd
from placement.placements import timeline as timelines
from placement.placements.timeline import Detail, Entry
from placement.registrations.case_rows import ASKED_FOR
from placement.tables.facts import FACTS
from placement.text.catalogue import Language, translate

WORDS_OF_PARTS = ("persons", "threats", "reach", "avoided", "keep_apart", "stay_with", "obstacle", ASKED_FOR)
"""Codes with a text of their own in the timeline: parts of a case that are not facts, and a reason without a list."""


class TimelineDetailOut(Output):
    about: About
    values: list[str] = Field(description="Codes, a number, a moment, or free text.")
    words: str = Field(description="The same in words; a moment unchanged.")


class TimelineEntryOut(Output):
    line: int = Field(description="The number of the audit event.")
    at: datetime
    event: str
    words: str
    by: str | None = Field(description="The account; null if you see only the role.")
    role: str | None = Field(description="Null before sign-in.")
    details: list[TimelineDetailOut]


class TimelineOut(Output):
    """The entries of the timeline, newest first."""

    registration: str
    items: list[TimelineEntryOut]
    next: int | None = Field(description="The value of `before` for the next page; null on the last page.")
    people: People


@get(
    "/registrations/{registration_id:str}/timeline",
    summary="Read the timeline of a case",
    permission=Permission.TIMELINE_READ,
)
def read_timeline(
    act: Act, registration_id: FromPath[str], language: Language, limit: Limit = 50, before: Before = None
) -> TimelineOut:
    """Read all events of a case, newest first: when, by whom, why, and what the service then did by itself. An auditor
    sees only the audit log, without places and free text.
    """
    found = timelines.timeline(act, registration_id, before=before, limit=limit)
    return TimelineOut(
        registration=registration_id,
        items=[_entry(one, language) for one in found.entries],
        next=found.next,
        people=people_of(act, (one.by for one in found.entries)),
    )


def _entry(one: Entry, language: Language) -> TimelineEntryOut:
    return TimelineEntryOut.of(
        one,
        words=translate("timeline", one.event.value, language),
        details=[
            TimelineDetailOut(about=detail.about, values=list(detail.values), words=_words(detail, language))
            for detail in one.details
        ],
    )


def _words(detail: Detail, language: Language) -> str:
    said = _IN_WORDS.get(detail.about)
    return ", ".join(said(value, language) if said else value for value in detail.values)


def _reason(code: str, language: Language) -> str:
    if code in set(ChangeReason):
        return translate("ChangeReason", code, language)
    if code == ASKED_FOR:
        return translate("timeline.part", code, language)
    return translate("reason", code, language) if find_reason(code) is not None else code


def _fact(name: str, language: Language) -> str:
    return translate("fact" if name in FACTS else "timeline.part", name, language)


def _kind(code: str, language: Language) -> str:
    for kinds in (DecisionKind, AvoidedKind, LinkKind, RequestKind, Lost, Informed, SearchEnd, SecondPersonKind):
        if code in set(kinds):
            return translate(kinds.__name__, code, language)
    return code


def _labelled(context: str) -> Callable[[str, Language], str]:
    return lambda code, language: translate(context, code, language)


def _day(value: str, language: Language) -> str:
    return format_date(date.fromisoformat(value), "d MMMM y", locale=language)


_IN_WORDS: Mapping[About, Callable[[str, Language], str]] = {
    About.REASON: _reason,
    About.EFFECT: _labelled("Effect"),
    About.FIELDS: _fact,
    About.BROKEN: _labelled("rule"),
    About.KIND: _kind,
    About.CLIENT: _labelled("ClientSays"),
    About.RUNG: _labelled("Rung"),
    About.AGAIN_ON: _day,
}
"""How the values of a detail become text. Values of other details are texts already."""
