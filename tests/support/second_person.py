"""Answers of a second person, in tests of the domain."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from sqlmodel import select

from placement.access.doubt_stop import stop_of
from placement.accounts.key_rotations import WAITS_FOR
from placement.core.codes import DecisionStatus
from placement.core.ids import new_id
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.doubt import release
from placement.second_person import requests
from placement.second_person.kinds import Answer
from placement.storage.watch import Check, Mark, watch_of
from placement.tables import Decision, SecondPersonRequest
from placement.tasks.second_person_kinds import KINDS
from tests.support.stores import AT
from tests.support.town import DESK


def grant(act, request_id, address=None, addresses=None, number=None):
    """Grants a request; returns it with the links that only this person sees, and the first of them."""
    granted, seen = requests.grant(act, KINDS, request_id, Answer(address, addresses or {}, number))
    links = seen if isinstance(seen, list) else []
    return SimpleNamespace(request=granted, made=next(iter(links), None), links=links)


def refuse(act, request_id):
    return requests.refuse(act, KINDS, request_id)


def withdraw(act, request_id):
    return requests.withdraw(act, KINDS, request_id)


def answer(act, request_id, *, granted, address=None):
    return grant(act, request_id, address).request if granted else refuse(act, request_id)


def answer_about(act, registration_id, *, granted):
    """Answers the newest request about a registration; its legal hold afterwards is `legal_hold.newest_of`."""
    row = SecondPersonRequest
    about = (
        select(row)
        .where(row.registration_id == registration_id)
        .order_by(row.status != "asked", row.asked_at.desc(), row.kind.desc())
    )
    return answer(act, act.session.exec(about).first().id, granted=granted)


def lapse(act):
    return requests.lapse_due(act, KINDS)


def waiting(act, *kinds):
    """Returns the ids of the requests that wait, the oldest first."""
    return [one.id for one in act.session.exec(requests.waiting(act, *(kinds or SecondPersonKind)))]


def asked_by_another(service, kind, facts, **more):
    """Makes such a request as another person of the desk, so that this person can grant it; returns its id."""
    times = {"asked_at": AT, "expires_at": AT + timedelta(days=999)}
    row = {"id": new_id("G"), "kind": kind, "status": SecondPersonStatus.ASKED, "facts": facts}
    with service.database.transaction() as session:
        session.add(SecondPersonRequest(**row, **more, **times, asked_by=service.second.account))
    return row["id"]


def rotation(at, asked_by="A-1", *, expires_at=None, granted=False):
    """Makes a request for new keys."""
    status = SecondPersonStatus.GRANTED if granted else SecondPersonStatus.ASKED
    until = expires_at or at + WAITS_FOR
    settled = {"settled_at": at, "settled_by": "A-2"} if granted else {}
    return SecondPersonRequest(
        id="Y-1", kind=SecondPersonKind.KEYS, status=status, facts={}, asked_by=asked_by, asked_at=at, expires_at=until,
        **settled,
    )  # fmt: skip


def ask_release(town):
    """Asks for a release of a log that lacks a line."""
    watch, at = watch_of(town.database.engine.dialect), town.at
    watch.state(town.database.audit_keys, Check(1, lost=Mark(10**6, "-"), since=at.isoformat()))
    return town.do(release.ask, actor=replace(DESK, verified_at=at))


def is_stopped(town, _):
    return town.do(lambda act: stop_of(act.session) is not None)


def grant_waiting(service, by):
    """Grants the request that waits, found past the API, which would write an audit event."""
    with service.database.transaction() as session:
        asked = session.exec(select(SecondPersonRequest.id).where(SecondPersonRequest.status == "asked")).one()
    by.made(f"/second-person-requests/{asked}/grant", {})


def disagreeing(act):
    """Decisions whose request is in another state; a decision that breaks no rule has no request."""
    rows = act.session.exec(select(SecondPersonRequest).where(SecondPersonRequest.kind == SecondPersonKind.DECISION))
    asked = {row.about: row for row in rows}
    decisions = act.session.exec(select(Decision)).all()
    assert set(asked) <= {one.id for one in decisions}
    return [(one.status, asked.get(one.id)) for one in decisions if not _agrees(one, asked.get(one.id))]


def _agrees(decision, request):
    if request is None:
        return not decision.broken and decision.status is not DecisionStatus.WAITING_FOR_SECOND
    answered = request.status in {SecondPersonStatus.GRANTED, SecondPersonStatus.REFUSED}
    by = request.settled_by if answered else None
    said_once = (decision.second_at, decision.second_by, decision.second_text) == (None, None, None)
    same = (request.asked_by, request.asked_at) == (decision.decided_by, decision.decided_at)
    return said_once and same and decision.answer.by == by and request.status in _WITH[decision.status]


_AFTERWARDS = frozenset({SecondPersonStatus.GRANTED})
"""What was granted and waits for the count of the shelter, or waited for it."""
_WITH = {
    DecisionStatus.WAITING_FOR_SECOND: {SecondPersonStatus.ASKED},
    DecisionStatus.REFUSED: {SecondPersonStatus.REFUSED},
    DecisionStatus.FINAL: _AFTERWARDS,
    DecisionStatus.WAITING_FOR_SHELTER: _AFTERWARDS,
    DecisionStatus.WITHDRAWN: _AFTERWARDS | {SecondPersonStatus.WITHDRAWN},
    DecisionStatus.LAPSED: _AFTERWARDS | {SecondPersonStatus.LAPSED},
}
