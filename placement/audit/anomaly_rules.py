"""The anomaly rules, as a table. A rule groups audit events (usually by user and time), counts something in each group,
and has a limit for the count. A user reviews every anomaly (`anomaly_review.py`).

The limits are settings. Limits without a source are marked *assumed* in the settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from placement.access.permissions import Permission, roles_with_no_more_than
from placement.audit.events import Event
from placement.core.clock import AMSTERDAM, is_night
from placement.core.codes import Outcome, Protocol, Role, Sees
from placement.core.settings import Settings

_PROGRAMS = frozenset(role for role in Role if not role.is_person)
"""The roles of software, which also works at night."""
_REPORT_ONLY = roles_with_no_more_than("needs", "report", "reports", "subscription")
"""The roles whose invitation is not an anomaly, because they see no person and no place."""
_REGISTRANTS = frozenset(Permission.SENT_WRITE.reach)
NUMBERS_REPLACED = "numbers_replaced"
_NO_LACK = frozenset({Event.REQUEST_REFUSED, Event.SEAL_BROKEN, Event.ROWS_DIFFER})
"""Refusals that do not mean a missing permission."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An audit event as the rules read it."""

    id: int
    at: datetime
    event: str
    outcome: Outcome
    actor: str
    role: Role | None
    registration_id: str | None
    address: str
    protocol: Protocol
    facts: Mapping[str, object]
    of_foreign_region: bool
    """True if a coordinator's event is about a case in another region."""

    @property
    def hour(self) -> str:
        return f"{self.at:%Y-%m-%dT%H}"

    @property
    def who(self) -> str:
        """The user, or the network address before sign-in."""
        return self.actor if self.role else self.address


Span = Callable[[LoggedEvent, Settings], str | None]
"""Returns the group of an event, or `None` if the rule does not apply to it. A group gives at most one anomaly."""


@dataclass(frozen=True, slots=True)
class AnomalyRule:
    code: str
    span: Span
    counted: Callable[[LoggedEvent], object] = attrgetter("id")
    above: Callable[[Settings], int] = lambda _: 0
    leaves_out: Callable[[LoggedEvent], bool] = lambda _: False
    """True for an event whose counted value must be left out of the count of the whole group."""


def _each(name: str, meant: Callable[[LoggedEvent], bool] = lambda _: True) -> Span:
    return lambda event, _: str(event.id) if event.event == name and meant(event) else None


def _sees_cases(role: Role | None) -> bool:
    """Checks whether a person with this role sees cases or residents."""
    return role is not None and role.is_person and role.sees is not Sees.NOTHING


def _is_odd_invitation(event: LoggedEvent) -> bool:
    """Checks whether an invitation is an anomaly. The invitation of a first admin has no request, and is no anomaly."""
    return event.facts.get("role") not in _REPORT_ONLY and not event.facts.get("begins")


def _night(event: LoggedEvent, settings: Settings) -> str | None:
    """Groups the events of each night by user. Leaves out roles that have duty at night."""
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
    """Checks whether the event records the entry of a case. The user who enters a case knows the case already."""
    return event.event in {Event.REGISTERED, Event.TAKEN_OVER, Event.REGISTRATION_RECEIVED}


def _sought_alike(event: LoggedEvent, _: Settings) -> str | None:
    """Groups, by user and day, searches for similar clients. The results can disclose clients of other regions."""
    sought = event.event == Event.ALIKE_SOUGHT and event.role is not None and event.role.sees is Sees.REGIONS
    return f"{event.actor} {event.at:%Y-%m-%d}" if sought else None


def _in_a_day(figure: str, most: Callable[[Settings], int]) -> Span:
    """Returns a function that groups sent registrations by user and day. It ignores events whose fact `figure` is not
    above the limit `most`.
    """

    def span(event: LoggedEvent, settings: Settings) -> str | None:
        found = event.facts.get(figure) if event.event == Event.REGISTRATION_RECEIVED else None
        return f"{event.actor} {event.at:%Y-%m-%d}" if isinstance(found, int) and found > most(settings) else None

    return span


def _looked_at_sent(event: LoggedEvent, _: Settings) -> str | None:
    """Groups a registrant's reads of registrations by hour. With frequent reads, a registrant could find out the time
    at which a state changes.
    """
    looked = event.role in _REGISTRANTS and event.event in {Event.SENT_LISTED, Event.SENT_READ}
    return f"{event.actor} {event.hour}" if looked else None


