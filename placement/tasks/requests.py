"""Tasks that do not follow from the state of a case: requests for a second person, anomalies, questions to shelters,
closing places, expiring keys, reviews of broken rules, and provisional decisions. A single statement finds all of them
for every reader. Anomalies need a second statement, because their rule is sealed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import col

from placement.access.case_access import is_to_look_at
from placement.access.permissions import Permission
from placement.accounts import recertification
from placement.accounts.api_keys import ENDS_SOON, is_replaced
from placement.audit.anomaly_review import unreviewed
from placement.core.clock import start_of
from placement.core.codes import DecisionStatus, LegalHoldStatus, Sees, Urgency
from placement.core.context import Act
from placement.core.place_codes import LEAVES_BEFORE, PlaceStatus
from placement.core.second_person_codes import SecondPersonKind
from placement.duty.hours import duty_of
from placement.duty.on_call import desk_confirms_by
from placement.placements.decisions.decisions import OVERRIDE  # a waiting decision has its own task
from placement.retention.legal_hold import HOLD
from placement.second_person.requests import is_waiting
from placement.shelters.closing import inside
from placement.tables import (
    Account,
    Anomaly,
    ApiKey,
    Decision,
    Hold,
    LegalHold,
    Location,
    Organisation,
    ProfileQuestion,
    Room,
    SecondPersonRequest,
    Shelter,
    Stay,
    Unit,
)
from placement.tasks.second_person_kinds import KINDS
from placement.tasks.task import Task, TaskKind, Whose

_LAPSED_IS_TOLD_FOR = timedelta(days=7)
"""The time for which a lapsed request remains a task (assumed)."""
_LEAST = int(Urgency.CAN_WAIT)
_TONIGHT = int(Urgency.TONIGHT)
"""The urgency of an odd request for an address, because a client may be waiting."""
_NOTHING = cast(null(), String)
_NO_DAY = cast(null(), Date)
_PLACES: Mapping[str, type[Any]] = MappingProxyType(
    {"shelter": Shelter, "location": Location, "unit": Unit, "room": Room}
)

Query = Select[*tuple[object, ...]]
"""A query whose rows contain: kind, table or kind of request, id, since, due day, case, shelter, requester, unit."""


def waiting_beside_cases(act: Act) -> Iterator[Task]:
    """Yields the tasks of this reader that do not follow from the state of a case. Leaves out tasks about the reader's
    own requests. For the service itself, yields all such tasks.
    """
    yield from _odd_accesses(act)
    yield from _accounts_to_certify(act)
    queries = list(_queries(act))
    if not queries:
        return
    for code, table, about, since, until, case, shelter, asked_by, unit in act.session.execute(union_all(*queries)):
        if asked_by == act.actor.id:
            continue
        task = Task(
            _KINDS[code],
            case,
            _TONIGHT if table == SecondPersonKind.DISCLOSURE else _LEAST,
            since,
            None if until is None else start_of(until),
            cause=table,
            about=about,
            shelter=shelter,
            unit=unit,
            asked_by=asked_by,
            own=Whose.ADMIN if table in _OF_ADMINS else None,
        )
        if task.kind is TaskKind.CLOSING:
            place = act.session.get_one(_PLACES[table], about)
            if inside(act.session, place, act.day).is_empty:
                continue
            above = () if table == Shelter.__tablename__ else (act.session.get_one(Shelter, shelter).name,)
            task = replace(task, place=", ".join((place.name, *above)))
            yield replace(task, urgency=int(Urgency.DAYS)) if until <= act.day else task
        elif task.kind in _LOOKS:  # each new day makes a new task
            yield replace(task, since=start_of(until), due=None, turn=until.isoformat())
        elif task.kind is TaskKind.KEY_ENDS:
            if is_replaced(act.session, act.session.get_one(ApiKey, about), since):
                continue
            yield replace(task, since=None, due=since, place=act.session.get_one(Shelter, shelter).name)
        elif task.kind is TaskKind.PROVISIONAL:
            yield replace(task, due=desk_confirms_by(duty_of(act.settings), since))
        else:
            yield task


_LOOKS = frozenset({TaskKind.OVERRIDE, TaskKind.LEGAL_HOLD})
"""Kinds of tasks that are reviews. They begin on a certain day."""
_KINDS = {kind.value: kind for kind in TaskKind}
_OF_ADMINS = frozenset(one.code.value for one in KINDS.values() if Whose.ADMIN.value in one.grant.reach)


def _odd_accesses(act: Act) -> Iterator[Task]:
    """Yields a task for each rule and day with anomalies. A task contains all anomalies of the rule on that day,
    because a new installation has dozens at first.
    """
    if not (_sees_everything(act) or Permission.REVIEW_ACKNOWLEDGE.is_of(act.actor)):
        return
    for (rule, day), found in unreviewed(act.session).items():
        rows = tuple(one.id for one in found)
        since, about = found[0].found_at, f"{rule}.{day.isoformat()}"
        yield Task(TaskKind.ODD_ACCESS, None, _LEAST, since, cause=rule or None, about=about, rows=rows)


def _accounts_to_certify(act: Act) -> Iterator[Task]:
    """Yields a task for each account that this admin has to confirm. The task is due when the account lapses."""
    if not (_sees_everything(act) or Permission.ACCOUNT_CHANGE.is_of(act.actor)):
        return
    for account in recertification.to_certify(act):
        since = start_of(recertification.due_on(account) or act.day)
        due = since + recertification.LAPSES_AFTER
        yield Task(TaskKind.RECERTIFY, None, _LEAST, since, due, about=account.id, turn=since.isoformat())


def _sees_everything(act: Act) -> bool:
    return act.actor.role.is_person is False and act.actor.role.sees is Sees.ALL


def _queries(act: Act) -> Iterator[Query]:
    everything = _sees_everything(act)
    answered = (one for one in KINDS.values() if one is not OVERRIDE and (everything or one.grant.is_of(act.actor)))
    kinds = {one.code for one in answered}
    if Permission.REVIEW_ACKNOWLEDGE.is_of(act.actor):
        kinds.add(SecondPersonKind.DISCLOSURE)  # an auditor owns odd requests too
    asked = _of(
        TaskKind.SECOND_PERSON,
        SecondPersonRequest,
        SecondPersonRequest.asked_at,
        cause=SecondPersonRequest.kind,
        case=SecondPersonRequest.registration_id,
        shelter=SecondPersonRequest.shelter_id,
        by=SecondPersonRequest.asked_by,
    )
    yield asked.where(col(SecondPersonRequest.kind).in_(kinds), is_waiting(act.session, act.at))
    if everything or HOLD.grant.is_of(act.actor):
        yield from _of_legal_holds(act)
    if everything or Permission.DECISION_CONFIRM.is_of(act.actor):
        yield _overrides(act.day)
        carried_out = _of(TaskKind.PROVISIONAL, Decision, Decision.decided_at, case=Decision.registration_id)
        yield carried_out.where(col(Decision.status) == DecisionStatus.PROVISIONAL)
    if everything or act.actor.shelter_id is not None or Permission.REGISTER_CHANGE.is_of(act.actor):
        yield from _of_shelters(act.actor.shelter_id, act.day)
        yield _ending_keys(act)


def _of_legal_holds(act: Act) -> Iterator[Query]:
    """Yields two queries: legal holds that must be reviewed, and requests for a legal hold that lapsed in the last
    week. The requester of a lapsed request has no other notification, and may repeat it.
    """
    status, asked_at = col(LegalHold.status), col(LegalHold.asked_at)
    reviewed = _of(
        TaskKind.LEGAL_HOLD, LegalHold, LegalHold.asked_at, until=LegalHold.review_on, case=LegalHold.registration_id
    )
    yield reviewed.where(status == LegalHoldStatus.STANDING, col(LegalHold.review_on) <= act.day)
    later = aliased(LegalHold)
    again = exists().where(col(later.registration_id) == col(LegalHold.registration_id), col(later.asked_at) > asked_at)
    of_hold = col(SecondPersonRequest.about) == col(LegalHold.id), col(SecondPersonRequest.kind) == HOLD.code
    ended_at = func.coalesce(col(SecondPersonRequest.settled_at), col(SecondPersonRequest.expires_at))
    too_late = exists().where(*of_hold, ended_at > act.at - _LAPSED_IS_TOLD_FOR, not_(is_waiting(act.session, act.at)))
    lapsed = _of(TaskKind.LEGAL_HOLD_LAPSED, LegalHold, LegalHold.asked_at, case=LegalHold.registration_id)
    yield lapsed.where(status.in_([LegalHoldStatus.ASKED, LegalHoldStatus.LAPSED]), too_late, ~again)


def _overrides(day: date) -> Query:
    """Returns a query for decisions that broke a safety rule and must be reviewed, if their place is still used."""
    found = _of(
        TaskKind.OVERRIDE, Decision, Decision.decided_at, until=Decision.review_on, case=Decision.registration_id
    )
    joined = found.join(Hold, col(Hold.decision_id) == Decision.id).join(Stay, col(Stay.hold_id) == Hold.id)
    return joined.where(*is_to_look_at(day))


def _of_shelters(shelter_id: str | None, day: date) -> Iterator[Query]:
    """Yields queries that find questions about profiles, and places that close soon: of this shelter or, without
    `shelter_id`, of all shelters.
    """
    here = () if shelter_id is None else (col(Shelter.id) == shelter_id,)
    of_unit = (Unit, Location, Shelter)
    asked = _of(TaskKind.PROFILE_QUESTION, ProfileQuestion, ProfileQuestion.asked_at, shelter=Shelter.id, unit=Unit.id)
    for part in of_unit:
        asked = asked.join(part)
    yield asked.where(col(ProfileQuestion.answered_at).is_(None), *here)
    for above, table in ((), Shelter), ((Shelter,), Location), ((Location, Shelter), Unit), (of_unit, Room):
        status, last = col(table.status), func.coalesce(col(table.closes_on), col(table.open_until))
        found = _of(TaskKind.CLOSING, table, _NO_MOMENT, until=last, shelter=Shelter.id)
        for part in above:
            found = found.join(part)
        is_near = and_(status == PlaceStatus.OPEN, col(table.open_until) <= day + LEAVES_BEFORE)
        yield found.where(or_(status == PlaceStatus.CLOSING, is_near), *here)


def _ending_keys(act: Act) -> Query:
    """Returns a query for used keys of shelters' software that expire soon, have expired recently, or ended because the
    person who made them left. Without such a task the software would stop, and nobody would be notified.
    """
    key, works_there = ApiKey, aliased(Account)
    until, last = act.at + ENDS_SOON, act.at - ENDS_SOON
    ends = func.coalesce(col(key.revoked_at), col(key.expires_at))
    there = (
        exists()
        .where(col(works_there.id) == col(key.made_by), col(works_there.disabled_at).is_(None))
        .where(col(Organisation.id) == col(works_there.organisation_id))
        .where(col(Organisation.shelter_id) == col(key.shelter_id))
    )
    by_itself = and_(col(key.revoked_at).is_(None), col(key.expires_at) > last, col(key.expires_at) <= until)
    maker_left = and_(col(key.revoked_at) > last, col(key.made_by).is_not(None), ~there)
    found = _of(TaskKind.KEY_ENDS, key, ends, shelter=key.shelter_id).where(col(key.shelter_id).is_not(None))
    here = () if act.actor.shelter_id is None else (col(key.shelter_id) == act.actor.shelter_id,)
    return found.where(col(key.last_used_on).is_not(None), or_(by_itself, maker_left), *here)


_NO_MOMENT: ColumnElement[object] = cast(null(), Anomaly.__table__.c.found_at.type)  # type: ignore[attr-defined]  # of SQLModel


def _of(
    kind: TaskKind,
    table: Any,
    since: datetime | SQLCoreOperations[object],
    *,
    until: date | SQLCoreOperations[object] | None = None,
    case: str | None = None,
    shelter: str | None = None,
    by: str | SQLCoreOperations[object] | None = None,
    unit: str | None = None,
    cause: SQLCoreOperations[object] | str | None = None,
) -> Query:
    named = literal(table.__tablename__, String) if cause is None else cast(cause, String)
    what = literal(kind.value, String), named, col(table.id)
    when = since, _NO_DAY if until is None else until
    who = (_NOTHING if one is None else one for one in (case, shelter, by, unit))
    columns: tuple[Any, ...] = (*what, *when, *who)
    return select(*columns).select_from(table)
