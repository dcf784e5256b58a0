"""The life cycle of a request for a second person. A request waits, and is then granted, refused, withdrawn
or lapsed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, false
from sqlmodel import Session, and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access import scoped_queries
from placement.access.permissions import Reach, require, require_running
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, NotAllowed, existing
from placement.core.ids import new_id
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.lifecycles.machine import begin, carry_out
from placement.lifecycles.moves import SecondPersonMove
from placement.second_person.kinds import Answer, Kind, Kinds
from placement.second_person.persons import require_another, require_second_person
from placement.storage import outage
from placement.tables import Registration, SecondPersonRequest

MORE_AFTER_OUTAGE = timedelta(days=1)
"""The extra time that a request gets if it waited during an outage (assumed). It is added to the duration of the
outage.
"""
MOST_LISTED = 200

_OUTLASTS = [kind for kind in SecondPersonKind if kind.outlasts_outage]


def ask(
    act: Act,
    kind: Kind,
    facts: Mapping[str, object],
    *,
    what: str | None = None,
    about: str | None = None,
    registration: str | None = None,
    shelter: str | None = None,
) -> SecondPersonRequest:
    """Stores a request. `facts`: its content, as JSON. `what`: the code of the act. `about`: the id of the object."""
    term = kind.waits_for(act) if callable(kind.waits_for) else kind.waits_for
    asked = SecondPersonRequest(
        id=new_id("G"),
        kind=kind.code,
        what=what,
        about=about,
        registration_id=registration,
        shelter_id=shelter,
        facts=dict(facts),
        asked_by=act.actor.key_id or act.actor.id,
        asked_at=act.at,
        browser=act.actor.browser,
        expires_at=None if term is None else act.at + term,
    )
    begin(act, asked, SecondPersonMove.ASK, registration=None, **_logged(kind, asked))
    act.session.add(asked)
    return asked


def is_waiting(session: Session, at: datetime) -> ColumnElement[bool]:
    """Returns the SQL condition for requests that can still be granted. Requests of some kinds wait longer after an
    outage.
    """
    expires_at = col(SecondPersonRequest.expires_at)
    lasts = [expires_at.is_(None), expires_at > at]
    if (last := outage.last(session)) is not None:
        stood_in_it = and_(col(SecondPersonRequest.kind).in_(_OUTLASTS), col(SecondPersonRequest.asked_at) <= last.back)
        lasts.append(and_(stood_in_it, expires_at > at - last.away - MORE_AFTER_OUTAGE))
    return and_(col(SecondPersonRequest.status) == SecondPersonStatus.ASKED, or_(*lasts))


def waiting(act: Act, *kinds: SecondPersonKind) -> SelectOfScalar[SecondPersonRequest]:
    """Returns a query for waiting requests of these kinds, oldest first."""
    found = select(SecondPersonRequest).where(col(SecondPersonRequest.kind).in_(kinds))
    in_turn = found.order_by(col(SecondPersonRequest.asked_at), SecondPersonRequest.id)
    return in_turn.where(is_waiting(act.session, act.at))


def listed(act: Act, kinds: Kinds, *, settled: bool = False) -> Sequence[SecondPersonRequest]:
    """Returns the requests that the actor may read and that wait for an answer or for the operator, oldest first.
    `settled`: if true, also returns settled requests, newest first.
    """
    found = select(SecondPersonRequest).where(_seen(act, kinds))
    asked_at = col(SecondPersonRequest.asked_at)
    if settled:
        found = found.order_by(asked_at.desc(), SecondPersonRequest.id)
    else:
        open_ = or_(is_waiting(act.session, act.at), is_for_operator(kinds, act.at))
        found = found.where(open_).order_by(asked_at, SecondPersonRequest.id)
    rows = act.session.exec(found.limit(MOST_LISTED)).all()
    cases = [row.registration_id for row in rows if row.registration_id]
    audit_log.write(act, Event.SECOND_PERSON_LISTED, shown=cases, count=len(rows))
    return rows


def read(act: Act, kinds: Kinds, request_id: str) -> SecondPersonRequest:
    """Returns a request, and writes an audit event. Raises `NotFound` if the actor may not read the request."""
    found, _ = _found(act, kinds, request_id, lock=False)
    audit_log.write(act, Event.SECOND_PERSON_READ, registration=found.registration_id, subject=found.id)
    return found


def grant(act: Act, kinds: Kinds, request_id: str, answer: Answer) -> tuple[SecondPersonRequest, object]:
    """Grants a request, and carries it out unless the operator must do so. Also returns a result, only for the granter.

    Raises `NotFound` if the actor may not read the request, and `NotAllowed` if the role may not grant it. Raises
    `Conflict` if the actor is not a valid second person, or if the request does not wait any more. Also raises the
    errors of `kind.check` and `kind.carry_out`.
    """
    found, kind = _found(act, kinds, request_id)
    require(act.actor, kind.grant)
    require_running(act, kind.grant)
    require_waiting(act, found)
    if kind.judged_alone:
        require_another(act, found.asked_by, found)
    else:
        require_second_person(act, found.asked_by, found, kind.ask)
    kind.check(act, found)
    if kind.operator_within is not None:
        found.expires_at = act.at + kind.operator_within
    _settle(act, kind, found, SecondPersonMove.GRANT)
    return found, kind.carry_out(act, found, answer) if kind.carry_out else None


def refuse(act: Act, kinds: Kinds, request_id: str, text: str | None = None) -> SecondPersonRequest:
    """Refuses a request, even if the requester has left. Raises the errors of `grant`. `text`: the reason, for a
    request about a case.
    """
    found, kind = _found(act, kinds, request_id)
    require(act.actor, kind.grant)
    require_waiting(act, found)
    require_another(act, found.asked_by, found)
    found.text = text
    end(act, kind, found, SecondPersonMove.REFUSE)
    return found


def withdraw(act: Act, kinds: Kinds, request_id: str) -> SecondPersonRequest:
    """Withdraws a request of the actor or of another person. A granted request can be withdrawn until the operator has
    begun it. Raises `NotAllowed` if only the requester may withdraw it, and `Conflict` if it is settled.
    """
    found, kind = _found(act, kinds, request_id)
    require(act.actor, kind.ask)
    if kind.of_asker and found.asked_by != act.actor.id:
        raise NotAllowed("asker_needed")
    if not is_open(act, kind, found):
        raise Conflict(SecondPersonMove.WITHDRAW.refusal, status=found.status.value)
    end(act, kind, found, SecondPersonMove.WITHDRAW)
    return found


def lapse_due(act: Act, kinds: Kinds) -> int:
    """Ends the requests that nobody answered in time. Returns the number of ended requests. Safe to run twice."""
    act = act.by_the_system()
    asked = col(SecondPersonRequest.status) == SecondPersonStatus.ASKED
    due = select(SecondPersonRequest.id).where(asked, ~is_waiting(act.session, act.at)).order_by(SecondPersonRequest.id)
    ended = 0
    for request_id in act.session.exec(due).all():
        found = existing(act.session.get(SecondPersonRequest, request_id))
        kind = kinds[found.kind]
        kind.lock(act, found)
        act.session.refresh(found, with_for_update=True)
        if found.status is SecondPersonStatus.ASKED:
            end(act, kind, found, SecondPersonMove.LAPSE)
            ended += 1
    return ended


def end(act: Act, kind: Kind, found: SecondPersonRequest, move: SecondPersonMove) -> None:
    """Ends a request that was not granted, and carries out the consequences that its kind declares."""
    _settle(act, kind, found, move)
    kind.ended(act, found)


def require_waiting(act: Act, found: SecondPersonRequest) -> None:
    """Raises `Conflict` if a request was settled or its time has passed, even if `lapse_due` has not ended it yet."""
    here = select(SecondPersonRequest.id).where(SecondPersonRequest.id == found.id, is_waiting(act.session, act.at))
    if act.session.exec(here).first() is None:
        raise Conflict(SecondPersonMove.GRANT.refusal, status=found.status.value)


def is_open(act: Act, kind: Kind, found: SecondPersonRequest) -> bool:
    """Checks whether a request waits for an answer, or for the operator."""
    is_asked = found.status is SecondPersonStatus.ASKED
    granted = found.status is SecondPersonStatus.GRANTED and kind.operator_within is not None
    is_over = found.expires_at is not None and found.expires_at <= act.at and not found.kind.outlasts_outage
    return (is_asked or (granted and found.begun_at is None and found.done_at is None)) and not is_over


def may_answer(act: Act, kind: Kind, found: SecondPersonRequest) -> bool:
    """Checks whether the actor can answer the request. The actor must be a person with the permission, and not the
    requester.
    """
    is_asked = found.status is SecondPersonStatus.ASKED and is_open(act, kind, found) and act.actor.key_id is None
    return is_asked and kind.grant.is_of(act.actor) and found.asked_by != act.actor.id


def may_withdraw(act: Act, kind: Kind, found: SecondPersonRequest) -> bool:
    theirs = not kind.of_asker or found.asked_by == act.actor.id
    return is_open(act, kind, found) and kind.ask.is_of(act.actor) and theirs


def is_for_operator(kinds: Kinds, at: datetime) -> ColumnElement[bool]:
    """Returns the SQL condition for granted requests that the operator must still carry out."""
    codes = [kind.code for kind in kinds.values() if kind.operator_within is not None]
    row = SecondPersonRequest
    granted = col(row.kind).in_(codes), col(row.status) == SecondPersonStatus.GRANTED, col(row.done_at).is_(None)
    return and_(*granted, or_(col(row.expires_at) > at, col(row.begun_at).is_not(None)))


def of_kind(act: Act, code: SecondPersonKind, request_id: str) -> SecondPersonRequest:
    """Returns a request of this kind, locked. Raises `NotFound` if there is no such request."""
    found = existing(act.session.get(SecondPersonRequest, request_id, with_for_update=True))
    return existing(found if found.kind is code else None)


def _seen(act: Act, kinds: Kinds) -> ColumnElement[bool]:
    """Returns the SQL condition for requests that the actor may read. If the actor's reach is `OWN`, these are the
    requests of the actor's shelter or regions. A key reads only its own requests.
    """
    row, parts, key_id = SecondPersonRequest, [], act.actor.key_id
    cases = scoped_queries.registrations_of(act.actor).with_only_columns(col(Registration.id))
    if key_id is not None:
        parts.append(col(row.asked_by) == key_id)
        kinds = {code: one for code, one in kinds.items() if not one.by_key and "read" in act.actor.scopes}
    for kind in kinds.values():
        reach = kind.read.reach_of(act.actor)
        of_own = or_(col(row.shelter_id) == (act.actor.shelter_id or ""), col(row.registration_id).in_(cases))
        own = () if reach is not Reach.OWN else (of_own,)
        parts += [and_(col(row.kind) == kind.code, *own)] if reach is not None else []
    return or_(false(), *parts)


def _found(act: Act, kinds: Kinds, request_id: str, *, lock: bool = True) -> tuple[SecondPersonRequest, Kind]:
    """Returns a request and its kind. Raises `NotFound` if the actor may not read the request. `lock`: if true, locks
    the subject first, and then the request.
    """
    here = select(SecondPersonRequest).where(SecondPersonRequest.id == request_id, _seen(act, kinds))
    found = existing(act.session.exec(here).first())
    if not lock:
        return found, kinds[found.kind]
    kinds[found.kind].lock(act, found)
    act.session.refresh(found, with_for_update=True)
    return found, kinds[found.kind]


def _settle(act: Act, kind: Kind, found: SecondPersonRequest, move: SecondPersonMove) -> None:
    found.settled_at, found.settled_by = act.at, None if move is SecondPersonMove.LAPSE else act.actor.id
    carry_out(act, found, move, registration=None, asked_by=found.asked_by, **_logged(kind, found))


def _logged(kind: Kind, found: SecondPersonRequest) -> dict[str, object]:
    facts = {"kind": found.kind.value, "what": found.what, "about": found.about, **kind.logged(found)}
    return {name: value for name, value in facts.items() if value is not None}
