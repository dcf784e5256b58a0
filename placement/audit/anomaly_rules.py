"""Anomaly rules for the audit log, as a table. Each rule says by which span (user and time) audit events are grouped,
what is counted, and above which number it is an anomaly. Every finding is acknowledged by a user (`anomaly_review.py`).

The limits are settings; those without a source are marked *assumed* there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from placement.core.clock import AMSTERDAM, is_night
from placement.core.codes import Outcome, Role, Sees
from placement.core.settings import Settings

ALIKE_SOUGHT = "registration:alike_sought"
GLASS_BROKEN = "registration:glass_broken"
INVITED = "account:invited"
INVITED_AGAIN = "account:invited_again"
ACCOUNT_CHANGED = "account:changed"
KEY_REVOKED = "key:revoked"
PASSKEY_COPIED = "passkey:copied"
REQUEST_REFUSED = "request:refused"
SEAL_BROKEN = "rows:seal_broken"
ROWS_DIFFER = "rows:differ"
"""Names of the audit events that the rules match. `GLASS_BROKEN`: break-glass access by a coordinator, at night, to a
case of another region.
"""

_PROGRAMS = frozenset(role for role in Role if not role.is_person)
_REPORT_ONLY = frozenset({Role.READER})
"""Roles whose invitation is no anomaly: they see no person and no place."""
"""Roles of software: they work at night, too."""


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
    """The case is of a region that is not one of this coordinator's."""

    @property
    def hour(self) -> str:
        return f"{self.at:%Y-%m-%dT%H}"

    @property
    def who(self) -> str:
        """The user; before sign-in, the network address."""
        return self.actor if self.role else self.address


@dataclass(frozen=True, slots=True)
class AnomalyRule:
    code: str
    span: Callable[[LoggedEvent, Settings], str | None]
    """The span: audit events with the same value are one finding; None: the rule does not apply."""
    counted: Callable[[LoggedEvent], object]
    above: Callable[[Settings], int]


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


def _sought_alike(event: LoggedEvent, _: Settings) -> str | None:
    """An answer to one who sees some regions tells whether another region has such a client."""
    sought = event.event == ALIKE_SOUGHT and event.role is not None and event.role.sees is Sees.REGIONS
    return f"{event.actor} {event.at:%Y-%m-%d}" if sought else None


def _broke_glass(event: LoggedEvent, _: Settings) -> str | None:
    return str(event.id) if event.event == GLASS_BROKEN else None


def _invited_again(event: LoggedEvent, _: Settings) -> str | None:
    return str(event.id) if event.event == INVITED_AGAIN else None


def _invited(event: LoggedEvent, _: Settings) -> str | None:
    """Excludes the role that only reads the report: it sees neither a case nor the log."""
    return str(event.id) if event.event == INVITED and event.facts.get("role") not in _REPORT_ONLY else None


def _changed(event: LoggedEvent, _: Settings) -> str | None:
    return str(event.id) if event.event == ACCOUNT_CHANGED else None


def _key_ended(event: LoggedEvent, _: Settings) -> str | None:
    return str(event.id) if event.event == KEY_REVOKED and event.facts.get("because") == "maker_left" else None


def _passkey_copied(event: LoggedEvent, _: Settings) -> str | None:
    """A count that went back: two authenticators have the same passkey."""
    return str(event.id) if event.event == PASSKEY_COPIED else None


def _refused(event: LoggedEvent, _: Settings) -> str | None:
    """Refusals for lack of permission; a conflict with another write (409, 412) is everyday work."""
    may_not = event.outcome is not Outcome.DONE and event.event not in {REQUEST_REFUSED, SEAL_BROKEN, ROWS_DIFFER}
    return f"{event.who} {event.hour}" if may_not else None


def _seal_broken(event: LoggedEvent, _: Settings) -> str | None:
    """Each row once a day."""
    row = f"{event.facts.get('table')} {event.facts.get('row')} {event.at:%Y-%m-%d}"
    return row if event.event == SEAL_BROKEN else None


def _rows_differ(event: LoggedEvent, _: Settings) -> str | None:
    return str(event.facts.get("by")) if event.event == ROWS_DIFFER else None


def _itself(event: LoggedEvent) -> object:
    return event.id


def _its_case(event: LoggedEvent) -> object:
    return event.registration_id


ANOMALY_RULES = (
    AnomalyRule("foreign_region", _foreign, _itself, lambda _: 0),
    AnomalyRule("many_cases", _cases, _its_case, lambda settings: settings.odd_cases_an_hour),
    AnomalyRule("many_alike", _sought_alike, _itself, lambda settings: settings.odd_comparisons_a_day),
    AnomalyRule("night", _night, _itself, lambda _: 0),
    AnomalyRule("break_glass", _broke_glass, _itself, lambda _: 0),
    AnomalyRule("invited", _invited, _itself, lambda _: 0),
    AnomalyRule("account_changed", _changed, _itself, lambda _: 0),
    AnomalyRule("key_ended", _key_ended, _itself, lambda _: 0),
    AnomalyRule("passkey_copied", _passkey_copied, _itself, lambda _: 0),
    AnomalyRule("invited_again", _invited_again, _itself, lambda _: 0),
    AnomalyRule("seal_broken", _seal_broken, _itself, lambda _: 0),
    AnomalyRule("rows_differ", _rows_differ, _itself, lambda _: 0),
    AnomalyRule("many_refused", _refused, _itself, lambda settings: settings.odd_refusals_an_hour),
)
