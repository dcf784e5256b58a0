"""Tasks about cases. They are derived from states and the clock at each request, and never stored. Each task names a
case and the time since which it waits. Tasks of some kinds also have the time by which they must be done.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import true
from sqlmodel import and_, col, or_, select

from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.clock import end_of, start_of
from placement.core.codes import (
    HoldStatus,
    RegistrationStatus,
    Sees,
    StayStatus,
    Urgency,
)
from placement.core.context import Act
from placement.core.link_codes import LinkKind
from placement.core.read_ahead import Rows, rows_of
from placement.core.reason_codes import LOSES_PLACE
from placement.crypto.encrypted_columns import is_damaged, is_readable
from placement.duty.hours import duty_of
from placement.placements.decisions.provisional_review import SENT_BACK
from placement.placements.holds.arrival_details import ArrivalDetails, agreed_of
from placement.placements.holds.reserved_places import KEPT, ReservedPlace, is_kept
from placement.placements.stays.stay_clock import StayWithClock, in_house
from placement.placements.stays.stays import NO_SHOW, missed_at
from placement.registrations.case_list import waits_since
from placement.registrations.case_summary import brief_person
from placement.registrations.next_look import (
    NEVER,
    NOT_REACHED,
    URGENT_AFTER,
    LastLook,
    last_looks,
    next_look,
    without_a_bed,
)
from placement.storage import field_sealing
from placement.tables import Decision, Hold, Registration, RegistrationLink, Stay
from placement.tasks.misfit_tasks import of_places
from placement.tasks.stay_tasks import arrival_task, hold_task, of_stays
from placement.tasks.task import Task, TaskKind, WaitingDecision

LINKS = Rows(RegistrationLink, true())
SEARCH = "search"
"""The cause of tasks about requests to end a search. It distinguishes them from tasks about other requests for a second
person.
"""
BEFORE_A_BIRTH = timedelta(days=28)
"""The time before the expected day of a birth from which the birth is a task (assumed)."""

_ALIVE = frozenset(status for status in RegistrationStatus if status.is_sought_for or status.is_kept_for)


@dataclass(frozen=True, slots=True)
class Arrival:
    registration: str
    place: str
    agreed: ArrivalDetails


@dataclass(frozen=True, slots=True)
class Board:
    """The tasks about cases, unsorted; the clients who are still expected, earliest first; and the cases by id."""

    tasks: tuple[Task, ...]
    arrivals: tuple[Arrival, ...]
    cases: Mapping[str, Registration]


def in_order(act: Act, tasks: Iterable[Task]) -> list[Task]:
    """Returns the tasks in order: first missing clients, then provisional decisions, then other decisions. (The answer
    to a decision uses or frees a kept bed.) All other tasks follow by urgency, and then by due time.
    """
    return sorted(tasks, key=lambda one: (*one.rank, one.due or one.since or act.at, one.key))


def of_cases(act: Act) -> Board:
    """Returns the tasks about the cases that this actor sees, and the clients who are still expected."""
    known = _cases(act)
    cases = {case.id: case for case in known if case.status in _ALIVE}
    newest, decisions = _newest_holds(act, cases)
    places = place_names.places(act.session)
    lost = {
        key
        for key, case in cases.items()
        if case.known("place_lost_at") or (key not in newest and case.known("taken_over_on"))
    }
    looks = last_looks(act.session, [key for key, case in cases.items() if case.status.is_sought_for])
    found = _Found(act, cases, newest, decisions, _stays_broken_off(act, lost), looks, places)
    arrivals = sorted(found.arrivals(), key=lambda one: (one.agreed.expected_at or act.at, one.registration))
    housed = in_house(act)
    others = (_turning_18, _births, _alike, _ends_of_searches)
    areas = {case.id: case.region for case in known}
    tasks = (
        *_whereabouts(act, known, places),
        *found.tasks(),
        *_damaged_stays(known, housed),
        *found.not_reached(),
        *(task for of in others for task in of(act, known)),
        *of_places(act, known, housed, found.kept()),
        *(replace(task, area=areas.get(task.registration or "")) for task in of_stays(act, housed)),
    )
    return Board(tasks, tuple(arrivals), {case.id: case for case in known})


def _whereabouts(act: Act, known: Sequence[Registration], places: Mapping[str, str]) -> Iterator[Task]:
    """Yields a task for each search, and for each missing client whose record is unreadable."""
    searched = [(case, case.open_searches) for case in known if case.is_searched_for]
    ids = {one.stay for _, searches in searched for one in searches}
    stays = {stay.id: stay for stay in act.session.exec(select(Stay).where(col(Stay.id).in_(ids)))} if ids else {}
    for case, searches in searched:
        if not searches:
            yield replace(Task.of_case(TaskKind.WHEREABOUTS, case, about=case.id), urgency=int(Urgency.TONIGHT))
        for one in searches:
            unit = stays[one.stay].unit_id
            place = places[unit] if is_readable(unit) else None
            some = () if one.is_whole else tuple(brief_person(person, act.day) for person in one.persons)
            yield replace(Task.of_search(case, one, act.at), place=place, persons=some)


def _ends_of_searches(act: Act, known: Sequence[Registration]) -> Iterator[Task]:
    """Yields a task for each request to end a search for a minor. A person of the desk other than the requester has to
    answer.
    """
    if act.actor.role.is_person and not Permission.WHEREABOUTS_ANSWER.is_of(act.actor):
        return
    for case in known:
        for one in case.open_searches:
            asked = one.stop_asked
            if asked is not None and asked.by != act.actor.id:
                of_search = TaskKind.SECOND_PERSON, case, asked.at
                yield Task.of_case(*of_search, cause=SEARCH, about=one.id, asked_by=asked.by)


def _damaged_stays(known: Iterable[Registration], housed: Iterable[StayWithClock]) -> Iterator[Task]:
    """Yields a task for each resident whose place or arrival is unreadable."""
    damaged = {one.stay.registration_id for one in housed if is_damaged(one.stay.unit_id)}
    for case in known:
        if case.id in damaged and case.status is RegistrationStatus.PLACED:
            yield Task.of_case(TaskKind.UNREADABLE, case)


def _cases(act: Act) -> Sequence[Registration]:
    """Returns the cases of clients who wait, have a held bed, live in a shelter, or are missing."""
    wanted = col(Registration.status).in_([*_ALIVE, RegistrationStatus.PLACED, RegistrationStatus.MISSING])
    return act.session.exec(scoped_queries.registrations_of(act.actor).where(wanted)).all()


def _turning_18(act: Act, known: Sequence[Registration]) -> Iterator[Task]:
    """Yields a task for each case in which a minor turns 18 today. Leaves out cases with a missing key, which already
    have another task.
    """
    for case in known:
        if any(person.adult_on == act.day for person in case.known("persons") or ()):
            yield Task.of_case(TaskKind.ADULT, case, start_of(act.day))


def _births(act: Act, known: Sequence[Registration]) -> Iterator[Task]:
    """Yields a task for each case with an expected birth. The task begins `BEFORE_A_BIRTH` before the expected day, and
    lasts until that day is changed or removed.
    """
    for case in known:
        expected = case.known("expected_birth")
        if expected is not None and expected - BEFORE_A_BIRTH <= act.day:
            yield Task.of_case(TaskKind.BIRTH, case, due=start_of(expected))


def _alike(act: Act, known: Sequence[Registration]) -> Iterator[Task]:
    """Yields a task for each client who seems to be registered in two areas, until the desk records the relation of the
    cases. Only the desk gets these tasks.
    """
    if act.actor.role.sees is not Sees.ALL:
        return
    links = (row.content for row in rows_of(act.session, LINKS) if is_readable(row.content))
    asked = [said for said in links if said.kind is LinkKind.ASKED]
    since = {said.one: said.at for said in sorted(asked, key=lambda said: said.at, reverse=True)}
    for case in known:
        if case.id in since:
            yield Task.of_case(TaskKind.ALIKE, case, since[case.id])


def _newest_holds(act: Act, cases: Collection[str]) -> tuple[dict[str, tuple[Hold, Stay | None]], dict[str, Decision]]:
    """Returns two mappings. The first has, for each case, the hold that keeps a place, or otherwise the last hold, each
    with its stay. The second has, by id, each decision whose beds are kept for a client who has not arrived.
    """
    is_live = or_(col(Hold.status).in_(KEPT), col(Stay.status) == StayStatus.PLANNED)
    live = and_(col(Decision.id) == Hold.decision_id, is_live)
    held = (
        select(Hold, Stay, Decision)
        .join(Stay, col(Stay.hold_id) == Hold.id, isouter=True)
        .join(Decision, live, isouter=True)
        .where(col(Hold.registration_id).in_(cases))
        .order_by(col(Hold.made_at))
    )
    newest: dict[str, tuple[Hold, Stay | None]] = {}
    decisions: dict[str, Decision] = {}
    for hold, stay, decision in act.session.exec(held):
        if hold.registration_id not in newest or not is_kept(*newest[hold.registration_id]):
            newest[hold.registration_id] = hold, stay
        if decision is not None:
            decisions[decision.id] = decision
    return newest, decisions


def _stays_broken_off(act: Act, cases: Collection[str]) -> dict[str, Stay]:
    """Returns, for each case, its last stay that broke off."""
    if not cases:
        return {}
    lived_in = col(Stay.registration_id).in_(cases), col(Stay.end_reason).in_(LOSES_PLACE - {NO_SHOW})
    ended = select(Stay).where(*lived_in, Stay.status == StayStatus.ENDED).order_by(col(Stay.ended_on), Stay.id)
    return {stay.registration_id: stay for stay in act.session.exec(ended)}


@dataclass(frozen=True, slots=True)
class _Found:
    """Collects the tasks. `cases`: the cases that wait or have a held bed. `newest`: for each case, its last hold with
    the stay. `decisions`: the decisions with kept beds, by id. `broken_off`: for each case, the last stay that broke
    off. `looks`: the last proposals of each case for which a place is sought.
    """

    act: Act
    cases: Mapping[str, Registration]
    newest: Mapping[str, tuple[Hold, Stay | None]]
    decisions: Mapping[str, Decision]
    broken_off: Mapping[str, Stay]
    looks: Mapping[str, LastLook]
    places: Mapping[str, str]

    def kept(self) -> list[ReservedPlace]:
        """Returns the places kept for clients who have not arrived."""
        held = ((self.cases[case], *places) for case, places in self.newest.items())
        return [
            ReservedPlace(case, hold, self.decisions[hold.decision_id])
            for case, hold, stay in held
            if is_kept(hold, stay)
        ]

    def arrivals(self) -> Iterator[Arrival]:
        for hold, stay in self.newest.values():
            if stay is not None and stay.status is StayStatus.PLANNED and is_readable(hold.unit_id):
                yield Arrival(hold.registration_id, self.places[hold.unit_id], agreed_of(hold))

    def not_reached(self) -> Iterator[Task]:
        """Yields a task for each waiting client who could not be reached about a place, until a place is
        sought again.
        """
        for case in self.cases.values():
            if case.status is not RegistrationStatus.OPEN:
                continue
            hold, _ = self.newest.get(case.id, (None, None))
            look = self.looks.get(case.id, NEVER)
            if look.unreached_at is not None and look.unreached_at >= look.at:
                yield Task.of_case(TaskKind.UNREACHABLE, case, look.unreached_at)
            elif hold is not None and hold.reason == NOT_REACHED and hold.made_at >= look.at:
                yield Task.of_case(TaskKind.UNREACHABLE, case)

    def tasks(self) -> Iterator[Task]:
        missing = set(field_sealing.missing_keys(self.act.session, self.cases))
        for case in self.cases.values():
            hold, stay = self.newest.get(case.id, (None, None))
            places = None if hold is None else hold.unit_id, None if stay is None else stay.unit_id
            if case.id in missing or is_damaged(case.alias, case.content, *places):
                yield Task.of_case(TaskKind.UNREADABLE, case)
                if case.status.is_sought_for:
                    continue
            if case.is_in_doubt:
                yield replace(Task.of_case(TaskKind.DOUBT, case), urgency=int(Urgency.TONIGHT))
                if case.status.is_sought_for:
                    continue
            if hold is not None and case.status.is_kept_for:
                yield from self._of_hold(case, hold, stay)
                continue
            cause = _lost_by(hold, stay) if hold is not None else None
            look, lost_at = self.looks.get(case.id), case.known("place_lost_at")
            asked_at = None if look is None else look.offered_at
            if hold is not None and cause is not None and not _is_after(asked_at, lost_at, hold.made_at):
                said = missed_at(stay) if stay is not None else None
                place, turn = self.places[hold.unit_id], said.isoformat() if said is not None else ""
                since = said or _lost_at(hold)
                yield Task.of_case(
                    TaskKind.SEARCH_AGAIN, case, since, place=place, cause=cause, about=hold.id, turn=turn
                )
                continue
            lived = self.broken_off.get(case.id)
            if lived is not None and not _is_after(asked_at, lost_at):
                place, cause = self.places[lived.unit_id], lived.end_reason
                yield Task.of_case(TaskKind.SEARCH_AGAIN, case, place=place, cause=cause, about=lived.id)
                continue
            without = without_a_bed(waits_since(case), stay or lived)
            yield from self._of_waiting(case, without, without if look is None else max(without, look.at))

    def _of_waiting(self, case: Registration, without: datetime, looked_at: datetime) -> Iterator[Task]:
        """Yields the task of a waiting client. If the place is needed tonight, the task begins an hour after the client
        lost the bed. Otherwise it begins when it is time to search again. `without`: the time since which the client
        has no bed.
        """
        again_at, at = next_look(duty_of(self.act.settings), case, looked_at), self.act.at
        if case.urgency == Urgency.TONIGHT:
            if without <= at - URGENT_AFTER:
                yield Task.of_case(TaskKind.URGENT, case, without, again_at)
        elif again_at <= at:
            due = end_of(case.needed_by)
            task = Task.of_case(TaskKind.STILL_WAITING, case, again_at, due, turn=again_at.isoformat())
            yield replace(task, urgency=min(task.urgency, int(Urgency.DAYS))) if due < at else task

    def _of_hold(self, case: Registration, hold: Hold, stay: Stay | None) -> Iterator[Task]:
        is_open = is_readable(hold.unit_id, hold.asked_at, hold.expires_at, hold.expected_at)
        place = self.places[hold.unit_id] if is_open else None
        if hold.status is HoldStatus.RESERVED:
            one = self.decisions[hold.decision_id]
            waits = WaitingDecision(one.id, one.status, one.decided_by)
            due, unit = (hold.expires_at, hold.unit_id) if is_open else (None, None)
            kept: dict[str, object] = {"place": place, "unit": unit, "about": one.id, "decision": waits}
            yield Task.of_case(TaskKind.DECISION, case, one.decided_at, due, **kept)
        elif hold.status is HoldStatus.WAITING_FOR_SHELTER:
            yield replace(hold_task(hold, case.urgency, place, is_open=is_open), area=case.region)
        elif is_open and stay is not None and stay.status is StayStatus.PLANNED:
            yield replace(arrival_task(self.act, hold, case.urgency, place), area=case.region)


def _is_after(asked_at: datetime | None, lost_at: datetime | None, made_at: datetime | None = None) -> bool:
    """Checks whether another place was requested after the last loss of a place, and after this hold was made."""
    return asked_at is not None and (lost_at is None or lost_at <= asked_at) and (made_at is None or made_at < asked_at)


def _lost_by(hold: Hold, stay: Stay | None) -> str | None:
    """Returns the reason code of the loss of the place. Returns `None` if the place was not lost, or if its loss needs
    no task.
    """
    if stay is not None and hold.reason != SENT_BACK:
        return stay.end_reason if stay.end_reason in LOSES_PLACE else None
    lost = hold.status in {HoldStatus.REFUSED, HoldStatus.EXPIRED} or hold.reason == SENT_BACK
    return hold.reason if lost else None


def _lost_at(hold: Hold) -> datetime | None:
    if hold.status is HoldStatus.CONFIRMED:
        return None
    lost_at: datetime | None = hold.expires_at if hold.status is HoldStatus.EXPIRED else hold.answered_at
    return lost_at
