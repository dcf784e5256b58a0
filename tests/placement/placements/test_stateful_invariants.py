"""Stateful test: any sequence of verbs keeps the invariants."""

import os
import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from matching import check
from placement.capacity.report import RoomInput
from placement.capacity.vacancy import OtherUse
from placement.core.codes import (
    DecisionStatus,
    HoldStatus,
    RegistrationStatus,
    ResidenceBasis,
    StayStatus,
    Urgency,
)
from placement.core.errors import PlacementError
from placement.core.reason_codes import MOVED_ON, Step, reasons_for
from placement.core.request_codes import RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.jobs import periodic
from placement.placements.decisions import decisions
from placement.placements.proposals import proposals
from placement.registrations import registrations, requests
from placement.registrations.case import PersonInput
from placement.registrations.request_rows import requests_of
from placement.registrations.requests import Asked
from placement.storage.bed_claims import STANDING
from placement.storage.database import Database
from placement.tables import BedClaim, Decision, Hold, Proposal, Registration, Stay
from tests.support import second_person
from tests.support.settings import changed
from tests.support.town import AT, COORDINATOR, DESK, OTHER_DESK, ROOMS, SHELTER_OF, TODAY, F, M, Town, build

HAPPENED: Counter[str] = Counter()
HOUSED = {RegistrationStatus.PLACED, RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD}


def codes(step):
    return st.sampled_from([reason.code for reason in reasons_for(step) if not reason.needs_text])


households = st.sampled_from([((F, 30),), ((F, 30),), ((M, 25),), ((F, 20), (F, 22)), ((F, 33), (M, 3)), ((F, 16),)])
wishes = st.fixed_dictionaries(
    {},
    optional={
        "needs": st.just(["psychiatric"]),
        "high_care": st.booleans(),
        "private_room": st.booleans(),
        "urgency": st.integers(1, 4),
        "residence_basis": st.sampled_from([ResidenceBasis.REFLECTION, ResidenceBasis.DUTCH, ResidenceBasis.NONE_YET]),
        "needed_by": st.sampled_from([TODAY, TODAY + timedelta(days=20)]),
    },
)
pick = st.integers(0, 10**6)
goings = st.sampled_from(["arrive", "arrive", "release", "end"])
houses = st.sampled_from(sorted(ROOMS))
ways = st.sampled_from(["accept", "accept", "accept", "decline", "later", *SHELTER_OF])


KEPT = {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER}
WHAT = (
    "client_comes", "client_changes", "client_moves", *["decides"] * 3, "decides_on_an_older_one",
    *["answers"] * 4, *["client_comes_and_goes"] * 3, "a_shelter_reports", "time_passes",
)  # fmt: skip


