"""The review of anomalies in the audit log. The watcher finds an anomaly once, and a user acknowledges it with an
outcome. Nobody can acknowledge an anomaly about themselves. Finding and acknowledging are audit events.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import cast

from sqlmodel import Session, col, select

from placement.access.permissions import Permission, needs
from placement.areas.lookup import Place, entries, places_of_day, reach_of
from placement.areas.values import AreaValue
from placement.audit import log as audit_log
from placement.audit.anomaly_rules import ANOMALY_RULES, AnomalyRule, LoggedEvent
from placement.audit.events import Event
from placement.core.area_codes import PlaceKind
from placement.core.clock import day_of
from placement.core.codes import ReviewOutcome, Sees, roles_that_see
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotAllowed, existing
from placement.core.ids import new_id
from placement.core.read_ahead import Rows, rows_of
from placement.core.settings import Settings
from placement.storage import log_rows
from placement.storage.watch import Reviewed
from placement.tables import Account, Anomaly, AuditEvent, Invitation, Registration
from placement.tables.audit import AnomalyContent

UNREVIEWED = Rows(Anomaly, col(Anomaly.ticked_at).is_(None))
_AT_ONCE = 1_000
_LOOKED_AT = ("id", "at", "event", "outcome", "actor", "role", "registration_id", "address", "protocol", "facts")


@dataclass(slots=True)
class Span:
    """The events that a rule puts into a group, for example the events of a user within an hour. `counted`: the values
    that the rule counts in this group.
    """

    first: LoggedEvent
    last: LoggedEvent
    counted: set[object] = field(default_factory=set)
    left_out: set[object] = field(default_factory=set)
    cases: set[str | None] = field(default_factory=set)


def find_anomalies(act: Act, since: Reviewed | None = None) -> Reviewed | None:
    """Searches the events after `since` (by default all), and stores anomalies. Returns the last event, or `since`."""
    spans: dict[tuple[AnomalyRule, str], Span] = {}
    last = None
    for last in _events(act.session, since):
        add_event(spans, last, act.settings)
    for rule, span, found in odd_spans(spans, act.settings):
        _record(act, rule, span, found)
    return Reviewed(last.id, last.at.isoformat()) if last is not None else since


def add_event(
    spans: dict[tuple[AnomalyRule, str], Span],
    event: LoggedEvent,
    settings: Settings,
    rules: Iterable[AnomalyRule] = ANOMALY_RULES,
) -> None:
    """Adds an event to its group for each rule that applies."""
    for rule in rules:
        if (name := rule.span(event, settings)) is not None:
            known = spans.setdefault((rule, name), Span(event, event))
            known.last = event
            (known.left_out if rule.leaves_out(event) else known.counted).add(rule.counted(event))
            known.cases.add(event.registration_id)


def odd_spans(
    spans: Mapping[tuple[AnomalyRule, str], Span], settings: Settings
) -> Iterator[tuple[AnomalyRule, str, Span]]:
    """Yields each group whose count is above the limit of its rule."""
    for (rule, name), found in spans.items():
        found.counted -= found.left_out
        if len(found.counted) > rule.above(settings):
            yield rule, name, found


def unreviewed(session: Session) -> dict[tuple[str, date], list[Anomaly]]:
    """Returns the anomalies that nobody has acknowledged, grouped by rule and day of the events, oldest first. If the
    content cannot be decrypted, the rule is empty and the day is the day on which the anomaly was found.
    """
    found: dict[tuple[str, date], list[Anomaly]] = {}
    for one in sorted(rows_of(session, UNREVIEWED), key=lambda one: (one.found_at, one.id)):
        rule, at = (one.rule, one.at) if one.is_open else ("", one.found_at)
        found.setdefault((rule, day_of(at)), []).append(one)
    return found


@needs(Permission.REVIEW_ACKNOWLEDGE)
def acknowledge(act: Act, anomaly_id: str, outcome: ReviewOutcome, note: str | None) -> Anomaly:
    """Acknowledges an anomaly, with an outcome. An incident needs a note.

    Raises `NotAllowed` if the anomaly is about the actor, or about an account that the actor requested or granted.
    Raises `Conflict` if the anomaly was acknowledged before.
    """
    found = existing(act.session.get(Anomaly, anomaly_id, with_for_update=True))
    if _is_near(act, found):
        raise NotAllowed("about_yourself")
    if found.ticked_at is not None:
        raise Conflict("already_ticked")
    if outcome is ReviewOutcome.INCIDENT and not note:
        raise Invalid.at("note", "text_missing", reason=outcome.value)
    found.outcome, found.note, found.ticked_at, found.ticked_by = outcome, note, act.at, act.actor.id
    audit_log.write(
        act, Event.ANOMALY_ACKNOWLEDGED, registration=found.registration_id, subject=found.id, outcome=outcome
    )
    return found


def _is_near(act: Act, found: Anomaly) -> bool:
    """Checks whether an anomaly is about the actor, or about an account whose rights the actor requested or granted."""
    event = act.session.get(AuditEvent, found.first_line)
    facts = event.facts if event is not None else {}
    invitation = act.session.get(Invitation, (event and event.object_id) or "")
    account = act.session.get(Account, act.actor.id)
    doers = {found.actor, facts.get("asked_by")}
    done_to = {event and event.object_id, facts.get("account"), invitation and invitation.account_id}
    return act.actor.id in doers | done_to or not doers.isdisjoint(account.let_in_by if account else ())


def _record(act: Act, rule: AnomalyRule, span: str, found: Span) -> None:
    query = select(Anomaly.id).where(Anomaly.once == log_rows.once(act.session, rule.code, span))
    if act.session.exec(query).first() is not None:
        return
    content = AnomalyContent(
        rule=rule.code,
        span=span,
        actor=found.first.actor,
        registration_id=found.first.registration_id if len(found.cases) == 1 else None,
        first_line=found.first.id,
        last_line=found.last.id,
        counted=len(found.counted),
        at=found.first.at,
    )
    anomaly = log_rows.new_anomaly(act.session, new_id("O"), act.at, content)
    act.session.add(anomaly)
    audit_log.write(
        act,
        Event.ANOMALY_FOUND,
        registration=anomaly.registration_id,
        subject=anomaly.id,
        rule=rule.code,
        about=anomaly.actor,
    )


def _events(session: Session, since: Reviewed | None) -> Iterator[LoggedEvent]:
    """Yields the audit events after `since`, oldest first. Begins at the start of the hour of `since`, because some
    rules count the events of an hour.
    """
    coordinators = {
        account.id: account
        for account in session.exec(select(Account).where(col(Account.role).in_(roles_that_see(Sees.REGIONS))))
    }
    known = entries(session, PlaceKind.AREA)

    @cache
    def reach(actor: str, day: date) -> frozenset[str]:
        account = coordinators.get(actor)
        standing = {code: place for code, place in places_of_day(known, day).items() if not place.value.ended}
        areas = cast("dict[str, Place[AreaValue]]", standing)
        return reach_of(areas, account.regions, account.organisation_id) if account else frozenset()

    query = select(AuditEvent).order_by(col(AuditEvent.id))
    if since is not None:
        hour = datetime.fromisoformat(since.at).replace(minute=0, second=0, microsecond=0)
        of_hour = session.exec(
            select(AuditEvent.id)
            .where(col(AuditEvent.at) >= hour)
            .order_by(col(AuditEvent.at), col(AuditEvent.id))
            .limit(1)
        ).first()
        # a condition on the number alone; with an `or` the database would read the whole log
        query = query.where(col(AuditEvent.id) > min(since.line, since.line if of_hour is None else of_hour - 1))
    for portion in session.exec(query.execution_options(yield_per=_AT_ONCE)).partitions():
        cases = {event.registration_id for event in portion}
        of_case = select(Registration.id, col(Registration.region)).where(col(Registration.id).in_(cases))
        regions = dict(session.exec(of_case).all())
        for event in portion:
            region = regions.get(event.registration_id)
            foreign = event.role is not None and event.role.sees is Sees.REGIONS and region is not None
            yield LoggedEvent(
                of_foreign_region=foreign and region not in reach(event.actor, day_of(event.at)),
                **{name: getattr(event, name) for name in _LOOKED_AT},
            )
