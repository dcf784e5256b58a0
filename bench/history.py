"""A simulation of a long past in the synthetic country. The functions of the service carry out the acts of each day,
and write all rows.

On each day shelters confirm their counts of beds, and jobs run at their times. Clients are registered, get proposals
and decisions, arrive, change and leave. A day depends only on the database and the date, so an interrupted simulation
can continue. Random numbers about a client depend only on the client and the day. Two simulations with different places
therefore differ only by the effect of the places.

To save time, all proposals of a day use the same snapshot. The engine answers only the first question of a week. Other
questions are answered by the simple method (`degraded`), which obeys the rules too and takes a hundredth of the time.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from sqlmodel import func, select

from fixtures import people, shares
from fixtures.draws import draw
from matching import advise
from placement.accounts import recertification
from placement.accounts.sessions import actor_for
from placement.capacity import report as capacity_report
from placement.core import clock
from placement.core.clock import day_of, moment_of
from placement.core.codes import (
    DecisionKind,
    DecisionStatus,
    HoldStatus,
    RegistrationStatus,
    ResidenceBasis,
    Role,
    StayStatus,
    Urgency,
)
from placement.core.consent_codes import Driver
from placement.core.context import Act, Actor
from placement.core.errors import PlacementError
from placement.core.reason_codes import ChangeReason
from placement.core.settings import Settings
from placement.jobs.daily import dailies, run_due
from placement.jobs.periodic import JOBS, run
from placement.placements.decisions import decisions
from placement.placements.holds import holds
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.proposals import proposals
from placement.placements.stays import fact_changes, stays
from placement.registrations import break_glass, registrations
from placement.registrations.case import Case, PersonInput
from placement.storage.database import Database
from placement.tables import Account, Bed, Decision, Hold, Location, Registration, Stay, Unit
from placement.tables.facts import Facts

BEGINS = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
A_YEAR = 1_062
"""The number of registrations in 2024, as in `fixtures/README.md`: derived from the shares of the registrants
(CoMensha, Het beeld van 2024). The beds are enough for about this number of clients in a year.
"""
_BEDS = 158
"""The number of beds of the national country. A country of another size has registrations in proportion to its beds."""
_GIVEN_UP_AFTER = timedelta(days=35)
_LASTS = 60
"""The mean number of days of a stay (assumed: fixtures/README.md)."""
_CHANGES, _REFUSED, _NO_SHOW, _DECLINED = 0.01, 0.1, 0.03, 0.1
"""Assumed probabilities: that facts change (for each stay and day), that a shelter refuses, that a client does not
arrive, and that a client declines a proposal.
"""
_TRIED_A_DAY = 6
_ENDS = ("own_housing", "other_shelter", "womens_or_social_shelter", "voluntary_return", "family_or_friends")


@dataclass
class History:
    """A simulation in progress. `done`: the number of acts carried out, by name. `refused`: the number of acts that the
    service refused, by name and error code.
    """

    database: Database
    settings: Settings
    refused: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    def live(self, on: date) -> None:
        self._draws = Random(f"history {on}")  # noqa: S311
        self._on, self._asks = on, on.weekday() == 0
        self._people()
        for hour, minute, acts in (
            (6, 20, self._count),
            (7, 1, self._work_of_the_clock),
            (8, 0, self._certify),
            (9, 0, self._register),
            (10, 0, self._seek),
            (16, 0, self._receive),
            (17, 0, self._go_on),
            (23, 30, self._end_what_ran_out),
        ):
            self._at = moment_of(on, time(hour, minute))
            with at(self._at):
                acts()

    # acts

    def _count(self) -> None:
        for shelter, staff in self._staff.items():
            self._do(capacity_report.confirm_capacity, shelter, by=staff)

    def _work_of_the_clock(self) -> None:
        for job in JOBS:
            run(self.database, self.settings, job, self._at)
        for daily in dailies(self.settings):  # without the part of a job that asks the engine
            run_due(self.database, self.settings, replace(daily, ahead=None), self._at)

    def _end_what_ran_out(self) -> None:
        for job in JOBS:
            if job.lapses:
                run(self.database, self.settings, job, self._at)

    def _certify(self) -> None:
        for admin in self._admins:
            for account in self._do(recertification.to_certify, by=admin):
                self._do(recertification.certify, account.id, by=admin)

    def _register(self) -> None:
        for number in range(self._about(A_YEAR / 365 * self._share)):
            self.done["registered"] += 1
            self._later()
            area, who = self._draws.choice(self._coordinators)
            facts, persons = self._somebody(area)
            letters = Random(f"history {self._on} reference {number}")  # noqa: S311 - equal references in all simulations
            with patch("placement.core.ids.secrets.choice", letters.choice):
                self._do(registrations.register, Case(**facts, persons=persons), by=who)

    def _somebody(self, area: str) -> tuple[dict[str, Any], list[PersonInput]]:
        """Returns the facts and persons of a new client, drawn as in the synthetic country."""
        basis = people.basis_behind(self._draws, draw(self._draws, shares.DOORS))
        urgency = draw(self._draws, shares.URGENCIES)
        said = {
            "region": area,
            "registrant": draw(self._draws, shares.REGISTRANTS),
            "residence_basis": basis,
            "urgency": urgency,
            "languages": people.languages(self._draws, basis),
            **({"needed_by": self._on} if urgency is Urgency.TONIGHT else {}),
        }
        facts = Facts.model_validate({"needed_by": self._on + timedelta(days=7), **said})
        given = {name: getattr(facts, name) for name in ("needed_by", *said)}
        return given, [PersonInput(people.gender(self._draws), people.adult_age(self._draws))]

    def _seek(self) -> None:
        """Makes proposals for some of the waiting clients, from a single snapshot, and decides on them. Closes cases
        that have waited too long. New clients come first; the others are drawn at random.
        """
        is_open = Registration.status == RegistrationStatus.OPEN
        waiting = self._all(select(Registration).where(is_open).order_by(Registration.id))
        for case in waiting:
            if day_of(case.waits_since) < self._on - _GIVEN_UP_AFTER:
                self._do(registrations.close, case.id, "found_other_place", by=self._who_sees(case))
        new = [case for case in waiting if day_of(case.waits_since) == self._on]
        older = [case for case in waiting if day_of(case.waits_since) < self._on and case.closed_on is None]
        more = max(1, round(_TRIED_A_DAY * self._share) - len(new))
        tried = [*new, *sorted(older, key=lambda case: self._chance(case.id))[:more]]
        taken = self._do(proposals.world)
        made = [self._propose(case, taken) for case in tried]
        for case, (who, proposal) in [(case, one) for case, one in zip(tried, made, strict=True) if one is not None]:
            self._later()
            if self._chance(case.id, "declines") < _DECLINED:
                self._do(decisions.decide, proposal, DecisionKind.DECLINE, reason="declines_place", by=who)
            else:
                self._do(decisions.decide, proposal, DecisionKind.ACCEPT, by=who)
        self._answer()

    def _propose(self, case: Registration, taken: Any) -> tuple[Actor, str] | None:
        """Returns the person who made the proposal, and its id. Returns `None` if there is no proposal with a place."""
        self._later()
        who = self._who_sees(case)
        prepared = self._do(proposals.prepare, case.id, taken, by=who)
        if prepared is None:
            return None
        asks, self._asks = self._asks, False
        proposal = self._do(proposals.record, prepared, advise(prepared.problem, case.id, solver_works=asks), by=who)
        return None if proposal is None or proposal.unit_id is None else (who, proposal.id)

    def _who_sees(self, case: Registration) -> Actor:
        """Returns the coordinator of the case's area. If there is no coordinator, a person of the desk opens the case
        with a reason.
        """
        for area, who in self._coordinators:
            if area == case.region:
                return who
        self._do(break_glass.open_case, case.id, "coordinator_unreachable", None)
        with self.database.transaction() as session:
            account = session.get_one(Account, self._desk[0].id)
            return actor_for(session, account, self._at, session_id="history")

    def _answer(self) -> None:
        """Grants the decisions that wait for the desk. Then confirms or refuses the holds that wait for a shelter."""
        waits = select(Decision.id).where(Decision.status == DecisionStatus.WAITING_FOR_DESK).order_by(Decision.id)
        for decision in self._all(waits):
            self._later()
            self._do(decisions.answer_decision, decision, granted=True, by=self._desk[-1])
        shelters = dict(self._all(select(Unit.id, Location.shelter_id).join(Location)))
        asked = select(Hold).where(Hold.status == HoldStatus.WAITING_FOR_SHELTER).order_by(Hold.id)
        for held in self._all(asked):
            staff = self._staff[shelters[held.unit_id]]
            self._later()
            if self._chance(held.registration_id, held.unit_id) < _REFUSED:
                self._do(holds.refuse, held.id, "need_beyond_unit", by=staff)
                continue
            first = max(self._at, moment_of(held.starts_on, time(8)))
            self._do(holds.confirm, held.id, ArrivalDetails(first + timedelta(hours=4), Driver.TAXI), by=staff)

    def _receive(self) -> None:
        for stay in self._all(select(Stay).where(Stay.status == StayStatus.PLANNED).order_by(Stay.id)):
            self._later()
            expected_on = self._one(Hold, stay.hold_id).starts_on
            if expected_on <= self._on and self._chance(stay.registration_id) >= _NO_SHOW:
                self._do(stays.arrive, stay.hold_id)
            elif expected_on < self._on:
                self._do(holds.release, stay.hold_id, "unreachable")

    def _go_on(self) -> None:
        for stay in self._all(select(Stay).where(Stay.status == StayStatus.IN_HOUSE).order_by(Stay.id)):
            self._later()
            drawn = self._chance(stay.registration_id, "goes on")
            if drawn < 1 / _LASTS:
                self._do(stays.end, stay.id, _ENDS[int(drawn * _LASTS * len(_ENDS))])
            elif drawn < 1 / _LASTS + _CHANGES:
                case = self._one(Registration, stay.registration_id)
                facts = {"residence_basis": ResidenceBasis.VICTIM_PERMIT}
                why: dict[str, Any] = {"reason": ChangeReason.RESIDENCE, "confirm": True, "by": self._who_sees(case)}
                self._do(fact_changes.change, case.id, case.version, Case(**facts), **why)

    # functions for all acts

    def _do(self, verb: Callable[..., Any], *args: Any, by: Actor | None = None, **facts: Any) -> Any:
        """Carries out an act and returns its result; `None` if the service refused the act."""
        try:
            with self.database.transaction() as session:
                found = verb(Act(session, by or self._desk[0], self._at, self.settings), *args, **facts)
        except PlacementError as error:
            self.refused[f"{verb.__name__} {error.code}"] += 1
            return None
        self.done[verb.__name__] += 1
        return found

    def _chance(self, *about: str) -> float:
        """Returns a random number from 0 to 1. It depends only on the day and on `about`."""
        return Random(f"history {self._on} {about}").random()  # noqa: S311

    def _later(self) -> None:
        self._at += timedelta(seconds=self._draws.randint(20, 60))

    def _about(self, mean: float) -> int:
        """Returns a random whole number with this mean: the number of successes in 24 independent draws."""
        return sum(self._draws.random() < mean / 24 for _ in range(24))

    def _all(self, query: Any) -> list[Any]:
        with self.database.transaction() as session:
            return list(session.exec(query))

    def _one(self, table: Any, key: Any) -> Any:
        with self.database.transaction() as session:
            return session.get_one(table, key)

    def _people(self) -> None:
        self._admins: list[Actor] = []
        self._desk: list[Actor] = []
        self._staff: dict[str, Actor] = {}
        self._coordinators: list[tuple[str, Actor]] = []
        with self.database.transaction() as session:
            self._share = session.exec(select(func.count()).select_from(Bed)).one() / _BEDS
            for account in session.exec(select(Account).order_by(Account.id)).all():
                if account.disabled_at is not None:
                    continue
                who = actor_for(session, account, moment_of(self._on, time(6)), session_id="history")
                if who.role is Role.ADMIN:
                    self._admins.append(who)
                elif who.role is Role.DESK:
                    self._desk.append(who)
                elif who.role is Role.COORDINATOR:
                    self._coordinators += [(area, who) for area in sorted(who.regions)]
                elif who.role is Role.SHELTER_STAFF and who.shelter_id is not None:
                    self._staff.setdefault(who.shelter_id, who)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Sets the clock of this process to this moment within the block."""
    with patch.object(clock, "now", lambda: moment):
        yield
