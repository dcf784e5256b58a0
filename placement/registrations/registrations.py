"""Registrations: made, changed, closed; avoidances set and lifted."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core import clock
from placement.core.codes import ProposalStatus, RegistrationStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, VersionPassed, existing
from placement.core.reason_codes import ChangeReason, Step
from placement.core.request_codes import RequestStatus
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import begin, carry_out, require
from placement.lifecycles.moves import ProposalMove, RegistrationMove
from placement.outbox.announcements import announce_closing
from placement.registrations import case_rows, duplicates, fact_history, responsible_areas
from placement.registrations.case_handles import new_reference
from placement.registrations.household import age_on
from placement.registrations.request_rows import end_request
from placement.tables import (
    Closing,
    Proposal,
    RegisteredPerson,
    Registration,
)
from placement.tables.facts import Facts

CAN_WAIT = {
    Urgency.TONIGHT: timedelta(days=0),
    Urgency.DAYS: timedelta(days=3),
    Urgency.WEEK: timedelta(days=7),
    Urgency.CAN_WAIT: timedelta(days=14),
}
"""How far ahead the first day may be where none is given, by urgency (assumed)."""

_CHANGEABLE = frozenset({RegistrationStatus.DRAFT, RegistrationStatus.OPEN, RegistrationStatus.MISSING})
_CLOSED_BY_HAND = frozenset({RegistrationStatus.DRAFT, RegistrationStatus.OPEN, RegistrationStatus.HELD})
"""From these a case is closed by a coded reason alone; with the end of a stay from the others."""


@needs(Permission.REGISTRATION_CHANGE)
def register(
    act: Act,
    facts: Mapping[str, Any],
    *,
    persons: Sequence[case_rows.PersonInput],
    draft: bool = False,
    **parts: Any,
) -> Registration:
    """Makes a registration, open at once unless it is a draft. `facts`: those of `Registration` by name; `parts`: what
    it has besides, as `case_rows.set_parts` takes it.

    Raises `Invalid`, naming every field that is wrong, and stores nothing then.
    """
    facts = settled(act, facts, {**parts, "persons": persons}, draft=draft)
    first = RegistrationMove.DRAFT if draft else RegistrationMove.REGISTER
    made = new_registration(act, facts, waits_since=act.at)
    begin(act, made, first, status=first.target.value)
    store(act, made, persons, parts)
    if not draft:
        duplicates.ask_desk(act, made)
    return made


def new_registration(act: Act, facts: Mapping[str, Any], **columns: Any) -> Registration:
    """A registration of this actor that is not stored yet, without a state. `columns`: what no registrant gives."""
    facts = {"needed_by": _first_day(act, facts), **facts}
    return Registration(id=new_reference(act.session), registered_by=act.actor.id, **columns, **facts)


def last_day(day: date, urgency: int, needed_from: date | None) -> date:
    """By when a place is needed where nobody says it: as far ahead as the urgency allows."""
    return max(day, needed_from or day) + CAN_WAIT[Urgency(urgency)]


def urgency_by(day: date, needed_by: date) -> Urgency:
    """Returns the least urgency that still allows for this day: what is needed by it today."""
    return next((one for one in Urgency if needed_by <= day + CAN_WAIT[one]), Urgency.CAN_WAIT)


def follows_urgency(needed_by: date | None, urgency: int, needed_from: date | None, *days: date) -> bool:
    """Whether the day is what the urgency gave on one of these days, so that nobody has said it."""
    return needed_by in {last_day(day, urgency, needed_from) for day in days}


def store(
    act: Act, registration: Registration, persons: Sequence[case_rows.PersonInput], parts: Mapping[str, Any]
) -> None:
    """Stores a new registration that has its first state, with its parts. Raises `Invalid` as `register` does."""
    act.session.add(registration)
    act.session.flush()
    case_rows.set_parts(act, registration, persons=persons, **parts)


@needs(Permission.REGISTRATION_CHANGE)
def change(
    act: Act,
    registration_id: str,
    version: int,
    facts: Mapping[str, Any],
    *,
    open_it: bool = False,
    reason: ChangeReason | None = None,
    text: str | None = None,
    **parts: Any,
) -> Registration:
    """Changes what is given, and nothing else; `parts` as in `register`. `open_it` makes a draft an open one. `reason`,
    `text`: why, where it is said.

    Raises `VersionPassed` unless `version` is the newest, and `Conflict` when it is held, placed or closed.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require_version(version, registration.version)
    if registration.status not in _CHANGEABLE:
        raise Conflict(RegistrationMove.SUBMIT.refusal, status=registration.status.value)
    before = None if registration.status is RegistrationStatus.DRAFT else fact_history.said_of(act, registration)
    fields = set_facts(act, registration, _with_last_day(act, registration, facts), parts, open_it=open_it)
    is_opened = open_it and registration.status is RegistrationStatus.DRAFT
    if is_opened:
        carry_out(act, registration, RegistrationMove.SUBMIT, fields=fields)
    else:
        touch(registration)
    case_rows.set_parts(act, registration, **parts)
    if before is not None:
        fields = fact_history.record(act, registration, before, reason=reason, text=text)
    if not is_opened:
        audit_log.write(act, Event.REGISTRATION_CHANGED, registration=registration.id, fields=fields)
    supersede_proposals(act, registration.id)
    if is_opened:
        duplicates.ask_desk(act, registration)
    return registration


