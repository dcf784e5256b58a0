"""The conduct of the people behind a request for an address, in figures. The rules in `rules.py` use the figures.

The people are the asker, the person who registered the client, and the person who decided on the place. A person of the
desk is included only as the asker, because the desk takes part in every placement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from placement.access import account_lookup
from placement.access.permissions import Permission
from placement.audit.events import Event
from placement.core.clock import is_night
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.crypto.encrypted_columns import is_readable
from placement.storage import log_index
from placement.storage.log_index import Wanted
from placement.tables import AuditEvent, Decision, Hold, Location, SecondPersonRequest, Stay, Unit

DAY = timedelta(days=1)
LONG = timedelta(days=180)
"""The period in which disclosed addresses are compared with arrivals."""
REGISTERED_FOR = timedelta(days=90)
RECENT = timedelta(days=28)
REFUSED_FOR = timedelta(days=7)
NEW_BROWSER_FOR = timedelta(days=3)
OWN_ENTRY_FOR = timedelta(days=3)
"""The time for which a shelter can reverse an arrival (`placement/placements/stays/reversals.py`). An arrival that the
people of the request entered themselves is ignored until this time has passed. It stays ignored if the stay ended
earlier.
"""
FORGOTTEN = timedelta(days=30)
"""The time after which the expected time of an arrival is erased."""
_EVERYDAY = frozenset({"second_factor_needed", "reason_needed"})
"""Refusals in which the service only asks for a missing step. They are not suspicious."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The first disclosure of a hold's address to any of the people behind the request.

    `arrived_at`: the client's last arrival, at this or another place. `is_over`: true if the stay ended, or if the
    client is more than a day late.
    """

    hold: str
    at: datetime
    arrived_at: datetime | None
    is_over: bool

    @property
    def is_useful(self) -> bool:
        """True if the client arrived after the disclosure, or less than a day before it."""
        return self.arrived_at is not None and self.arrived_at > self.at - DAY

    @property
    def is_useless(self) -> bool:
        """True if nobody needed the address to arrive: nobody arrived, or the arrival was more than a day before."""
        return not self.is_useful and (self.is_over or self.arrived_at is not None)


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts from which the figures are computed. `sure_at`: the time of the last call-back that confirmed a request
    of the asker. Most figures ignore facts before `sure_at`.
    """

    hold: str
    arrived_at: datetime | None = None
    disclosed: Sequence[Disclosed] = ()
    refused: Sequence[datetime] = ()
    new_browsers: Sequence[datetime] = ()
    denied: Sequence[datetime] = ()
    sure_at: datetime | None = None
    at_night: bool = False
    is_canary: bool = False


@dataclass(frozen=True, slots=True)
class Conduct:
    """The figures of a request for an address. A figure that is true or false is 1 or 0."""

    canary: int
    denied: int
    refused: int
    unproven: int
    """The number of disclosed addresses without an arrival, minus the number with an arrival; at least 0."""
    useless: int
    """The number of recently disclosed addresses that nobody needed for an arrival (`Disclosed.is_useless`)."""
    in_a_day: int
    in_house: int
    """1 if the client has been in the place for more than a day, so that nobody needs the address for the journey."""
    new_browser: int
    night: int


def figures(at: datetime, facts: Facts) -> Conduct:
    since = facts.sure_at
    others = [one for one in facts.disclosed if one.hold != facts.hold and at - LONG <= one.at]
    known = [one for one in others if since is None or one.at > since]
    useful = sum(one.is_useful for one in others)
    return Conduct(
        canary=int(facts.is_canary),
        denied=sum(at - RECENT <= one for one in facts.denied),
        refused=_within(at, REFUSED_FOR, facts.refused, since),
        unproven=max(0, sum(not one.is_useful for one in known) - useful),
        useless=sum(one.is_useless for one in known if at - RECENT <= one.at),
        in_a_day=sum(at - DAY <= one.at for one in known),
        in_house=int(facts.arrived_at is not None and at - facts.arrived_at > DAY),
        new_browser=int(_within(at, NEW_BROWSER_FOR, facts.new_browsers, since) > 0),
        night=int(facts.at_night),
    )


def _within(at: datetime, span: timedelta, moments: Sequence[datetime], since: datetime | None) -> int:
    return sum(at - span <= one and (since is None or one > since) for one in moments)


def conduct_of(act: Act, held: Hold, stay: Stay) -> Conduct:
    """Returns the figures of the actor's request for the address of this hold."""
    read = _found(act, LONG, event=Event.ADDRESS_READ)
    registered = _found(act, REGISTERED_FOR, event=Event.REGISTERED)
    people = _people(act, held, {one.actor for one in registered if one.registration_id == held.registration_id})
    own = {one.object_id or "": one.at for one in _found(act, LONG, Event.ARRIVED) if one.actor in people}
    begins, ends = act.settings.night
    return figures(
        act.at,
        Facts(
            held.id,
            _arrival(stay),
            _disclosed(act, {one.object_id or "": one.at for one in read if one.actor in people}, own),
            _refused(act),
            [one.at for one in _found(act, NEW_BROWSER_FOR, Event.SESSION_BEGAN) if one.facts.get("new_browser")],
            *_calls(act, people),
            act.actor.role not in act.settings.night_duty and is_night(act.at, begins, ends),
            not act.settings.canaries.isdisjoint(_places(act, held, stay)),
        ),
    )


