"""A picture of a case's timeline: its states as bands on an axis, and its events as points."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import log2
from operator import attrgetter

from api.v1.timeline import TimelineEntryOut
from placement.audit.events import Event

State = tuple[str, str]
"""A list of codes, and a code in it. The text of the code names the state."""
WAITS, MISSING, CLOSED = (("RegistrationStatus", code) for code in ("open", "missing", "closed"))
KEPT, ASKED, COMES = ("HoldStatus", "reserved"), ("HoldStatus", "waiting_for_shelter"), ("StayStatus", "planned")
HOME = ("StayStatus", "in_house")
_OF_EVENT: Mapping[str, State] = {
    Event.REGISTRATION_RECEIVED: ("RegistrationStatus", "received"),
    Event.REGISTERED: WAITS,
    Event.REGISTRATION_ACCEPTED: WAITS,
    Event.REGISTRATION_REOPENED: WAITS,
    Event.CLOSING_REVERSED: WAITS,
    Event.HELD: KEPT,
    Event.DECISION_REFUSED: WAITS,
    Event.DECISION_LAPSED: WAITS,
    Event.DECISION_WITHDRAWN: WAITS,
    Event.HOLD_ASKED: ASKED,
    Event.HOLD_CONFIRMED: COMES,
    Event.HOLD_REFUSED: WAITS,
    Event.HOLD_EXPIRED: WAITS,
    Event.HOLD_RELEASED: WAITS,
    Event.STAY_PLANNED: COMES,
    Event.NO_SHOW_REVERSED: COMES,
    Event.ARRIVAL_REVERSED: COMES,
    Event.ARRIVED: HOME,
    Event.RETURNED: HOME,
    Event.STAY_END_REVERSED: HOME,
    Event.STAY_ENDED: WAITS,
    Event.CLIENT_MISSING: MISSING,
    Event.REGISTRATION_CLOSED: CLOSED,
}
"""The state that follows an event. While the client lives in a place, events about other places change no state."""
_LEAVES_HOME = frozenset({Event.STAY_ENDED, Event.CLIENT_MISSING, Event.REGISTRATION_CLOSED, Event.ARRIVAL_REVERSED})
LATE = frozenset({Event.HOLD_EXPIRED, Event.DECISION_LAPSED, Event.PROPOSAL_EXPIRED, Event.CLIENT_MISSING})
"""Events that mean that somebody was late or that a client is missing."""
OF_AN_ACT = attrgetter("at", "by", "role")
"""The values that are equal for all entries of one act."""
WIDTH = 1120
_LETTER, _AROUND = 8, 20
"""The width of a letter, and the margin of a text, in units of the picture."""
_LEAST = 24


@dataclass(frozen=True, slots=True)
class Band:
    """A period in which the case had one state. `ends`: `None` for the present state."""

    state: State
    begins: datetime
    ends: datetime | None
    lasted: timedelta


@dataclass(frozen=True, slots=True)
class Drawn:
    """A band with its position in the picture."""

    band: Band
    x: int
    width: int
    words: str
    fits: bool
    """True if the text fits in the band."""


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    changes_state: bool
    late: bool


def bands_of(entries: Sequence[TimelineEntryOut], now: datetime) -> list[Band]:
    """Returns the states, oldest first. `entries`: the timeline, newest first."""
    begun: list[tuple[State, datetime]] = []
    for (at, *_), group in groupby(reversed(entries), OF_AN_ACT):
        state = _after(begun[-1][0] if begun else None, [one.event for one in group])
        if state is not None and (not begun or state != begun[-1][0]):
            begun.append((state, at))
    ends = [at for _, at in begun[1:]]
    found = [Band(state, at, end, end - at) for (state, at), end in zip(begun, ends, strict=False)]
    return [*found, *(Band(state, at, None, max(now - at, timedelta())) for state, at in begun[-1:])]


def _after(state: State | None, events: Sequence[str]) -> State | None:
    """Returns the state that follows from simultaneous events. `state`: the state before them."""
    if HOME in {_OF_EVENT.get(event) for event in events}:
        return HOME
    if state == HOME and not _LEAVES_HOME.intersection(events):
        return HOME
    found = [one for event in events if (one := _OF_EVENT.get(event)) is not None]
    final = [one for one in found if one in {MISSING, CLOSED}]
    return (final or found)[-1] if found else state


def changes_state(event: str) -> bool:
    return event in _OF_EVENT


def drawn(bands: Sequence[Band], words: Sequence[str]) -> list[Drawn]:
    """Returns the positions of the bands. Their width grows with the logarithm of their duration, so that an evening
    and a stay of weeks are both visible. `words`: the text of each band.
    """
    weights = [log2(2 + one.lasted / timedelta(minutes=1)) for one in bands]
    wanted = [len(text) * _LETTER + _AROUND for text in words]
    fit = sum(wanted) <= WIDTH
    least = wanted if fit else [_LEAST] * len(bands)
    rest = max(0, WIDTH - sum(least)) / (sum(weights) or 1)
    widths = [round(base + weight * rest) for base, weight in zip(least, weights, strict=True)]
    starts = [sum(widths[:number]) for number in range(len(widths))]
    return [
        Drawn(band, x, width, text, width >= need)
        for band, x, width, text, need in zip(bands, starts, widths, words, wanted, strict=True)
    ]


def points_of(entries: Sequence[TimelineEntryOut], shown: Sequence[Drawn], now: datetime) -> Iterator[Point]:
    """Yields a point for each act, at its time within a band."""
    for (at, *_), group in groupby(reversed(entries), OF_AN_ACT):
        events = [one.event for one in group]
        there = [one for one in shown if one.band.begins <= at]
        if not there:
            continue
        last = there[-1]
        share = (at - last.band.begins) / ((last.band.ends or now) - last.band.begins or timedelta(seconds=1))
        x = round(last.x + min(1.0, share) * last.width)
        yield Point(x, any(map(changes_state, events)), bool(LATE.intersection(events)))


def durations(bands: Sequence[Band]) -> tuple[timedelta | None, timedelta | None]:
    """Returns two durations, both from the first wait: until a place was kept, and until the client lived there."""
    waits = next((one.begins for one in bands if one.state == WAITS), None)
    kept = next((one.begins for one in bands if one.state in {KEPT, ASKED, COMES}), None)
    home = next((one.begins for one in bands if one.state == HOME), None)
    if waits is None:
        return None, None
    return (kept - waits if kept and kept > waits else None), (home - waits if home and home > waits else None)