def _with_last_day(act: Act, registration: Registration, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts, with `needed_by` where nobody has said it: a draft is saved before its urgency is chosen."""
    days = clock.day_of(registration.waits_since), act.day
    was = registration.needed_by, registration.urgency, registration.needed_from
    if "needed_by" in facts or not {"urgency", "needed_from"} & facts.keys() or not follows_urgency(*was, *days):
        return facts
    now = {"urgency": registration.urgency, "needed_from": registration.needed_from, **facts}
    return {**facts, "needed_by": last_day(act.day, now["urgency"], now["needed_from"])}


def set_facts(
    act: Act,
    registration: Registration,
    facts: Mapping[str, Any],
    parts: Mapping[str, Any],
    *,
    open_it: bool = False,
) -> list[str]:
    """Sets the facts that are given, before the parts are; returns the names of both. Raises `Invalid` as `register`
    does.
    """
    facts = settled(act, facts, parts, registration, draft=not open_it)
    for name, value in facts.items():
        setattr(registration, name, value)
    return sorted({*facts, *parts})


def settled(
    act: Act,
    facts: Mapping[str, Any],
    parts: Mapping[str, Any],
    before: Registration | None = None,
    *,
    draft: bool = False,
) -> Mapping[str, Any]:
    """Returns the facts with their places, as `responsible_areas.settled` gives them.

    `before`: the registration that is changed; `draft`: it stays a draft. Raises `Invalid` with every fault.
    """
    try:
        found = responsible_areas.settled(act, facts, _first_age(act, before, parts), before)
    except Invalid as error:
        raise Invalid([*error.faults, *_part_faults(act, facts, parts, before, draft=draft)]) from error
    region = found["region"] if before is None else found.get("region", before.region)
    if not act.actor.covers(region):
        yours = responsible_areas.names_of_areas(act, act.actor.regions)
        others = _part_faults(act, facts, parts, before, draft=draft)
        raise Invalid([Fault("region", "region_not_yours", {"allowed": yours}), *others])
    return found


@needs(Permission.REGISTRATION_CHANGE)
def faults_of(
    act: Act,
    facts: Mapping[str, Any],
    parts: Mapping[str, Any],
    before: Registration | None = None,
    *,
    draft: bool = False,
) -> list[Fault]:
    """All that would be refused of these facts and parts, as in `settled`; nothing is changed by it."""
    try:
        settled(act, facts, parts, before, draft=draft)
    except Invalid as error:
        return [*error.faults]
    return _part_faults(act, facts, parts, before, draft=draft)


def _part_faults(
    act: Act, facts: Mapping[str, Any], parts: Mapping[str, Any], before: Registration | None, *, draft: bool
) -> list[Fault]:
    if before is None:
        case = case_rows.CaseSaid("", draft, {**_first_facts(act, facts), **facts})
    else:
        known = case_rows.CaseSaid.of(before)
        case = case_rows.CaseSaid(known.id, draft and known.is_draft, {**known.facts, **facts})
    return case_rows.check(act, case, **parts).faults


def _first_facts(act: Act, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a new registration has where nothing is said."""
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in Facts.model_fields.items()
        if not field.is_required()
    }
    return {**defaults, "needed_by": _first_day(act, facts)}


