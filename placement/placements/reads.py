"""Reading of proposals, decisions, holds and stays. Each read writes an audit event. Raises `NotFound` for an object
that the actor may not see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import col

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import DecisionStatus, HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.list_orders import StayOrder
from placement.crypto.encrypted_columns import is_readable
from placement.placements.proposals import presentation
from placement.placements.proposals.presentation import ProposalWords
from placement.registrations.case_summary import Brief, briefs_of
from placement.storage.bed_claims import STANDING, claiming_in_shelter
from placement.tables import (
    BedClaim,
    Decision,
    Hold,
    Proposal,
    Stay,
)
from placement.text.catalogue import Language

_ASKED = (HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED)


def proposal(act: Act, proposal_id: str, language: Language) -> tuple[Proposal, ProposalWords]:
    """Returns a proposal and its texts for this reader. The audit event lists the other clients that the texts name."""
    found = scoped_queries.proposal_of(act.session, act.actor, proposal_id)
    words = presentation.serialize(act, found, language)
    audit_log.write(
        act,
        Event.PROPOSAL_READ,
        registration=found.registration_id,
        subject=found.id,
        shown=words.registrations or None,
    )
    return found, words


def decision(act: Act, decision_id: str) -> Decision:
    found = scoped_queries.decision_of(act.session, act.actor, decision_id)
    case = act.session.get_one(Proposal, found.proposal_id).registration_id
    audit_log.write(act, Event.DECISION_READ, registration=case, subject=found.id)
    return found


def decisions(
    act: Act,
    status: DecisionStatus | None,
    limit: int,
    offset: int,
    *,
    proposal_id: str | None = None,
    registration_id: str | None = None,
) -> tuple[Sequence[Decision], dict[str, tuple[Proposal, str | None]], int]:
    """Returns a page of readable decisions, the proposal and hold of each decision, and the total number. Leaves out
    decisions whose key is missing.
    """
    query = scoped_queries.listed_decisions(act.actor, status, proposal_id, registration_id)
    found, total = scoped_queries.page(act.session, query, limit, offset)
    rows = [row for row in found if is_readable(row.unit_id, row.broken, row.displaces)]
    known = scoped_queries.decided_on(act.session, [row.id for row in rows])
    shown = list(dict.fromkeys(proposal.registration_id for proposal, _ in known.values()))
    audit_log.write(act, Event.DECISIONS_LISTED, shown=shown, status=status, offset=offset)
    return rows, known, total


def hold(act: Act, hold_id: str) -> Hold:
    found = scoped_queries.hold_of(act.session, act.actor, hold_id)
    audit_log.write(act, Event.HOLD_READ, registration=found.registration_id, subject=found.id)
    return found


def holds(
    act: Act, status: HoldStatus | None, registration_id: str | None, limit: int, offset: int
) -> tuple[Sequence[Hold], int]:
    """Returns a page of holds and the total number. The page leaves out holds whose key is missing."""
    query = scoped_queries.listed_holds(act.session, act.actor, status, registration_id)
    found, total = scoped_queries.page(act.session, query, limit, offset)
    rows = [row for row in found if is_readable(row.unit_id)]
    audit_log.write(act, Event.HOLDS_LISTED, shown=[row.registration_id for row in rows], status=status, offset=offset)
    return rows, total


def holds_named(act: Act, hold_ids: Sequence[str]) -> list[Hold]:
    """Returns the given holds in the given order, without the holds that the actor may not see."""
    seen = scoped_queries.holds_of(act.session, act.actor, col(BedClaim.hold_id).in_(hold_ids))
    query = seen.where(col(Hold.id).in_(hold_ids))
    found = {row.id: row for row in act.session.exec(query) if is_readable(row.unit_id)}
    audit_log.write(act, Event.HOLDS_LISTED, shown=[row.registration_id for row in found.values()])
    return [found[one] for one in hold_ids if one in found]


def stays(
    act: Act,
    status: StayStatus | None,
    limit: int,
    offset: int,
    order: StayOrder = StayOrder.EARLIEST_FIRST,
    *,
    registration_id: str | None = None,
    shelter_id: str | None = None,
) -> tuple[Sequence[Stay], int]:
    only = {"registration_id": registration_id, "shelter_id": shelter_id}
    rows, total = scoped_queries.page_of_stays(act.session, act.actor, status, limit, offset, order, **only)
    audit_log.write(act, Event.STAYS_LISTED, shown=[row.registration_id for row in rows], status=status, offset=offset)
    return rows, total


def stay(act: Act, stay_id: str) -> Stay:
    found = scoped_queries.stay_of(act.session, act.actor, stay_id)
    audit_log.write(act, Event.STAYS_LISTED, shown=[found.registration_id])
    return found


@dataclass(frozen=True, slots=True)
class FoundClient:
    """A client of the actor's shelter. For a resident: `stay`, `brief` (the summary of the case), and `number` (the row
    in the list of stays, ordered by their limits). For a client who has not arrived yet: `hold`.
    """

    registration: str
    brief: Brief | None = None
    stay: str = ""
    number: int = 0
    hold: str = ""


@needs(Permission.STAY_READ)
def find_clients(act: Act, fits: Callable[[str, Brief | None], bool]) -> list[FoundClient]:
    """Returns those clients of the actor's shelter for whose case and summary `fits` returns true: residents, expected
    clients, and clients about whom the shelter was asked. Returns nothing to an actor outside shelters.
    """
    if act.actor.shelter_id is None:
        return []
    housed, _ = scoped_queries.page_of_stays(
        act.session, act.actor, StayStatus.IN_HOUSE, None, 0, StayOrder.LIMIT_FIRST
    )
    briefs = briefs_of(act, [row.registration_id for row in housed], housed=True)
    found = [
        FoundClient(row.registration_id, briefs.get(row.registration_id), stay=row.id, number=number)
        for number, row in enumerate(housed)
    ]
    there = {one.registration for one in found}
    seen = scoped_queries.holds_of(act.session, act.actor, *STANDING).where(col(Hold.status).in_(_ASKED))
    held = [row for row in act.session.exec(seen) if row.registration_id not in there]
    found += [FoundClient(row.registration_id, hold=row.id) for row in held]
    fitting = [one for one in found if fits(one.registration, one.brief)]
    audit_log.write(act, Event.STAYS_LISTED, shown=[one.registration for one in fitting])
    return fitting


def asked_of_shelter(act: Act, shelter_id: str) -> tuple[list[Hold], list[Hold], list[Stay]]:
    """Returns what a call to a shelter is about: holds that need the shelter's answer, holds of expected clients, and
    current stays.
    """
    here = claiming_in_shelter(act.session, shelter_id, *STANDING)
    seen = scoped_queries.stays_of(act.session, act.actor).where(col(Stay.id).in_(here.stays))
    stays_here = [row for row in act.session.exec(seen) if is_readable(row.unit_id, row.starts_on)]
    planned = {row.hold_id for row in stays_here if row.status is StayStatus.PLANNED}
    kept = scoped_queries.holds_of(act.session, act.actor).where(col(Hold.id).in_(here.holds))
    found = [row for row in act.session.exec(kept.order_by(Hold.id)) if is_readable(row.unit_id)]
    waits = [row for row in found if row.status is HoldStatus.WAITING_FOR_SHELTER]
    expected = [row for row in found if row.id in planned]
    housed = sorted((row for row in stays_here if row.status is StayStatus.IN_HOUSE), key=lambda row: row.starts_on)
    named = {row.registration_id for row in (*waits, *expected)} | {row.registration_id for row in housed}
    audit_log.write(act, Event.HOLDS_LISTED, shown=named)
    return waits, expected, housed


def lives_in(act: Act, registration_id: str) -> Stay | None:
    """Returns the client's current stay. Writes no audit event, because the caller records that the case is shown."""
    seen = scoped_queries.stays_of(act.session, act.actor, *STANDING)
    lived = seen.where(Stay.registration_id == registration_id, Stay.status == StayStatus.IN_HOUSE)
    return act.session.exec(lived).first()
