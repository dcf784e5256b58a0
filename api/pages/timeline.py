"""The timeline of a case: its states as bands, and its events by day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated

from babel.dates import format_timedelta
from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import RequestActs
from api.http.methods import get
from api.pages import case_bands
from api.pages.case_bands import Drawn, Point
from api.pages.fact_history import Differs, differences
from api.pages.frame import Page, page
from api.v1 import fact_history
from api.v1 import timeline as routes
from api.v1.audit import LAST_LINE
from api.v1.timeline import TimelineDetailOut, TimelineEntryOut, TimelineOut
from placement.access.permissions import Permission
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.context import Act
from placement.core.timeline_codes import About
from placement.text.catalogue import Language, translate

SHOWN = 50
Asked = Annotated[str, QueryParameter(max_length=20)]
_DELIVERIES = frozenset({About.MAILED, About.CALLED, About.FAILED})
_NOT_SHOWN = frozenset({About.WAITING})
"""Details about which no reader has to do anything: the service sends waiting messages by itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """An act in the timeline, with its events in words. `times`: how often the act was repeated in a row."""

    at: datetime
    events: tuple[str, ...]
    by: str | None
    role: str | None
    details: tuple[TimelineDetailOut, ...]
    deliveries: tuple[TimelineDetailOut, ...]
    changes: tuple[Differs, ...]
    mark: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    lines: tuple[Line, ...]
    """The acts of the day, oldest first."""

    @property
    def states(self) -> list[str]:
        """The changes of state on the day, in words."""
        return [line.events[0] for line in self.lines if line.mark != "fact"]


@dataclass(frozen=True, slots=True)
class CaseTimeline:
    found: TimelineOut
    days: list[Day]
    """Newest first."""
    bands: list[Drawn]
    """Empty on a page of earlier entries."""
    points: list[Point]
    until_place: str | None
    """How long it took until a place was kept, in words. `until_bed`: until the client lived in a place."""
    until_bed: str | None


@get("/registrations/{registration_id:str}/timeline", permission=Permission.TIMELINE_READ)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], before: Asked = "") -> Response[str]:
    """Shows the timeline. `before`: the number of an entry from which it continues. Ignores other texts."""
    first = int(before) if before.isdecimal() and 0 < int(before) <= LAST_LINE else None
    reads_case = Permission.REGISTRATION_READ.is_of(request.user)

    def read(act: Act) -> CaseTimeline:
        found = routes.read_timeline(act, registration_id, acts.language, SHOWN, first)
        changes = fact_history.list_fact_changes(act, registration_id).changes if reads_case else []
        known = {one.at: tuple(differences(one)) for one in changes if one.at is not None}
        bands = [] if first else case_bands.bands_of(found.items, act.at)
        drawn = case_bands.drawn(bands, [_band_words(one, acts.language) for one in bands])
        until_place, until_bed = case_bands.durations(bands)
        return CaseTimeline(
            found=found,
            days=list(_days(found.items, known)),
            bands=drawn,
            points=list(case_bands.points_of(found.items, drawn, act.at)),
            until_place=_lasted(until_place, acts.language) if until_place else None,
            until_bed=_lasted(until_bed, acts.language) if until_bed else None,
        )

    view = acts.show("timeline", read, Permission.TIMELINE_READ)
    return page(request, "timeline.html", view, reads_case=reads_case, moment_of=datetime.fromisoformat)


def _band_words(band: case_bands.Band, language: Language) -> str:
    kind, code = band.state
    return f"{translate(kind, code, language)}, {_lasted(band.lasted, language)}"


def _lasted(time: timedelta, language: Language) -> str:
    return format_timedelta(time, granularity="minute", threshold=1.5, locale=language)


def _days(entries: Sequence[TimelineEntryOut], changes: Mapping[datetime, tuple[Differs, ...]]) -> Iterator[Day]:
    for day, group in groupby(entries, lambda one: day_of(one.at)):
        yield Day(day, tuple(_merged(_lines(list(group)[::-1], changes))))


def _lines(entries: Sequence[TimelineEntryOut], changes: Mapping[datetime, tuple[Differs, ...]]) -> Iterator[Line]:
    """Yields a line for each act. A line does not repeat the place of the line before."""
    place = ""
    for (at, *_), group in groupby(entries, case_bands.OF_AN_ACT):
        theirs = list(group)
        details = {(one.about, one.words): one for entry in theirs for one in entry.details}
        found = list(details.values())
        named = next((one.words for one in found if one.about is About.PLACE), "")
        of_change = changes.get(at, ()) if any(one.event == Event.REGISTRATION_CHANGED for one in theirs) else ()
        left_out = _NOT_SHOWN | ({About.FIELDS} if of_change else set())
        left_out |= {About.PLACE} if named == place else set()
        place = named or place
        yield Line(
            at=at,
            events=tuple(dict.fromkeys(one.words for one in theirs)),
            by=theirs[0].by,
            role=theirs[0].role,
            details=tuple(one for one in found if one.about not in left_out | _DELIVERIES),
            deliveries=tuple(one for one in found if one.about in _DELIVERIES),
            changes=of_change,
            mark=_mark([one.event for one in theirs]),
        )


def _mark(events: Sequence[str]) -> str:
    if case_bands.LATE.intersection(events):
        return "late"
    return "state" if any(map(case_bands.changes_state, events)) else "fact"


def _merged(lines: Iterator[Line]) -> Iterator[Line]:
    """Merges equal lines that follow each other, such as those of a form that was saved while it was filled in."""
    for _, group in groupby(lines, _kind):
        theirs = list(group)
        details = {(one.about, one.words): one for line in theirs for one in line.details}
        yield replace(theirs[-1], details=tuple(details.values()), times=len(theirs))


def _kind(line: Line) -> tuple[object, ...]:
    is_save = line.mark == "fact" and not line.changes and {one.about for one in line.details} <= {About.FIELDS}
    return line.events, line.by, line.role, None if is_save else line.at