class AnyStory(RuleBasedStateMachine):
    """Each rule tries one verb on something that exists. A refusal is a fine answer; anything else is not."""

    folder = None  # a template database is copied from here

    @initialize()
    def town(self):
        HAPPENED["stories"] += 1
        copy = self.folder / f"story{HAPPENED['stories']}.db"
        shutil.copyfile(self.folder / "template.db", copy)
        chosen = changed(self.settings, database_url=f"sqlite:///{copy}")
        self.story = Town(Database.open(chosen), chosen)
        self.story.register(((F, 33), (M, 3)), actor=COORDINATOR)
        held, expected, housed = (self.story.register(actor=COORDINATOR) for _ in range(3))
        self.story.hold_in(held, "U1-women")
        self.story.confirm(self.story.hold_in(expected, "U4-crisis"))
        self.story.house(housed, "U1-women")

    def teardown(self):
        if hasattr(self, "story"):
            self.story.database.close()

    def attempt(self, what, verb):
        try:
            verb()
        except PlacementError as refused:
            HAPPENED[f"{what} refused ({refused.code})"] += 1
        else:
            HAPPENED[what] += 1

    def any_of(self, query, number):
        rows = self.story.all(query)
        return rows[number % len(rows)] if rows else None

    @rule(what=st.sampled_from(WHAT), data=st.data())
    def something_happens(self, what, data):
        """One rule for all verbs: hypothesis leaves out some rules of many, and no story would come to its end."""
        getattr(self, what)(data.draw)

    def client_comes(self, draw):
        persons = draw(households)
        facts = draw(wishes)
        number = draw(pick)
        other = self.any_of(select(Registration), number) if number % 3 == 0 else None
        parts = {"keep_apart": [other.id]} if other else {}
        self.attempt("register", lambda: self.story.register(persons, actor=COORDINATOR, parts=parts, **facts))

    def client_changes(self, draw):
        number = draw(pick)
        if client := self.any_of(select(Registration), number):
            facts, persons = {"urgency": 1 + number % 4}, [PersonInput(F, 20 + number % 30)]
            change = lambda: self.story.do(registrations.change, client.id, client.version, facts, persons=persons)  # noqa: E731
            self.attempt("change", change)

    def client_moves(self, draw):
        number = draw(pick)
        ground = draw(st.sampled_from(list(RequestGround)))
        moving = self.any_of(select(Registration).where(Registration.status == RegistrationStatus.MOVING), number)
        if moving and number % 4 == 0:
            last, why = len(moving.requests), WithdrawalReason.CLIENT_STAYS
            verb = lambda: self.story.do(requests.withdraw, moving.id, last, moving.version, reason=why)  # noqa: E731
            self.attempt("withdraw", verb)
        elif client := self.any_of(
            select(Registration).where(Registration.status == RegistrationStatus.PLACED), number
        ):
            asked = Asked(RequestKind.TRANSFER, Urgency(1 + number % 4), ground)
            self.attempt("ask", lambda: self.story.do(requests.ask, client.id, client.version, asked))

    def decides(self, draw):
        number = draw(pick)
        who = draw(st.sampled_from([DESK, COORDINATOR]))
        how = draw(ways)
        reason = draw(codes(Step.DECLINE))
        sought = [RegistrationStatus.OPEN, RegistrationStatus.MOVING]
        client = self.any_of(select(Registration).where(Registration.status.in_(sought)), number)
        made = client and self.propose(client.id)
        if made is None:
            return
        if how == "accept":
            self.attempt("accept", lambda: self.story.decide(made, actor=who))
        elif how == "decline":
            self.attempt("decline", lambda: self.story.decline(made, reason, actor=who))
        elif how != "later":
            review_on = self.story.at.date() + timedelta(days=9)
            self.attempt("override", lambda: self.story.override(made, how, actor=who, review_on=review_on))

    def propose(self, client):
        made = None

        def verb():
            nonlocal made
            made = self.story.propose(client)

        self.attempt("propose", verb)
        return made

    def decides_on_an_older_one(self, draw):
        number = draw(pick)
        if made := self.any_of(select(Proposal), number):
            self.attempt("accept an older one", lambda: self.story.decide(made.id))

    def answers(self, draw):
        number = draw(pick)
        reason = draw(codes(Step.REFUSE))
        yes = draw(st.sampled_from([True, True, False]))
        waiting = [DecisionStatus.WAITING_FOR_DESK, DecisionStatus.WAITING_FOR_SECOND]
        if made := self.any_of(select(Decision).where(Decision.status.in_(waiting)), number):
            fresh = replace(OTHER_DESK, verified_at=self.story.at)
            verb = lambda: self.story.do(decisions.answer_decision, made.id, granted=yes, actor=fresh)  # noqa: E731
            self.attempt("agree" if yes else "disagree", verb)
        if held := self.any_of(select(Hold).where(Hold.status == HoldStatus.WAITING_FOR_SHELTER), number):
            verb = (lambda: self.story.confirm(held.id)) if yes else lambda: self.story.refuse(held.id, reason)
            self.attempt("confirm" if yes else "refuse", verb)

    def client_comes_and_goes(self, draw):
        number = draw(pick)
        how = draw(goings)
        why = draw(codes(Step.RELEASE))
        end = draw(codes(Step.END))
        live = [HoldStatus.CONFIRMED, HoldStatus.WAITING_FOR_SHELTER, HoldStatus.RESERVED]
        held = self.any_of(select(Hold).where(Hold.status.in_(live)), number)
        stay = self.any_of(select(Stay).where(Stay.status != StayStatus.ENDED), number)
        if held and how == "arrive":
            self.attempt(how, lambda: self.story.arrive(held.id))
        if held and how == "release":
            self.attempt(how, lambda: self.story.release(held.id, why))
        if stay and how == "end":
            self.attempt(how, lambda: self.story.end(stay.id, end))

    def a_shelter_reports(self, draw):
        shelter = draw(houses)
        out = draw(st.integers(0, 1))
        others = draw(st.integers(0, 1))
        days = draw(st.integers(0, 9))
        until = self.story.at.date() + timedelta(days=days)
        use = [OtherUse(others, F, until=until if days % 2 else None)] if others else []
        first = next(iter(ROOMS[shelter]))
        word = RoomInput(first, out_of_service=out, out_until=until, used_by_others=use, counted_free=days % 2)
        self.attempt("report", lambda: self.story.report(shelter, **{first: word}))

    def time_passes(self, draw):
        hours = draw(st.sampled_from([0.1, 1, 4, 30, 80]))
        self.story.later(hours=hours)
        since = len(self.story.events())
        for job in periodic.JOBS:
            self.attempt(f"job {job.name}", lambda job=job: self.story.do(job.run))
        for event in self.story.events(since):
            HAPPENED[f"clock {event}"] += 1

    @invariant()
    def no_bed_is_given_twice(self):
        claims = [claim for claim in self.story.all(select(BedClaim)) if not claim.cancelled]
        live = [claim.bed_id for claim in claims if claim.ends_on is None]
        assert len(live) == len(set(live))

    @invariant()
    def a_registration_agrees_with_her_hold_and_her_stay(self):
        holds, stays = self.story.all(select(Hold)), self.story.all(select(Stay))
        claims = self.story.all(select(BedClaim).where(*STANDING))
        for client in self.story.all(select(Registration)):
            waiting = [one for one in holds if one.registration_id == client.id and one.status in KEPT]
            living = {one.status for one in stays if one.registration_id == client.id} - {StayStatus.ENDED}
            beds = [claim for claim in claims if claim.registration_id == client.id]
            kept = bool(waiting) or StayStatus.PLANNED in living
            assert kept == client.status.is_kept_for, (client.status, waiting, living)
            assert (StayStatus.IN_HOUSE in living) == (client.status in HOUSED)
            assert bool(beds) == (client.status.is_kept_for or client.status in HOUSED)
            self.has_one_request(client)
        kept = {one.id for one in holds if one.status in KEPT}
        assert kept <= {claim.hold_id for claim in claims}
        assert {one.id for one in stays if one.status is not StayStatus.ENDED} <= {claim.stay_id for claim in claims}

    def has_one_request(self, client):
        """Requires that a request is open exactly while a place is sought or kept, and never two."""
        with self.story.act() as act:
            found = requests_of(act, act.session.get_one(Registration, client.id))
        going = [one.status for one in found if one.status in {RequestStatus.OPEN, RequestStatus.HELD}]
        assert len(going) == (client.status.is_sought_for or client.status.is_kept_for), (client.status, found)
        assert going == [one.status for one in found[-1:]] or not going

    @invariant()
    def client_has_a_bed_until_the_end_of_a_stay_for_a_reason(self):
        """Requires that a stay ends with a move only if the next stay has begun; an act ended all other stays."""
        last = {}
        for stay in self.story.all(select(Stay)):
            known = last.get(stay.registration_id)
            if stay.arrived_at and (
                known is None or known.end_reason == MOVED_ON or known.arrived_at < stay.arrived_at
            ):
                last[stay.registration_id] = stay
        assert MOVED_ON not in {stay.end_reason for stay in last.values()}

    @invariant()
    def a_decision_waits_exactly_while_its_beds_are_reserved(self):
        reserved = {one.decision_id for one in self.story.all(select(Hold)) if one.status is HoldStatus.RESERVED}
        assert {one.id for one in self.story.all(select(Decision)) if one.status.value.startswith("wait")} == reserved

    @invariant()
    def a_decision_agrees_with_its_request(self):
        assert self.story.do(second_person.disagreeing) == []

    @invariant()
    def what_is_free_adds_up(self):
        for shelter in ROOMS.values():
            for room, beds in shelter.items():
                state = self.story.room(room)
                assert 0 <= state.vacancy.free_beds <= beds - len(state.vacancy.occupants)
                assert len(state.free_bed_ids) == state.vacancy.free_beds

    @invariant()
    def the_problem_is_valid(self):
        assert self.story.problem().as_of  # `snapshot` reads it strictly: an invalid one raises

    @invariant()
    def every_proposal_obeys_every_rule(self):
        newest = self.story.all(select(Proposal).order_by(Proposal.made_at.desc(), Proposal.id).limit(2))
        for made in newest:
            report = check(self.story.problem_of(made.id), proposals.advice_of(made).solution)
            assert report.ok, report.violations


