"""A town of three shelters, all rooms empty and just reported; and the verbs of the domain, each a transaction.

S1  L1 Alkmaar  U1-women   cosm    women             R1: 2 beds, R2: 1 bed
                U2-family  cosm    women, children   R3: 3 beds
S2  L2 Zwolle   U3-omm     omm     women, psychiatric, one high-care place   R4: 2 beds
                U4-crisis  crisis  everyone          R5: 1 bed, R6: 1 bed
S3  L3 Tilburg  U5-social  social  everyone          R7: 2 beds
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from matching import Advice, Problem, advise, explain
from placement.capacity import report as capacity_report
from placement.capacity.confirmation import counts_of_shelters
from placement.capacity.report import RoomInput
from placement.capacity.room_state import RoomState, room_states
from placement.capacity.vacancy import OtherUse
from placement.core import signals
from placement.core.arrival_codes import Rung
from placement.core.clock import day_of, start_of
from placement.core.codes import DecisionKind, Gender, Region, Registrant, ResidenceBasis, Role, Scheme
from placement.core.consent_codes import Driver
from placement.core.context import SYSTEM, Act, Actor
from placement.core.geography import Cell, places
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import keys_of
from placement.crypto.key_store import KeyStore
from placement.jobs.reactions import REACTIONS
from placement.placements.decisions import decisions
from placement.placements.holds import arrivals, holds
from placement.placements.holds.arrival_details import ArrivalDetails, first_day
from placement.placements.proposals import frozen_problems, proposals
from placement.placements.stays import fact_changes, stays, takeover
from placement.registrations import case_rows, registrations
from placement.registrations.case import Case, PersonInput
from placement.registrations.entitlement import ADULT
from placement.solver.snapshot import snapshot
from placement.storage.database import Database
from placement.tables import (
    AuditEvent,
    Bed,
    BedClaim,
    Hold,
    Location,
    Proposal,
    Provider,
    Registration,
    Room,
    Shelter,
    Unit,
)
from placement.tables.facts import Facts
from tests.support.beginnings import Beginning, once, remembered
from tests.support.settings import changed
from tests.support.stores import AT, Stores

signals.react(REACTIONS)

TODAY = date(2026, 11, 24)
F, M = Gender.FEMALE, Gender.MALE

ADMIN = Actor("A-admin", Role.ADMIN, session_id="Z")
DESK = Actor("A-desk", Role.DESK, session_id="Z")
OTHER_DESK = Actor("A-other-desk", Role.DESK, session_id="Z")
COORDINATOR = Actor("A-amsterdam", Role.COORDINATOR, regions=frozenset({"amsterdam"}), session_id="Z")
ELSEWHERE = Actor("A-limburg", Role.COORDINATOR, regions=frozenset({"limburg"}), session_id="Z")

ROOMS = {"S1": {"R1": 2, "R2": 1, "R3": 3}, "S2": {"R4": 2, "R5": 1, "R6": 1}, "S3": {"R7": 2}}
SHELTER_OF = {"U1-women": "S1", "U2-family": "S1", "U3-omm": "S2", "U4-crisis": "S2", "U5-social": "S3"}


def key_store_of(told: "Town") -> KeyStore:
    return keys_of(told.database.engine.dialect).store


def shelter(shelter_id: str) -> Actor:
    """Returns a member of the shelter's staff, who answers for it; the id is the shelter's."""
    return Actor(shelter_id, Role.SHELTER_STAFF, shelter_id=shelter_id, session_id="Z")


def build(session: Session) -> None:
    women, everyone = ["female", "other"], ["female", "male", "other"]
    units = [
        ("U1-women", "L1", Scheme.COSM, women, {}, {"R1": 2, "R2": 1}),
        ("U2-family", "L1", Scheme.COSM, women, {"children_max_age": 17, "boys_max_age": 12}, {"R3": 3}),
        ("U3-omm", "L2", Scheme.OMM, women, {"specialisms": ["psychiatric"], "high_care_limit": 1}, {"R4": 2}),
        ("U4-crisis", "L2", Scheme.CRISIS, everyone, {}, {"R5": 1, "R6": 1}),
        ("U5-social", "L3", Scheme.SOCIAL, everyone, {"children_max_age": 17, "boys_max_age": 17}, {"R7": 2}),
    ]
    session.add_all([Provider(id="P1", name="Een"), Provider(id="P2", name="Twee")])
    session.flush()
    for number, (near, provider) in enumerate((("alkmaar", "P1"), ("zwolle", "P1"), ("tilburg", "P2")), start=1):
        cell = Cell.of(places()[near].point)
        session.add(Shelter(id=f"S{number}", provider_id=provider, name=f"Opvang {number}"))
        session.flush()
        session.add(
            Location(
                id=f"L{number}",
                name=f"Locatie {number}",
                shelter_id=f"S{number}",
                region=Region(places()[near].region),
                cell_row=cell.row,
                cell_column=cell.column,
                address=f"Geheimstraat {number}",
            )
        )
    session.flush()
    for unit_id, location, scheme, admits, profile, rooms in units:
        session.add(
            Unit(
                id=unit_id,
                location_id=location,
                name=unit_id,
                scheme=scheme,
                admits=admits,
                languages=["nl", "en"],
                interpreter_languages=["*"],
                **profile,
            )
        )
        session.flush()
        for room, beds in rooms.items():
            session.add(Room(id=room, unit_id=unit_id, name=room))
            session.flush()
            session.add_all(Bed(room_id=room, number=number) for number in range(1, beds + 1))
    session.flush()


def person_of(one: tuple[Gender, int], household) -> PersonInput:
    with_minors = any(not isinstance(other, PersonInput) and other[1] < ADULT for other in household)
    return PersonInput(*one, guardian=with_minors and one[1] >= ADULT)


def facts_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the facts of a client: these facts, and those that most clients have."""
    said = {
        "region": Region.AMSTERDAM,
        "registrant": Registrant.NP,
        "residence_basis": ResidenceBasis.REFLECTION,
        "languages": [{"code": "nl", "level": "native"}],
        "needed_by": TODAY + timedelta(days=14),
        **given,
    }
    facts = Facts.model_validate(said)
    return {name: getattr(facts, name) for name in said}