def _first_day(act: Act, facts: Mapping[str, Any]) -> date:
    return last_day(act.day, facts.get("urgency", Urgency.WEEK), facts.get("needed_from"))


def _first_age(act: Act, registration: Registration | None, parts: Mapping[str, Any]) -> int | None:
    """The age of the first person, as given or as stored."""
    given = parts.get("persons") or (case_rows.persons_of(act, registration.id) if registration else [])
    if not given:
        return None
    first = given[0]
    return age_on(first, act.day) if isinstance(first, RegisteredPerson) else first.age


@needs(Permission.REGISTRATION_CLOSE)
def close(act: Act, registration_id: str, reason: str | None, text: str | None = None) -> Registration:
    """Closes a draft or open registration with a coded reason. A draft of one's own is nobody else's case yet."""
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require(registration, RegistrationMove.CLOSE)
    own_draft = registration.status is RegistrationStatus.DRAFT and registration.registered_by == act.actor.id
    close_with(act, registration, reason_for(act, Step.CLOSE, reason, text).code, RegistrationMove.CLOSE)
    if not own_draft:
        announce_closing(act, registration)
    return registration


def close_with(
    act: Act, registration: Registration, reason: str, move: RegistrationMove = RegistrationMove.END
) -> None:
    """Closes a case with the end of a stay, by a reason that closes it, or (`move`) by hand.

    Raises `Conflict` while a person of it is missing: the search ends first.
    """
    if registration.open_searches:
        raise Conflict("client_missing")
    registration.closed_reason, registration.closed_on = reason, act.day
    if registration.status in _CLOSED_BY_HAND and is_readable(registration.content):
        registration.closing = Closing(at=act.at, status=registration.status)
    carry_out(act, registration, move, reason=reason)
    end_request(act, registration, RequestStatus.CLOSED)
    supersede_proposals(act, registration.id)


@needs(Permission.AVOIDANCE_LIFT)
def lift_avoidance(act: Act, registration_id: str, avoidance_id: str) -> Registration:
    """Lifts an avoidance: the registration may go there from now on."""
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    avoidance = existing(next((row for row in registration.avoidances if row.id == avoidance_id), None))
    if avoidance.lifted_at is not None:
        raise Conflict("already_lifted")
    lifted = avoidance.model_copy(update={"lifted_at": act.at, "lifted_by": act.actor.id})
    registration.avoidances = [lifted if row.id == avoidance_id else row for row in registration.avoidances]
    touch(registration)
    supersede_proposals(act, registration.id)
    audit_log.write(act, Event.AVOIDANCE_LIFTED, registration=registration_id, subject=avoidance.id)
    return registration


def require_version(given: int, newest: int) -> None:
    if given != newest:
        raise VersionPassed("version_passed", given=given, newest=newest)


def touch(registration: Registration) -> None:
    """Raises the version: a write based on an older one is refused."""
    registration.version += 1


def supersede_proposals(act: Act, registration_id: str) -> None:
    """Supersedes the proposals of a registration: they were computed from older facts."""
    made = select(Proposal).where(Proposal.registration_id == registration_id, Proposal.status == ProposalStatus.MADE)
    for proposal in act.session.exec(made):
        carry_out(act, proposal, ProposalMove.SUPERSEDE)