@pytest.mark.wide
def test_random_sequence_keeps_the_invariants(tmp_path):
    size(tmp_path, examples=10, steps=18)
    for verb in ("register", "propose", "accept", "override", "confirm", "arrive", "report"):
        assert HAPPENED[verb] >= 1, (verb, HAPPENED)
    assert HAPPENED["end"] + HAPPENED["release"] + HAPPENED["refuse"] >= 3, HAPPENED


@pytest.mark.long
def test_long_random_sequence_keeps_the_invariants(tmp_path):
    full = os.environ.get("PROOF_SIZE") == "full"
    size(tmp_path, examples=600 if full else 25, steps=40)
    verbs = ("ask", "decline", "agree", "disagree", "refuse", "release", "end", "change", "clock registration:reopened")
    assert [verb for verb in verbs if HAPPENED[verb] < 3] == [], HAPPENED


def size(folder, *, examples, steps):
    HAPPENED.clear()
    AnyStory.folder = folder
    AnyStory.settings = Settings(
        var=folder,
        database_url=f"sqlite:///{folder / 'template.db'}",
        field_keys=(Fernet.generate_key().decode(),),
        key_store=folder / "keys",
        audit_heads=folder / "audit-heads.jsonl",
        audit_key=cipher.new_key(),
    )
    database = Database.open(AnyStory.settings)
    database.migrate()
    with database.transaction() as session:
        build(session)
    story = Town(database, AnyStory.settings)
    assert story.at == AT
    for shelter in ROOMS:
        story.report(shelter)
    database.close()
    run_state_machine_as_test(
        AnyStory,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=os.environ.get("PROOF_SIZE") != "full",
            suppress_health_check=list(HealthCheck),
        ),
    )
