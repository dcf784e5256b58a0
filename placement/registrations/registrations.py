"""Registrations: making, changing and closing them, and lifting their avoidances."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core import clock
from placement.core.codes import ProposalStatus, RegistrationStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, VersionPassed, existing
from placement.core.reason_codes import ChangeReason, Step
from placement.core.request_codes import RequestStatus
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import carry_out, require
from placement.lifecycles.moves import ProposalMove, RegistrationMove
from placement.outbox.announcements import announce_closing
from placement.registrations import case_check, case_rows, duplicates, fact_history
from placement.registrations.case import Case
from placement.registrations.consent_ground import RESTRICTION
from placement.registrations.request_rows import end_request
from placement.tables import Closing, Proposal, Registration

CAN_WAIT = {
    Urgency.TONIGHT: timedelta(days=0),
    Urgency.DAYS: timedelta(days=3),
    Urgency.WEEK: timedelta(days=7),
    Urgency.CAN_WAIT: timedelta(days=14),
}
"""The time that a client can wait, by urgency (assumed). Used if no day is given."""

_CHANGEABLE = frozenset({RegistrationStatus.DRAFT, RegistrationStatus.OPEN, RegistrationStatus.MISSING})
_CLOSED_BY_HAND = frozenset(
    {RegistrationStatus.RECEIVED, RegistrationStatus.DRAFT, RegistrationStatus.OPEN, RegistrationStatus.HELD}
)
"""States in which a user can close a case with a reason. In other states it closes at the end of a stay."""


@needs(Permission.REGISTRATION_CHANGE)
def register(act: Act, case: Case, *, draft: bool = False) -> Registration:
    """Makes a registration: an open registration or, if `draft` is true, a draft. Raises `Invalid` with every wrong
    field; then nothing is stored.
    """
    case = with_first_day(act, case)
    checked = case_check.valid(act, case, draft=draft)
    move = RegistrationMove.DRAFT if draft else RegistrationMove.REGISTER
    made = case_rows.store(act, checked, move, waits_since=act.at)
    if not draft:
        duplicates.ask_desk(act, made)
    return made


def with_first_day(act: Act, case: Case, day: date | None = None) -> Case:
    """Returns the case with the day by which a place is needed: the day given in the case, otherwise `day`, otherwise a
    day derived from the urgency.
    """
    if "needed_by" in case.model_fields_set:
        return case
    return case.model_copy(update={"needed_by": day or last_day(act.day, case.urgency, case.needed_from)})


def last_day(day: date, urgency: int, needed_from: date | None) -> date:
    """Returns the day by which a place is needed. It is derived from the urgency and the first possible day."""
    return max(day, needed_from or day) + CAN_WAIT[Urgency(urgency)]


def urgency_by(day: date, needed_by: date) -> Urgency:
    """Returns the most urgent level whose waiting time, counted from `day`, includes `needed_by`. If `needed_by` is too
    late for every level, returns `CAN_WAIT`.
    """
    return next((one for one in Urgency if needed_by <= day + CAN_WAIT[one]), Urgency.CAN_WAIT)


def follows_urgency(needed_by: date | None, urgency: int, needed_from: date | None, *days: date) -> bool:
    """Checks whether `needed_by` was derived from the urgency on any of these days, so that no user chose it."""
    return needed_by in {last_day(day, urgency, needed_from) for day in days}


@needs(Permission.REGISTRATION_CHANGE)
def change(
    act: Act,
    registration_id: str,
    version: int,
    case: Case,
    *,
    open_it: bool = False,
    reason: ChangeReason | None = None,
    text: str | None = None,
) -> Registration:
    """Changes only the given facts. `open_it`: true to open a draft. `reason`, `text`: the reason of the change for the
    history, if known. Raises `VersionPassed` if `version` is not the newest. Raises `Conflict` if the case is held,
    placed or closed. Exception: in a closed case that is not erased, the restriction can be changed.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require_version(version, registration.version)
    is_kept = registration.status is RegistrationStatus.CLOSED and registration.content_erased_at is None
    if registration.status not in _CHANGEABLE and not (is_kept and case.given == [RESTRICTION]):
        raise Conflict(RegistrationMove.SUBMIT.refusal, status=registration.status.value)
    before = None if registration.status is RegistrationStatus.DRAFT else fact_history.said_of(act, registration)
    case = _with_last_day(act, registration, case)
    checked = case_check.valid(act, case, registration, draft=not open_it)
    fields = checked.case.given
    is_opened = open_it and registration.status is RegistrationStatus.DRAFT
    case_rows.set_facts(registration, checked)
    if is_opened:
        carry_out(act, registration, RegistrationMove.SUBMIT, fields=fields)
    else:
        touch(registration)
    case_rows.set_parts(act, registration, checked)
    if before is not None:
        fields = fact_history.record(act, registration, before, reason=reason, text=text)
    if not is_opened:
        audit_log.write(act, Event.REGISTRATION_CHANGED, registration=registration.id, fields=fields)
    supersede_proposals(act, registration.id)
    if is_opened:
        duplicates.ask_desk(act, registration)
    return registration


def _with_last_day(act: Act, registration: Registration, case: Case) -> Case:
    """Returns the case with a new `needed_by`, derived from the changed urgency. If a user chose that day, returns the
    case unchanged.
    """
    days = clock.day_of(registration.waits_since), act.day
    was, given = (registration.needed_by, registration.urgency, registration.needed_from), case.model_fields_set
    if "needed_by" in given or not {"urgency", "needed_from"} & given or not follows_urgency(*was, *days):
        return case
    now = case.over(registration)
    return case.model_copy(update={"needed_by": last_day(act.day, now.urgency, now.needed_from)})


@needs(Permission.REGISTRATION_CHANGE)
def faults_of(act: Act, case: Case, before: Registration | None = None, *, draft: bool = False) -> Sequence[Fault]:
    """Returns all faults of this case, and changes nothing."""
    return case_check.check(act, case if before else with_first_day(act, case), before, draft=draft).faults


@needs(Permission.REGISTRATION_CLOSE)
def close(act: Act, registration_id: str, reason: str | None, text: str | None = None) -> Registration:
    """Closes a received, draft or open registration for a coded reason. Nobody is notified if the registration is the
    actor's own draft, or was not accepted by the desk.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require(registration, RegistrationMove.CLOSE)
    own_draft = registration.status is RegistrationStatus.DRAFT and registration.registered_by == act.actor.id
    is_unknown = own_draft or registration.status is RegistrationStatus.RECEIVED
    close_with(act, registration, reason_for(act, Step.CLOSE, reason, text).code, RegistrationMove.CLOSE)
    if not is_unknown:
        announce_closing(act, registration)
    return registration


def close_with(
    act: Act, registration: Registration, reason: str, move: RegistrationMove = RegistrationMove.END
) -> None:
    """Closes a case. `move`: the change of state; by default the change after a stay that ended for good. Raises
    `Conflict` while a person of the household is missing, because the search must end first.
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
    """Lifts an avoidance, so that the client can be placed there again. Raises `Conflict` if it was already lifted."""
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
    """Increases the version of the registration, so that a change that is based on an older version is rejected."""
    registration.version += 1


def supersede_proposals(act: Act, registration_id: str) -> None:
    """Marks the open proposals of the registration as superseded, because they were computed from older facts."""
    made = select(Proposal).where(Proposal.registration_id == registration_id, Proposal.status == ProposalStatus.MADE)
    for proposal in act.session.exec(made):
        carry_out(act, proposal, ProposalMove.SUPERSEDE)