def _by_registrants_key(event: LoggedEvent, _: Settings) -> str | None:
    by_key = event.role in _REGISTRANTS and event.protocol is Protocol.API_KEY and event.outcome is Outcome.DONE
    return f"{event.actor} {event.hour}" if by_key else None


def _refused(event: LoggedEvent, _: Settings) -> str | None:
    """Groups refusals by user and hour. Leaves out conflicts with another write (409, 412), which are everyday work."""
    may_not = event.outcome is not Outcome.DONE and event.event not in _NO_LACK
    return f"{event.who} {event.hour}" if may_not else None


def _address_held_back(event: LoggedEvent, _: Settings) -> str | None:
    """Groups withheld addresses by user and day (`placement/oddness`)."""
    return f"{event.actor} {event.at:%Y-%m-%d}" if event.event == Event.ADDRESS_HELD_BACK else None


def _canary(event: LoggedEvent, settings: Settings) -> str | None:
    """Groups reads and changes of an invented case by user and day. Nobody has a reason to open such a case."""
    is_canary = event.registration_id in settings.canaries and event.role is not Role.SYSTEM
    return f"{event.actor} {event.registration_id} {event.at:%Y-%m-%d}" if is_canary else None


def _seal_broken(event: LoggedEvent, _: Settings) -> str | None:
    """Groups the events about rows with an invalid seal by row and day."""
    row = f"{event.facts.get('table')} {event.facts.get('row')} {event.at:%Y-%m-%d}"
    return row if event.event == Event.SEAL_BROKEN else None


def _rows_differ(event: LoggedEvent, _: Settings) -> str | None:
    return str(event.facts.get("by")) if event.event == Event.ROWS_DIFFER else None


ANOMALY_RULES = (
    AnomalyRule("foreign_region", _foreign),
    AnomalyRule("many_cases", _cases, attrgetter("registration_id"), attrgetter("odd_cases_an_hour"), _is_entered),
    AnomalyRule("many_alike", _sought_alike, above=attrgetter("odd_comparisons_a_day")),
    AnomalyRule("many_sent", _in_a_day("sent_in_a_day", attrgetter("odd_sent_a_day"))),
    AnomalyRule("many_dangers", _in_a_day("danger_regions_in_a_day", attrgetter("odd_dangers_a_day"))),
    AnomalyRule("many_looks", _looked_at_sent, above=attrgetter("odd_looks_an_hour")),
    AnomalyRule("key_in_two_networks", _by_registrants_key, attrgetter("address"), lambda _: 1),
    AnomalyRule("sender_unknown", _each(Event.REGISTRANT_RUNG, lambda event: not event.facts.get("knows"))),
    AnomalyRule("night", _night),
    AnomalyRule("break_glass", _each(Event.GLASS_BROKEN)),  # at night, for a case of another region
    AnomalyRule("invited", _each(Event.INVITED, _is_odd_invitation)),
    AnomalyRule("account_changed", _each(Event.ACCOUNT_CHANGED)),
    AnomalyRule("account_enabled", _each(Event.ACCOUNT_ENABLED)),  # a single admin can do it
    AnomalyRule(
        "shelter_numbers",
        _each(Event.NUMBERS_CHANGED, lambda event: bool(event.facts.get("replaced")) and _sees_cases(event.role)),
    ),  # `numbers_replaced` is the rule for admins
    AnomalyRule("own_yes", _each(Event.TELEPHONE_ENTERED, lambda event: bool(event.facts.get("alone")))),
    AnomalyRule(NUMBERS_REPLACED, _each(Event.ORGANISATION_CHANGED, lambda event: bool(event.facts.get("replaced")))),
    # because whoever finds an open session can make a key
    AnomalyRule("key_made", _each(Event.KEY_MADE, lambda event: _sees_cases(event.role))),
    AnomalyRule("key_ended", _each(Event.KEY_REVOKED, lambda event: event.facts.get("because") == "maker_left")),
    AnomalyRule("passkey_copied", _each(Event.PASSKEY_COPIED)),  # its counter did not rise
    AnomalyRule("invited_again", _each(Event.INVITED_AGAIN)),
    AnomalyRule("odd_address", _address_held_back),
    AnomalyRule("canary", _canary),
    AnomalyRule("seal_broken", _seal_broken),
    AnomalyRule("rows_differ", _rows_differ),
    AnomalyRule("released_alone", _each(Event.DOUBT_RELEASED_TONIGHT)),  # without a second person
    AnomalyRule("many_refused", _refused, above=attrgetter("odd_refusals_an_hour")),
)