def _found(act: Act, span: timedelta, event: Event, actor: str | None = None) -> list[AuditEvent]:
    """Returns the audit events of this kind within the period, newest first. For beginnings of sessions, returns only
    those of the actor.
    """
    who = actor or (act.actor.id if event is Event.SESSION_BEGAN else None)
    return log_index.find(act.session, Wanted(actor=who, event=event.value, since=act.at - span))


def _refused(act: Act) -> list[datetime]:
    found = [
        one
        for event in (Event.REQUEST_REFUSED, Event.ACCESS_REFUSED)
        for one in _found(act, REFUSED_FOR, event, act.actor.id)
    ]
    of_address = (one for one in found if one.facts.get("permission") == Permission.ADDRESS_DISCLOSE.value)
    return [one.at for one in of_address if one.facts.get("code") not in _EVERYDAY]


def _people(act: Act, held: Hold, registrars: set[str]) -> frozenset[str]:
    decided_by = act.session.get_one(Decision, held.decision_id).decided_by
    others = {one for one in {*registrars, decided_by} if account_lookup.is_outside_desk(act.session, one)}
    return frozenset({act.actor.id, *others})


def _disclosed(act: Act, first: Mapping[str, datetime], own: Mapping[str, datetime]) -> list[Disclosed]:
    """Returns the disclosed addresses, each with the client's arrival there or elsewhere, if any. Leaves out erased
    cases. `own`: by stay, the time of each arrival that the people themselves entered.
    """
    rows = select(Stay, Hold).join(Hold, col(Hold.id) == Stay.hold_id).where(col(Stay.hold_id).in_(list(first)))
    found = act.session.exec(rows).all() if first else ()
    cases = sorted({one.registration_id for one, _ in found})
    arrivals: dict[str, datetime] = {}
    for one in act.session.exec(select(Stay).where(col(Stay.registration_id).in_(cases))) if cases else ():
        at = _arrival(one) if _is_proven(act, one, own) else None
        if at is not None:
            arrivals[one.registration_id] = max(at, arrivals.get(one.registration_id, at))
    return [
        Disclosed(held.id, first[held.id], arrivals.get(one.registration_id), _is_over(act, one, held))
        for one, held in found
    ]


def _is_proven(act: Act, stay: Stay, own: Mapping[str, datetime]) -> bool:
    """Checks whether another person entered the arrival, or the shelter can no longer reverse it."""
    entered = own.get(stay.id)
    if entered is None:
        return True
    sure_at = entered + OWN_ENTRY_FOR
    return act.at > sure_at and (stay.ended_on is None or stay.ended_on >= sure_at.date())


def _is_over(act: Act, stay: Stay, held: Hold) -> bool:
    """Checks whether the stay ended, or the client should have arrived more than a day ago."""
    if stay.status is not StayStatus.PLANNED:
        return stay.status is StayStatus.ENDED
    expected = held.expected_at if is_readable(held.expected_at) else None
    if expected is not None:
        return act.at > expected + DAY
    return is_readable(held.starts_on) and act.day > held.starts_on + FORGOTTEN


def _arrival(stay: Stay) -> datetime | None:
    arrived = stay.arrived_at if is_readable(stay.arrived_at) else None
    return arrived if isinstance(arrived, datetime) else None


def _calls(act: Act, people: frozenset[str]) -> tuple[list[datetime], datetime | None]:
    """Returns when call-backs denied requests of these people, and when a call-back last confirmed a request of the
    actor. Leaves out a denied request without a known number, because nobody was called.
    """
    row = SecondPersonRequest
    query = select(row).where(row.kind == SecondPersonKind.DISCLOSURE, col(row.asked_by).in_(people))
    found = [(one, one.settled_at) for one in act.session.exec(query) if one.settled_at is not None]
    denied = [at for one, at in found if one.status is SecondPersonStatus.REFUSED and one.facts["numbers"]]
    sure = [at for one, at in found if one.status is SecondPersonStatus.GRANTED and one.asked_by == act.actor.id]
    return denied, max(sure, default=None)


def _places(act: Act, held: Hold, stay: Stay) -> set[str]:
    """Returns the ids of the case, unit, location and shelter. Each can be a canary, that is a decoy."""
    location = act.session.exec(select(Location).join(Unit).where(Unit.id == stay.unit_id)).one()
    return {held.registration_id, stay.unit_id, location.id, location.shelter_id}
