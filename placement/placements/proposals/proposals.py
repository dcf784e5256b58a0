"""Proposals for a registration, in three steps: `prepare`, solve (outside any transaction), `record`."""

from dataclasses import dataclass

from sqlalchemy.orm import defer
from sqlmodel import col, select

from matching import ENGINE_VERSION, Advice, Problem, advise, read_advice, write_advice
from placement.access import doubt_stop, scoped_queries
from placement.access.permissions import Permission, needs
from placement.core import transactions, version
from placement.core.clock import AMSTERDAM
from placement.core.codes import ProposalStatus
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.ids import new_id
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import begin, carry_out
from placement.lifecycles.moves import ProposalMove
from placement.placements.holds import holds
from placement.placements.proposals.frozen_problems import freeze
from placement.registrations import inference_guard
from placement.registrations.case_rows import first_sought_on, lacks_language, persons_of, require_sure
from placement.registrations.consent_ground import require_unrestricted
from placement.registrations.entitlement import Entitlement
from placement.registrations.registrations import supersede_proposals
from placement.solver.missing_counts import MissingCounts, missing_counts, write_missing
from placement.solver.snapshot import Snapshot, entitlement_of, rules_on, snapshot
from placement.storage.locks import lock_registrations
from placement.tables import Proposal, Registration
from placement.tables.columns import attribute
from placement.text.catalogue import languages, translate

_REPLAY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """The engine's problem about a registration, with the version of the registration from which the problem
    was made.
    """

    registration_id: str
    version: int
    problem: Problem
    policy_version: int
    missing: MissingCounts
    """Units that were never counted and could suit the registration. They are not part of the problem."""


@needs(Permission.PROPOSAL_MAKE)
def require_possible(act: Act, registration_id: str) -> None:
    """Raises `Conflict` with the reason if no proposal is possible. Ends expired holds first, because the registration
    itself may have such a hold.
    """
    holds.expire_due(act)
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id)
    require_open(act, registration)
    require_sure(registration)
    rules = rules_on(act.session, act.day)
    entitled = entitlement_of(rules, registration, persons_of(act, registration_id), act.day)
    if not entitled.schemes:
        raise Conflict("no_scheme_open", rule=entitled.words or entitled.rule, ground=_ground_of(entitled))
    if lacks_language(registration):
        raise Conflict("language_missing")
    inference_guard.require_place_not_found_by_desk(act, registration_id)


def _ground_of(entitled: Entitlement) -> str | dict[str, str]:
    """Returns the legal ground of the rule; if the rule has no ground, a text about this in each language."""
    return entitled.ground or {one: translate("entitlement.ground", entitled.rule, one) for one in languages()}


def world(act: Act) -> Snapshot:
    """Ends expired holds, and returns the snapshot of all waiting clients and all rooms."""
    holds.expire_due(act)
    return snapshot(act)


@needs(Permission.PROPOSAL_MAKE)
def prepare(act: Act, registration_id: str, taken: Snapshot | None = None) -> Prepared:
    """Returns the problem for the engine. Raises `Conflict` if no proposal is possible. `taken`: a snapshot made after
    `require_possible`. If `taken` is missing, or if the registration changed since, a new snapshot is made.
    """
    require_possible(act, registration_id)
    version = scoped_queries.registration_of(act.session, act.actor, registration_id).version
    if taken is None or taken.versions.get(registration_id) != version:
        taken = world(act)
    if registration_id not in taken.versions:  # another act came first just now
        raise Conflict("registration_changed")
    problem = inference_guard.without_unseen(act, taken.problem)
    missing = missing_counts(problem, taken.uncounted, registration_id)
    return Prepared(registration_id, version, problem, taken.policy_version, missing)


def require_open(act: Act, registration: Registration) -> None:
    """Raises `Stopped` while irreversible acts are stopped, and `Conflict` if no place is sought now."""
    doubt_stop.require_for(act, registration.id)
    if registration.status.is_sought_for:
        require_unrestricted(registration)
        later = first_sought_on(registration, act.day)
        if later is not None:
            raise Conflict("needed_later", day=later.isoformat())
        return
    waiting = scoped_queries.decision_waiting_for(act.session, registration.id)
    if waiting is None:
        raise Conflict("registration_not_open", status=registration.status.value)
    decision, held = waiting
    raise Conflict(
        "decision_waits",
        decision=decision.id,
        status=decision.status.value,
        since=f"{decision.decided_at.astimezone(AMSTERDAM):%d-%m %H:%M}",
        until=f"{held.expires_at.astimezone(AMSTERDAM):%d-%m %H:%M}",
    )


@needs(Permission.PROPOSAL_MAKE)
def record(act: Act, prepared: Prepared, advice: Advice) -> Proposal:
    """Stores the problem and the engine's answer as a proposal. The new proposal replaces an older proposal for the
    registration.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, prepared.registration_id, lock=True)
    doubt_stop.require_for(act, registration.id)
    if registration.version != prepared.version or not registration.status.is_sought_for:
        raise Conflict("registration_changed")
    inference_guard.require_place_not_found_by_desk(act, registration.id)
    frozen = freeze(act.session, prepared.problem)
    supersede_proposals(act, registration.id)
    chosen = next((unit for unit in advice.units if unit.kind == "chosen"), None)
    proposal = Proposal(
        id=new_id("P"),
        registration_id=registration.id,
        registration_version=registration.version,
        made_at=act.at,
        made_by=act.actor.id,
        expires_at=act.at + act.settings.proposal_lifetime,
        unit_id=chosen.unit if chosen else None,
        problem_id=frozen,
        advice=write_advice(advice).decode(),
        missing_counts=write_missing(prepared.missing),
        policy_version=prepared.policy_version,
        engine_version=ENGINE_VERSION,
        service_version=version.shown(),
    )
    begin(act, proposal, ProposalMove.MAKE, status=advice.solution.status)
    act.session.add(proposal)
    return proposal


def newest_of(act: Act, registration: Registration) -> Proposal | None:
    """Returns the newest proposal of a registration. Returns `None` if the proposal is unreadable, or if the
    coordinator only has break-glass access, which does not cover proposals.
    """
    if not act.actor.covers(registration.region):
        return None
    made = select(Proposal).where(Proposal.registration_id == registration.id)
    light = made.options(defer(attribute(Proposal.problem)), defer(attribute(Proposal.advice)))
    found = act.session.exec(light.order_by(col(Proposal.made_at).desc(), Proposal.id).limit(1)).first()
    return found if found is not None and is_readable(found.unit_id) else None


def advice_of(proposal: Proposal) -> Advice:
    """Returns the engine's answer in the proposal. Raises `Conflict` if retention has erased the answer."""
    if proposal.advice is None:
        raise Conflict("content_erased")
    return read_advice(proposal.advice.encode())


def replay(problem: Problem, registration_id: str) -> Advice:
    """Solves a stored problem again, for a complaint or an inspection. This can take up to ten minutes."""
    transactions.require_none("replay")
    return advise(problem, registration_id, time_limit=_REPLAY_SECONDS)


def expire_proposals(act: Act) -> int:
    """Ends undecided proposals whose time limit has passed. Returns the number of ended proposals."""
    act = act.by_the_system()
    late = Proposal.status == ProposalStatus.MADE, Proposal.expires_at <= act.at
    theirs = lock_registrations(act.session, select(Proposal.registration_id).where(*late), pass_over=True)
    due = act.session.exec(
        select(Proposal).where(*late, col(Proposal.registration_id).in_(theirs)).order_by(Proposal.id)
    ).all()
    for proposal in due:
        carry_out(act, proposal, ProposalMove.EXPIRE)
    return len(due)
