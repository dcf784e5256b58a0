"""What is looked at, each with its line in the log: whoever looks at a case, a list, a shelter or the country.

What is not the actor's is not found, and that too has its line (`audit.refuse`), written where the request is refused.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from matching import Problem
from placement.access import scoped_queries as queries
from placement.accounts import accounts as the_accounts
from placement.accounts import api_keys as the_keys
from placement.accounts import approvals as asking
from placement.accounts import invitations as inviting
from placement.audit import log as audit
from placement.audit.log import Event
from placement.capacity import overview as capacity_view
from placement.capacity.history import History
from placement.capacity.history import free_beds as history_of_beds
from placement.capacity.overview import ShelterAtAGlance, ShelterCapacity
from placement.core.codes import DecisionStatus, HoldStatus, MessageStatus, Region, RegistrationStatus, Role, StayStatus
from placement.core.context import Act
from placement.outbox import outbox
from placement.outbox import webhooks as the_webhooks
from placement.registrations import keep_apart as fences
from placement.reports import store as storing
from placement.reports.model import Report
from placement.reports.visibility import for_reader
from placement.retention import legal_hold as legal_holds
from placement.solver import weight_versions as steering
from placement.solver.snapshot import snapshot
from placement.tables import (
    Account,
    ApiKey,
    Asking,
    DailyReport,
    Decision,
    Hold,
    Invitation,
    LegalHold,
    Message,
    Organisation,
    Policy,
    Proposal,
    Registration,
    Stay,
    Unit,
    Webhook,
)


def registration(act: Act, registration_id: str) -> Registration:
    found = queries.readable_registration(act.session, act.actor, registration_id)
    audit.write(act, Event.REGISTRATION_READ, registration=found.id)
    return found


def registrations(
    act: Act,
    status: RegistrationStatus | None,
    region: Region | None,
    limit: int,
    offset: int,
    *,
    urgency: int | None = None,
    waited_days: int | None = None,
) -> tuple[Sequence[Registration], int]:
    """A page, and how many there are in all."""
    before = None if waited_days is None else act.at - timedelta(days=waited_days)
    listed = queries.listed_registrations(act.actor, status, region, urgency, before)
    rows, total = queries.page(act.session, listed, limit, offset)
    audit.write(
        act,
        Event.REGISTRATIONS_LISTED,
        shown=[row.id for row in rows],
        status=status,
        region=region,
        urgency=urgency,
        waited_days=waited_days,
        offset=offset,
    )
    return rows, total


def registrations_called(act: Act, alias: str, limit: int) -> tuple[Sequence[Registration], int]:
    """At most `limit` with this alias, and how many there are in all. The line tells which, and never the alias."""
    rows, total = queries.page(act.session, queries.registrations_called(act.session, act.actor, alias), limit, 0)
    audit.write(act, Event.REGISTRATIONS_SEARCHED, shown=[row.id for row in rows], found=total)
    return rows, total


def legal_hold(act: Act, registration_id: str) -> LegalHold:
    found = legal_holds.newest_of(act, registration_id)
    audit.write(act, Event.LEGAL_HOLD_READ, registration=registration_id, subject=found.id)
    return found


def proposal(act: Act, proposal_id: str) -> Proposal:
    found = queries.proposal_of(act.session, act.actor, proposal_id)
    audit.write(act, Event.PROPOSAL_READ, registration=found.registration_id, subject=found.id)
    return found


def decision(act: Act, decision_id: str) -> Decision:
    found = queries.decision_of(act.session, act.actor, decision_id)
    case = act.session.get_one(Proposal, found.proposal_id).registration_id
    audit.write(act, Event.DECISION_READ, registration=case, subject=found.id)
    return found


def decisions(
    act: Act, status: DecisionStatus | None, limit: int, offset: int, proposal_id: str | None = None
) -> tuple[Sequence[Decision], int]:
    """A page, and how many there are in all."""
    query = queries.listed_decisions(act.actor, status, proposal_id)
    rows, total = queries.page(act.session, query, limit, offset)
    shown = queries.registrations_decided_on(act.session, [row.proposal_id for row in rows])
    audit.write(act, Event.DECISIONS_LISTED, shown=shown, status=status, offset=offset)
    return rows, total


def hold(act: Act, hold_id: str) -> Hold:
    found = queries.hold_of(act.session, act.actor, hold_id)
    audit.write(act, Event.HOLD_READ, registration=found.registration_id, subject=found.id)
    return found


def holds(
    act: Act, status: HoldStatus | None, registration_id: str | None, limit: int, offset: int
) -> tuple[Sequence[Hold], int]:
    """A page, and how many there are in all."""
    rows, total = queries.page(act.session, queries.listed_holds(act.actor, status, registration_id), limit, offset)
    audit.write(act, Event.HOLDS_LISTED, shown=[row.registration_id for row in rows], status=status, offset=offset)
    return rows, total


def stays(act: Act, status: StayStatus | None, limit: int, offset: int) -> tuple[Sequence[Stay], int]:
    """A page, and how many there are in all."""
    rows, total = queries.page(act.session, queries.listed_stays(act.actor, status), limit, offset)
    audit.write(act, Event.STAYS_LISTED, shown=[row.registration_id for row in rows], status=status, offset=offset)
    return rows, total


def capacity(act: Act, shelter_id: str) -> ShelterCapacity:
    shelter = queries.readable_shelter(act.session, act.actor, shelter_id)
    audit.write(act, Event.CAPACITY_READ, subject=shelter.id)
    return capacity_view.shelter_capacity(act, shelter)


def profile(act: Act, unit_id: str) -> Unit:
    found = queries.readable_unit(act.session, act.actor, unit_id)
    audit.write(act, Event.PROFILE_READ, subject=found.id)
    return found


def country(act: Act) -> Sequence[ShelterAtAGlance]:
    """Every shelter at a glance."""
    audit.write(act, Event.COUNTRY_READ)
    return capacity_view.country(act)


def history(act: Act) -> History:
    """The free beds of every unit, day by day."""
    audit.write(act, Event.COUNTRY_READ, part="history")
    return history_of_beds(act)


def waiting_problem(act: Act) -> Problem:
    """Everybody who waits and every room, for the engine: to count what is short. It is told to nobody by itself.

    Without the fences that a coordinator sees one side of: a count could tell of them as well.
    """
    return fences.without_unseen(act, snapshot(act.session, act.day).problem)


def shortage_told(act: Act) -> None:
    """The line of what was worked out from it."""
    audit.write(act, Event.COUNTRY_READ, part="shortage")


def report(act: Act, on: date, version: int | None) -> tuple[DailyReport, Report]:
    """The report of a day, newest or of this version, as this reader sees it."""
    stored = storing.stored_on(act, on, version)
    audit.write(act, Event.REPORT_READ, on=on.isoformat(), version=stored.version)
    return stored, for_reader(storing.report_of(stored), act.actor)


def report_days(act: Act, limit: int, offset: int) -> tuple[Sequence[DailyReport], int]:
    """A page, and how many days there are in all."""
    audit.write(act, Event.REPORTS_LISTED, offset=offset)
    return storing.days(act.session, limit, offset)


def accounts(act: Act, role: Role | None, limit: int, offset: int) -> tuple[Sequence[Account], int]:
    """A page, and how many there are in all."""
    audit.write(act, Event.ACCOUNTS_LISTED, asked_role=role, offset=offset)
    return queries.page(act.session, the_accounts.listed(role), limit, offset)


def account(act: Act, account_id: str) -> Account:
    found = the_accounts.account_of(act.session, account_id)
    audit.write(act, Event.ACCOUNT_READ, subject=found.id)
    return found


def organisations(act: Act, limit: int, offset: int) -> tuple[Sequence[Organisation], int]:
    """A page, and how many there are in all."""
    audit.write(act, Event.ORGANISATIONS_LISTED, offset=offset)
    return queries.page(act.session, the_accounts.organisations(), limit, offset)


def invitations(act: Act) -> Sequence[Invitation]:
    """Those that can still be accepted."""
    audit.write(act, Event.INVITATIONS_LISTED)
    return act.session.exec(inviting.standing(act.at)).all()


def askings(act: Act) -> Sequence[Asking]:
    """What waits for a second admin."""
    audit.write(act, Event.ASKINGS_LISTED)
    return act.session.exec(asking.waiting(act.at)).all()


def keys(act: Act) -> Sequence[ApiKey]:
    """Those that can be used, as far as they are this person's to see."""
    audit.write(act, Event.KEYS_LISTED)
    return act.session.exec(the_keys.listed(act)).all()


