"""A day of a town or a country with a frozen clock: people act at drawn moments, jobs run, and each task has its
notice.

The clock jumps from one event to the next: an act, a term that runs out, a mark of a task. The job that sends notices
runs in the five seconds after each event.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from statistics import median

from sqlmodel import col, select

from placement.access.permissions import Permission
from placement.accounts.sessions import actor_for
from placement.core.codes import (
    DecisionStatus,
    HoldStatus,
    RegistrationStatus,
    ResidenceBasis,
    Sees,
    StayStatus,
    Urgency,
)
from placement.core.context import SYSTEM, Actor
from placement.core.errors import PlacementError
from placement.core.notice_codes import NoticeMark
from placement.jobs.periodic import JOBS, Job, run
from placement.notifications.task_notices import accounts_of
from placement.placements.decisions import decisions
from placement.placements.holds import holds
from placement.placements.holds.arrival_details import LATE_AFTER
from placement.placements.stays import stays
from placement.registrations.next_look import URGENT_AFTER
from placement.tables import Account, Hold, Registration, Stay, TaskNotice
from placement.tables.message import NoticeContent
from placement.tasks.listing import Owned, derive, owned
from placement.tasks.task import Task, TaskKind
from tests.support.messages import sent
from tests.support.town import COORDINATOR, TODAY, F, M, Town

WITHIN = timedelta(seconds=5)
_ENDS = tuple(job for job in JOBS if job.name in {"expire_holds", "expire_decisions"})
_TELL = next(job for job in JOBS if job.name == "tell_of_tasks")
HOUSEHOLDS = (
    *[((F, 30),)] * 4, *[((M, 27),)] * 3, ((F, 19),), ((F, 33), (F, 3)), ((F, 28), (M, 6)), ((F, 16),), ((M, 16),),
)  # fmt: skip
"""Who is registered: with one kind of client alone all would wait for the same few beds (assumed)."""
BASES = (*[ResidenceBasis.REFLECTION] * 3, *[ResidenceBasis.DUTCH] * 2, ResidenceBasis.VICTIM_PERMIT)
OF_A_MOMENT = frozenset({TaskKind.DECISION, TaskKind.HOLD, TaskKind.URGENT, TaskKind.LATE, TaskKind.ARRIVAL})
"""Kinds of tasks that contain their first moment."""


def asked(town, actor=COORDINATOR):
    """Makes a case for which the shelter is asked: decided by its coordinator, and confirmed by the desk."""
    case = town.register(actor=COORDINATOR)
    decided = town.decide_on(case, "U1-women", actor=actor)
    if actor is COORDINATOR:
        town.do(decisions.answer_decision, decided.id, granted=True)
    return case, town.hold_of(decided.id).id


def refused(town):
    case, hold = asked(town)
    town.refuse(hold, "house_mix")
    return case


@dataclass
class Day:
    """`places`: the coordinators and of which area each is; `staff`: who answers, by shelter; `desk`: two of it."""

    town: Town
    places: Sequence[tuple[str, Actor]]
    staff: Mapping[str, Actor]
    desk: Sequence[Actor]
    draws: Random
    sees_to_all: bool = False
    """Whether the coordinators also see to the clients who wait already, and shelters to those who leave."""
    clients: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)
    """The clients for whom a place was sought on this day, and the clients for whom a decision was made."""
    refused: Counter[str] = field(default_factory=Counter)
    """Acts that came too late, by their code."""
    refused_last: str = ""
    _queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _begins: datetime = field(init=False)
    _known: set[str] = field(default_factory=set)
    _asked: set[datetime] = field(default_factory=set)

    def live(self, clients: int, hours: int = 24) -> None:
        """Runs the day. After each moment it checks that every waiting state has its task, and that
        a notice was sent.
        """
        begins = self._begins = self.town.at
        ends = begins + timedelta(hours=hours)
        for _ in range(clients):
            self._at(begins + timedelta(seconds=self.draws.randint(60, hours * 2400)), self._register)
        if self.sees_to_all:
            self._see_to_all(hours)
        self._tell_after(begins)
        while self._queue and self._queue[0][0] <= ends:
            moment, _, act = heappop(self._queue)
            self.town.at = moment
            act()

    def notices(self) -> list[NoticeContent]:
        rows = self.town.all(select(TaskNotice))
        return sorted((row.content for row in rows), key=lambda one: (one.at, one.kind, one.mark, one.task))

    def table(self) -> str:
        """Returns a table in Markdown: how many notices of each kind and mark were sent to how many persons, and how
        many mails a person had.
        """
        rows: dict[tuple[str, str], list[NoticeContent]] = {}
        for one in self.notices():
            rows.setdefault((one.kind, one.mark.value), []).append(one)
        lines = ["| task | mark | told | persons told | of these mailed |", "|---|---|---|---|---|"]
        for (kind, mark), found in sorted(rows.items()):
            persons, mailed = (sum(map(len, group)) for group in ([n.told for n in found], [n.mailed for n in found]))
            lines.append(f"| `{kind}` | {mark} | {len(found)} | {persons} | {mailed} |")
        lines += ["", "| who | persons | mails | fewest | middle | most |", "|---|---|---|---|---|---|"]
        for role, found in sorted(self.mails().items()):
            how = f"{sum(found)} | {min(found)} | {median(found):g} | {max(found)}"
            lines.append(f"| {role} | {len(found)} | {how} |")
        kinds = Counter(one.kind for one in sent(self.town) if one.account_id)
        lines += ["", "Mails: " + ", ".join(f"`{kind}` {number}" for kind, number in sorted(kinds.items())) + "."]
        lines.append(f"Decided on: {len(self.decided)} of {len(self.clients)} clients.")
        return "\n".join(lines) + "\n"

    def mails(self) -> dict[str, list[int]]:
        """Returns, by role, how many mails each person had, also zero."""
        had = Counter(one.account_id for one in sent(self.town) if one.account_id)
        found: dict[str, list[int]] = {}
        for account in self.town.all(select(Account)):
            if account.role.is_person and account.disabled_at is None:
                found.setdefault(account.role.value, []).append(had[account.id])
        return found

    # people

    def _register(self) -> None:
        area, who = self.draws.choice(self.places)
        tonight = self.draws.random() < 0.5
        facts = {"urgency": Urgency.TONIGHT, "needed_by": TODAY} if tonight else {}
        household = self.draws.choice(HOUSEHOLDS) if self.sees_to_all else HOUSEHOLDS[0]
        if self.sees_to_all:
            facts["residence_basis"] = self.draws.choice(BASES)
        case = self.town.register(household, actor=who, region=area, **facts)
        if tonight:
            self._tell_after(self.town.at + URGENT_AFTER)
        self._later((5, 100), lambda: self._decide(case, who))

    def _see_to_all(self, hours: int) -> None:
        """Plans acts for the clients who wait at the beginning, as for new clients. A tenth of the housed clients
        leaves (assumed).
        """
        by_area = dict(self.places)
        for case in self.town.all(select(Registration).where(Registration.status == RegistrationStatus.OPEN)):
            if case.region in by_area:
                self._later((5, 240), lambda case=case: self._decide(case.id, by_area[case.region]))
        for stay in self.town.all(select(Stay).where(Stay.status == StayStatus.IN_HOUSE).order_by(Stay.id)):
            if self.draws.random() < 0.1:
                self._later((30, hours * 40), lambda stay=stay: self._leave(stay.id))

    def _leave(self, stay: str) -> None:
        self._try(lambda: self.town.do(stays.end, stay, "own_housing", actor=self.draws.choice(self.desk)))

    def _decide(self, case: str, who: Actor) -> None:
        self.clients.add(case)
        made = self._try(lambda: self.town.decide(self.town.propose(case, actor=who), actor=who))
        if made is None:
            if self.refused_last == "desk_finds_place":
                who = replace(self.draws.choice(self.desk), opened=frozenset({case}))
            if self.refused_last != "no_scheme_open":  # no place of this service is for the client
                self._later((30, 90), lambda: self._decide(case, who))
            return
        self.decided.add(case)
        held = self.town.hold_of(made.id)
        if made.status is DecisionStatus.WAITING_FOR_DESK and self.draws.random() < 0.8:
            self._later((2, 200), lambda: self._confirm(case, who, made.id))
        self._term(held.expires_at)
        if made.status is DecisionStatus.FINAL:
            self._later((2, 280), lambda: self._answer(case, who, held.id))

    def _confirm(self, case: str, who: Actor, decision: str) -> None:
        granted = self.draws.random() < 0.85
        done = self._try(
            lambda: self.town.do(
                decisions.answer_decision, decision, granted=granted, actor=self.draws.choice(self.desk)
            )
        )
        if done is not None and granted:
            held = self.town.hold_of(decision)
            self._term(held.expires_at)
            self._later((2, 280), lambda: self._answer(case, who, held.id))

    def _answer(self, case: str, who: Actor, hold: str) -> None:
        staff = self._staff_of(hold)
        what = self.draws.random()
        if staff is None or what < 0.15:
            return  # the hold runs out
        if what < 0.3:
            self._try(lambda: self.town.do(holds.refuse, hold, "need_beyond_unit", actor=staff))
            self._later((5, 90), lambda: self._decide(case, who))
            return
        expected = self.town.at + timedelta(minutes=self.draws.randint(30, 300))
        if self._try(lambda: self.town.confirm(hold, expected, actor=staff)) is not None:
            self._tell_after(expected + LATE_AFTER)
            if self.draws.random() < 0.8:
                self._later((30, 420), lambda: self._arrive(hold, staff))

    def _arrive(self, hold: str, staff: Actor) -> None:
        self._try(lambda: self.town.do(stays.arrive, hold, actor=staff))

    def _staff_of(self, hold: str) -> Actor | None:
        with self.town.act(SYSTEM) as act:
            tasks = [one for one in owned(act, derive(act)) if one.task.about == hold]
        return self.staff.get(str(tasks[0].task.shelter)) if tasks else None

    def _try(self, do):
        try:
            return do()
        except PlacementError as error:
            self.refused[error.code] += 1
            self.refused_last = error.code
            return None

    # the clock

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        def done() -> None:
            act()
            self._tell_after(moment)

        heappush(self._queue, (moment, len(self._queue) + self.draws.randint(0, 10**9), done))

    def _later(self, minutes: tuple[int, int], act: Callable[[], None]) -> None:
        self._at(self.town.at + timedelta(seconds=self.draws.randint(minutes[0] * 60, minutes[1] * 60)), act)

    def _term(self, moment: datetime) -> None:
        self._at(moment, lambda: [self._run(job) for job in _ENDS])

    def _tell_after(self, cause: datetime) -> None:
        """Plans one run of the job that sends notices, in the slot after this moment."""
        slot = cause + timedelta(seconds=5 - cause.timestamp() % 5)
        if slot not in self._asked:
            self._asked.add(slot)
            heappush(self._queue, (slot, -1, self._tell))

    def _run(self, job: Job) -> None:
        run(self.town.database, self.town.settings, job, self.town.at)

    def _tell(self) -> None:
        self._run(_TELL)
        with self.town.act(SYSTEM) as act:
            found = owned(act, derive(act))
            names = {one.task.id(act.session): one for one in found}
            assert len(names) == len(found), "a task twice"
            for name, one in names.items():
                assert accounts_of(act, one.owner), (name, one)
                if one.task.goes_on_at is not None and one.task.goes_on_at > act.at:
                    self._tell_after(one.task.goes_on_at)
            self._require_told(act, names)
            self._require_one_each(act, found)

    def _require_told(self, act, names: Mapping[str, Owned]) -> None:
        wanted = {f"{name} new": one for name, one in names.items()}
        wanted |= {
            f"{name} late": one
            for name, one in names.items()
            if one.next and one.task.is_late(act.at) and accounts_of(act, one.next)
        }
        told = set(act.session.exec(select(TaskNotice.once).where(col(TaskNotice.once).in_(wanted))))
        assert set(wanted) == told, set(wanted) - told
        for once in told - self._known:
            cause = _cause(wanted[once].task, once)
            assert cause is None or act.at - max(cause, self._begins) <= WITHIN, (once, wanted[once], act.at)
        self._known |= told

    def _require_one_each(self, act, found: Sequence[Owned]) -> None:
        tasks = Counter((one.task.kind, one.task.about) for one in found)
        for held in act.session.exec(select(Hold)).all():
            if held.status is HoldStatus.RESERVED:
                assert tasks[TaskKind.DECISION, held.decision_id] == 1
            if held.status is HoldStatus.WAITING_FOR_SHELTER:
                assert tasks[TaskKind.HOLD, held.id] == 1
        planned = select(Stay.hold_id).where(Stay.status == StayStatus.PLANNED)
        for hold in act.session.exec(planned).all():
            assert tasks[TaskKind.ARRIVAL, hold] + tasks[TaskKind.LATE, hold] == 1


def _cause(task: Task, once: str) -> datetime | None:
    """Returns the moment since which a notice was due, if the task contains it."""
    if once.endswith(NoticeMark.LATE.value):
        return task.goes_on_at
    if task.kind is TaskKind.URGENT and task.since is not None:
        return task.since + URGENT_AFTER
    return task.since if task.kind in OF_A_MOMENT else None


def people_of(town: Town) -> tuple[list[tuple[str, Actor]], dict[str, Actor], list[Actor]]:
    """Returns the people of a database: coordinators with each of their areas, one member of staff by shelter, and the
    desk.
    """
    places: list[tuple[str, Actor]] = []
    staff: dict[str, Actor] = {}
    desk: list[Actor] = []
    with town.act(SYSTEM) as act:
        for account in act.session.exec(select(Account).order_by(Account.id)).all():
            actor = replace(actor_for(act.session, account, act.at, frozenset({"read", "write"})), session_id="Z")
            if actor.role.sees is Sees.REGIONS:
                places += [(area, actor) for area in sorted(actor.regions)]
            elif actor.role.is_person and actor.shelter_id is not None and actor.role in Permission.HOLD_ANSWER.reach:
                staff[actor.shelter_id] = actor
            elif actor.role.has_authority:
                desk.append(actor)
    return places, staff, desk
