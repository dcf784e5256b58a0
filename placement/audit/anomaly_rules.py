"""Anomaly rules for the audit log, as a table. Each rule defines the span (user and time) by which audit events are
grouped, the count, and its limit. A user acknowledges every finding (`anomaly_review.py`).

The limits are settings; those without a source are marked *assumed* there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from placement.access.permissions import roles_with_no_more_than
from placement.audit.log import Event
from placement.core.clock import AMSTERDAM, is_night
from placement.core.codes import Outcome, Role, Sees
from placement.core.settings import Settings

_PROGRAMS = frozenset(role for role in Role if not role.is_person)
"""Roles of software: they work at night, too."""
_REPORT_ONLY = roles_with_no_more_than("report", "reports", "subscription")
"""Roles whose invitation is no anomaly: they see no person and no place."""
_NO_LACK = frozenset({Event.REQUEST_REFUSED, Event.SEAL_BROKEN, Event.ROWS_DIFFER})
"""Refusals for another reason than a lack of permission."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An audit event as the rules see it."""

    id: int
    at: datetime
    event: str
    outcome: Outcome
    actor: str
    role: Role | None
    registration_id: str | None
    address: str
    facts: Mapping[str, object]
    of_foreign_region: bool
    """The case is of a region outside this coordinator's regions."""

    @property
    def hour(self) -> str:
        return f"{self.at:%Y-%m-%dT%H}"

    @property
    def who(self) -> str:
        """The user; before sign-in, the network address."""
        return self.actor if self.role else self.address


Span = Callable[[LoggedEvent, Settings], str | None]
"""Audit events with the same value are one finding; `None`: the rule does not apply."""


@dataclass(frozen=True, slots=True)
class AnomalyRule:
    code: str
    span: Span
    counted: Callable[[LoggedEvent], object] = attrgetter("id")
    above: Callable[[Settings], int] = lambda _: 0
    leaves_out: Callable[[LoggedEvent], bool] = lambda _: False
    """True if an event in the span stops its subject from being counted, whatever else happened to it."""


def _each(name: str, meant: Callable[[LoggedEvent], bool] = lambda _: True) -> Span:
    return lambda event, _: str(event.id) if event.event == name and meant(event) else None


def _sees_cases(role: Role | None) -> bool:
    """Checks whether a person with this role sees cases, or the residents of a shelter."""
    return role is not None and role.is_person and role.sees is not Sees.NOTHING


def _is_odd_invitation(event: LoggedEvent) -> bool:
    """Not those of the two admins with whom a service begins, when nobody could ask or grant yet."""
    return event.facts.get("role") not in _REPORT_ONLY and not event.facts.get("begins")


def _night(event: LoggedEvent, settings: Settings) -> str | None:
    """The night, named by the day on which it begins."""
    on_duty = event.role is None or event.role in settings.night_duty | _PROGRAMS
    if on_duty or not is_night(event.at, *settings.night):
        return None
    return f"{event.actor} {(event.at.astimezone(AMSTERDAM) - timedelta(hours=settings.night[1])).date()}"


def _foreign(event: LoggedEvent, _: Settings) -> str | None:
    return f"{event.actor} {event.registration_id} {event.at:%Y-%m-%d}" if event.of_foreign_region else None


def _cases(event: LoggedEvent, _: Settings) -> str | None:
    looked = event.registration_id is not None and event.outcome is Outcome.DONE and event.role is not Role.SYSTEM
    return f"{event.actor} {event.hour}" if looked else None


def _is_entered(event: LoggedEvent) -> bool:
    """Leaves out entered cases: who enters a case knows it, so many in an hour reveal nothing."""
    return event.event in {Event.REGISTERED, Event.TAKEN_OVER}


def _sought_alike(event: LoggedEvent, _: Settings) -> str | None:
    """Groups these searches by user and day: an answer can reveal that another region has such a client."""
    sought = event.event == Event.ALIKE_SOUGHT and event.role is not None and event.role.sees is Sees.REGIONS
    return f"{event.actor} {event.at:%Y-%m-%d}" if sought else None


def _refused(event: LoggedEvent, _: Settings) -> str | None:
    """Refusals for lack of permission; a conflict with another write (409, 412) is everyday work."""
    may_not = event.outcome is not Outcome.DONE and event.event not in _NO_LACK
    return f"{event.who} {event.hour}" if may_not else None


def _seal_broken(event: LoggedEvent, _: Settings) -> str | None:
    """Each row once a day."""
    row = f"{event.facts.get('table')} {event.facts.get('row')} {event.at:%Y-%m-%d}"
    return row if event.event == Event.SEAL_BROKEN else None


def _rows_differ(event: LoggedEvent, _: Settings) -> str | None:
    return str(event.facts.get("by")) if event.event == Event.ROWS_DIFFER else None


ANOMALY_RULES = (
    AnomalyRule("foreign_region", _foreign),
    AnomalyRule("many_cases", _cases, attrgetter("registration_id"), attrgetter("odd_cases_an_hour"), _is_entered),
    AnomalyRule("many_alike", _sought_alike, above=attrgetter("odd_comparisons_a_day")),
    AnomalyRule("night", _night),
    AnomalyRule("break_glass", _each(Event.GLASS_BROKEN)),  # at night, to a case of another region
    AnomalyRule("invited", _each(Event.INVITED, _is_odd_invitation)),
    AnomalyRule("account_changed", _each(Event.ACCOUNT_CHANGED)),
    AnomalyRule("account_enabled", _each(Event.ACCOUNT_ENABLED)),  # by one admin, with the password that it had
    AnomalyRule(
        "shelter_numbers",
        _each(Event.NUMBERS_CHANGED, lambda event: bool(event.facts.get("replaced")) and _sees_cases(event.role)),
    ),  # of an admin it is the rule below
    AnomalyRule("own_yes", _each(Event.TELEPHONE_ENTERED, lambda event: bool(event.facts.get("alone")))),
    AnomalyRule("numbers_replaced", _each(Event.ORGANISATION_CHANGED, lambda event: bool(event.facts.get("replaced")))),
    AnomalyRule("key_made", _each(Event.KEY_MADE, lambda event: _sees_cases(event.role))),  # an open session is enough
    AnomalyRule("key_ended", _each(Event.KEY_REVOKED, lambda event: event.facts.get("because") == "maker_left")),
    AnomalyRule("passkey_copied", _each(Event.PASSKEY_COPIED)),  # a count that went back: there are two of it
    AnomalyRule("invited_again", _each(Event.INVITED_AGAIN)),
    AnomalyRule("seal_broken", _seal_broken),
    AnomalyRule("rows_differ", _rows_differ),
    AnomalyRule("released_alone", _each(Event.DOUBT_RELEASED_TONIGHT)),  # by the person on call
    AnomalyRule("many_refused", _refused, above=attrgetter("odd_refusals_an_hour")),
)