_OF_A_CASE = {
    registrations.register, registrations.change, fact_changes.change, takeover.take_over_resident,
    takeover.take_over_waiting,
}  # fmt: skip


def case_of(facts: Mapping[str, object], **parts: object) -> Case:
    """Makes the case of these facts and parts."""
    return Case(**facts, **parts)


def _with_case(args, named):
    """Returns the arguments of a verb with one case, in place of its facts and its named parts."""
    *first, facts = args
    parts = {name: named.pop(name) for name in [*named] if name in Case.model_fields}
    return [*first, facts if isinstance(facts, Case) else case_of(facts, **parts)], named


class Town:
    """Acts in the town, verb by verb. `at` is the moment now; `later` moves it."""

    def __init__(self, database: Database, settings: Settings, beginning: Beginning | None = None) -> None:
        self.database, self.settings, self.at, self.beginning = database, settings, AT, beginning

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)

    def having(self, **settings: object) -> None:
        self.settings = changed(self.settings, **settings)

    def act_now(self, session: Session, actor: Actor = SYSTEM) -> Act:
        return Act(session, actor, self.at, self.settings)

    @contextmanager
    def act(self, actor: Actor = DESK) -> Iterator[Act]:
        with self.database.transaction() as session:
            yield self.act_now(session, actor)

    def do(self, verb, *args, actor=DESK, **facts):
        """Carries out a verb of the domain; once in a run with the same acts before it, if it returns a row."""
        words = args, actor, sorted(facts.items())
        return once(self, verb, lambda: self._carried_out(verb, actor, args, facts), *words, is_row=True)

    def _carried_out(self, verb, actor, args, facts):
        if verb in _OF_A_CASE:
            args, facts = _with_case(args, facts)
        with self.act(actor) as act:
            return verb(act, *args, **facts)

    # verbs

    @remembered
    def register(self, persons=((F, 30),), *, actor=DESK, parts=None, draft=False, **facts) -> str:
        """`persons`: each as given, or gender and age; an adult who is there with minors is then their guardian."""
        words = [one if isinstance(one, PersonInput) else person_of(one, persons) for one in persons]
        return self.do(
            registrations.register, facts_of(facts), persons=words, draft=draft, actor=actor, **(parts or {})
        ).id

    @remembered
    def take_over(
        self, unit="U1-women", room="R1", *, ago=0, persons=((F, 30),), actor=DESK, given=None, **facts
    ) -> str:
        """Takes over a client who has lived in this room for so many days; returns the stay. `given`: other arguments
        of the verb.
        """
        more = {"rooms": [takeover.RoomTaken(room)], "came_on": day_of(self.at) - timedelta(days=ago), **(given or {})}
        words = [one if isinstance(one, PersonInput) else person_of(one, persons) for one in persons]
        made = self.do(takeover.take_over_resident, facts_of(facts), persons=words, unit_id=unit, actor=actor, **more)
        return made.id

    @remembered
    def take_over_waiting(self, *, ago=0, persons=((F, 30),), actor=DESK, given=None, **facts) -> str:
        """Takes over a client who has waited for so many days; returns the registration."""
        more = {"waits_since": day_of(self.at) - timedelta(days=ago), **(given or {})}
        words = [one if isinstance(one, PersonInput) else person_of(one, persons) for one in persons]
        return self.do(takeover.take_over_waiting, facts_of(facts), persons=words, actor=actor, **more).id

    @remembered
    def propose(self, registration_id: str, *, actor=DESK) -> str:
        prepared = self.do(proposals.prepare, registration_id, actor=actor)
        advice = advise(prepared.problem, registration_id)
        return self.do(proposals.record, prepared, advice, actor=actor).id

    def problem_of(self, proposal_id: str) -> Problem:
        """Returns the stored problem from which a proposal was made."""
        with self.act() as act:
            return frozen_problems.problem_of(act.session, act.session.get_one(Proposal, proposal_id))

    def replay(self, proposal_id: str) -> Advice:
        return proposals.replay(self.problem_of(proposal_id), self.one("proposal", proposal_id).registration_id)

    def decide(self, proposal_id: str, kind=DecisionKind.ACCEPT, *, actor=DESK, **facts):
        return self.do(decisions.decide, proposal_id, kind, actor=actor, **facts)

    def override(self, proposal_id: str, unit: str, *, actor=DESK, reason="client_preference", **facts):
        """Chooses another unit. A review day, as for a rule about danger, also needs a fresh second factor."""
        actor = replace(actor, verified_at=self.at) if facts.get("review_on") else actor
        return self.decide(proposal_id, DecisionKind.OVERRIDE, actor=actor, unit_id=unit, reason=reason, **facts)

    def decline(self, proposal_id: str, reason: str | None, *, actor=DESK, **facts):
        return self.decide(proposal_id, DecisionKind.DECLINE, actor=actor, reason=reason, **facts)

    def decide_on(self, registration_id: str, unit: str | None = None, *, proposal: str | None = None, actor=DESK):
        """Accepts the proposed unit, or chooses this unit if it is another unit."""
        proposal = proposal or self.propose(registration_id, actor=actor)
        if unit in {None, self.one("proposal", proposal).unit_id}:
            return self.decide(proposal, actor=actor)
        return self.override(proposal, unit, actor=actor)

    @remembered
    def hold_in(self, registration_id: str, unit: str | None = None) -> str:
        """Makes a decision for the registration, in the proposed unit or in this unit, and returns its hold."""
        return self.hold_of(self.decide_on(registration_id, unit).id).id

    def confirm(self, hold_id: str, expected_at: datetime | None = None, *, actor=None, **said):
        """Confirms the hold for the shelter. Without a given time, the client comes twelve hours after the earliest
        moment.
        """
        held = self.one("hold", hold_id)
        expected_at = expected_at or max(self.at, start_of(self._comes_from(held))) + timedelta(hours=12)
        said = ArrivalDetails(**{"expected_at": expected_at, "driver": Driver.TAXI, **said})
        return self.do(holds.confirm, hold_id, said, actor=actor or self.owner(hold_id))

    def refuse(self, hold_id: str, reason: str | None, *args, **more):
        return self.do(holds.refuse, hold_id, reason, *args, actor=self.owner(hold_id), **more)

    def release(self, hold_id: str, reason: str | None = "declines_place", *, actor=DESK):
        return self.do(holds.release, hold_id, reason, actor=actor)

    def arrive(self, hold_id: str):
        return self.do(stays.arrive, hold_id)

    def no_show(self, hold_id: str, rung: Rung | None = Rung.NOT_COMING, *, wants_place=True, actor=DESK):
        """Enters a client who did not come. `wants_place`: the wish of a client who was reached."""
        said = {"wants_place": wants_place} if rung is Rung.NOT_COMING else {}
        return self.do(arrivals.no_show, hold_id, rung, actor=actor, **said)

    def end(self, stay_id: str, reason: str | None = "own_housing", *args):
        return self.do(stays.end, stay_id, reason, *args)

    @remembered
    def house(self, registration_id: str, unit: str | None = None) -> str:
        """Lets a client arrive at a place; returns the stay."""
        hold = self.hold_in(registration_id, unit)
        self.confirm(hold)
        return self.arrive(hold).id

    @remembered
    def report(self, shelter_id: str, **rooms: RoomInput) -> None:
        words = [rooms.get(room, RoomInput(room)) for room in ROOMS[shelter_id]]
        self.do(capacity_report.report_capacity, shelter_id, words, actor=shelter(shelter_id))

    @remembered
    def full(self, *rooms: str) -> None:
        """Fills every bed of these rooms with people whom others placed."""
        for shelter_id, theirs in ROOMS.items():
            words = {
                room: RoomInput(room, used_by_others=[OtherUse(beds, F)])
                for room, beds in theirs.items()
                if room in rooms
            }
            if words:
                self.report(shelter_id, **words)

    # looks

    def _comes_from(self, held: Hold) -> date:
        with self.act() as act:
            return first_day(act.session.get_one(Registration, held.registration_id), held)

    def owner(self, hold_id: str) -> Actor:
        return shelter(SHELTER_OF[self.one("hold", hold_id).unit_id])

    def one(self, table: str, key):
        from placement import tables  # noqa: PLC0415  (by name, for short tests)

        kinds = {name.lower(): getattr(tables, name) for name in tables.__all__}
        with self.database.transaction() as session:
            return session.get_one(kinds[table], key)

    def all(self, query) -> list:
        with self.database.transaction() as session:
            return list(session.exec(query))

    def registration(self, registration_id: str) -> Registration:
        return self.one("registration", registration_id)

    def hold_of(self, decision_id: str):
        return self.all(select(Hold).where(Hold.decision_id == decision_id))[0]

    def claims(self, registration_id: str, *, live: bool = True) -> list[BedClaim]:
        query = select(BedClaim).where(BedClaim.registration_id == registration_id)
        found = sorted(self.all(query), key=lambda claim: (claim.starts_on, claim.bed_id))
        return [claim for claim in found if not (live and claim.cancelled)]

    def room(self, room_id: str) -> RoomState:
        with self.act() as act:
            return room_states(act.session, act.day)[room_id]

    def count_asked_at(self, shelter_id: str) -> datetime | None:
        with self.act() as act:
            return counts_of_shelters(act.session)[shelter_id].asked_since

    def problem(self) -> Problem:
        with self.act() as act:
            return snapshot(act).problem

    def row(self, registration_id: str):
        """Returns the registration as the engine sees it."""
        return next(row for row in self.problem().registrations if row.id == registration_id)

    def eligible_units(self, registration_id: str) -> set[str]:
        return {unit.unit for unit in explain(self.problem(), registration_id).units if not unit.broken}

    def avoided(self, registration_id: str) -> set[tuple[str, str]]:
        with self.act() as act:
            active = case_rows.active_avoidances(act, registration_id)
        return {(row.kind.value, row.target) for row in active}

    def events(self, since: int = 0) -> list[str]:
        """Returns the events of the log, in order; `since`: after so many lines."""
        return [line.event for line in self.all(select(AuditEvent).order_by(AuditEvent.id))][since:]


def holds_in(town: Town) -> list[Hold]:
    return town.all(select(Hold))


def town_of(stores: Stores) -> Town:
    """Makes the town in a store of its own, whose rooms are empty and just reported; built once a run, and copied."""
    made = stores.make("town", _build_reported)
    return Town(made.database, made.settings, stores.beginning(made))


def _build_reported(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        build(session)
    story = Town(database, settings)
    for shelter_id in ROOMS:
        story.report(shelter_id)