def policy(act: Act) -> Policy | None:
    """The weights in force; None: the default."""
    audit.write(act, Event.POLICY_READ)
    return steering.in_force(act.session)


def policies(act: Act) -> list[Policy]:
    """Every version, the newest first."""
    audit.write(act, Event.POLICY_READ)
    return list(steering.versions(act.session))


def messages(act: Act, status: MessageStatus | None, limit: int, offset: int) -> tuple[Sequence[Message], int]:
    """A page, and how many there are in all."""
    audit.write(act, Event.MESSAGES_LISTED, status=status, offset=offset)
    return queries.page(act.session, outbox.listed(status), limit, offset)


def webhooks(act: Act) -> Sequence[Webhook]:
    """Those of one's shelter; for an admin all."""
    audit.write(act, Event.WEBHOOKS_LISTED)
    return act.session.exec(the_webhooks.listed(act)).all()


def events_of_webhook(
    act: Act, webhook_id: str, status: MessageStatus | None, limit: int, offset: int
) -> tuple[Sequence[Message], int]:
    """A page of what was sent to it, and how many there are in all."""
    found = queries.page(act.session, the_webhooks.sent_to(act, webhook_id, status), limit, offset)
    audit.write(act, Event.WEBHOOK_READ, subject=webhook_id, offset=offset)
    return found
