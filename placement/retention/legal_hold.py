"""Legal holds. A legal hold prevents the erasure of a registration. Making a legal hold and lifting it each need two
persons of the desk.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import and_, not_, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.core.codes import LegalHoldStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.ids import new_id
from placement.core.reason_codes import Step
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import begin, carry_out
from placement.lifecycles.moves import LegalHoldMove, SecondPersonMove
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.storage import sealed_session
from placement.tables import LegalHold, SecondPersonRequest

ANSWERED_WITHIN = timedelta(days=7)
"""The time within which the second person must answer (assumed). A requested legal hold prevents erasure at once.
Without an answer in this time, the request lapses.
"""

LOOKED_AT_WITHIN = timedelta(days=366)
"""The longest possible time from today to the review date (assumed)."""

_STANDING = (LegalHoldStatus.STANDING, LegalHoldStatus.LIFT_ASKED)
LIVE = frozenset({LegalHoldStatus.ASKED, *_STANDING})


@needs(Permission.LEGAL_HOLD_ASK)
def ask(act: Act, registration_id: str, reason: str | None, review_on: date | None) -> LegalHold:
    """Requests a legal hold, with a coded reason and a review date. From now on, nothing of this registration is
    erased.
    """
    registration = scoped_queries.known_registration(act.session, act.actor, registration_id, lock=True)
    coded = reason_for(act, Step.LEGAL_HOLD, reason, None)
    review_day = _review_day(act, review_on)
    if registration.content_erased_at is not None:
        raise Conflict("content_erased")
    _lapse(act, registration_id)
    live = live_of(act, registration_id)
    if live is not None:
        raise Conflict("legal_hold_stands", status=live.status.value)
    asked = LegalHold(
        id=new_id("L"), registration_id=registration_id, reason=coded.code, review_on=review_day, asked_at=act.at
    )
    begin(act, asked, LegalHoldMove.ASK)
    act.session.add(asked)
    _ask(act, HOLD, asked)
    return asked


@needs(Permission.LEGAL_HOLD_LIFT)
def keep(act: Act, registration_id: str, review_on: date | None, *, seen: date | None = None) -> LegalHold:
    """Sets the next review date of a legal hold. A single person may do this, because nothing is erased. `seen`: the
    review date that the actor saw. Raises `Conflict` if the review date has changed since.
    """
    found = _of(act, registration_id)
    _require_seen(found.review_on, seen)
    found.review_on = _review_day(act, review_on)
    carry_out(act, found, LegalHoldMove.LOOK_AGAIN, review_on=found.review_on.isoformat())
    return found


@needs(Permission.LEGAL_HOLD_LIFT)
def lift(act: Act, registration_id: str) -> LegalHold:
    """Requests that a legal hold is lifted. A second person must grant the request."""
    found = _of(act, registration_id)
    carry_out(act, found, LegalHoldMove.ASK_LIFT)
    _ask(act, LIFTING, found)
    return found


def kept_registrations(session: Session, at: datetime) -> SelectOfScalar[str]:
    """Returns a query for the registrations that may not be erased at this time."""
    in_time = select(SecondPersonRequest.about).where(
        SecondPersonRequest.kind == SecondPersonKind.LEGAL_HOLD, requests.is_waiting(session, at)
    )
    asked = and_(col(LegalHold.status) == LegalHoldStatus.ASKED, col(LegalHold.id).in_(in_time))
    doubted = col(LegalHold.id).in_(sealed_session.doubted(session, LegalHold))
    return select(LegalHold.registration_id).where(or_(col(LegalHold.status).in_(_STANDING), asked, doubted))


def persons_of(session: Session, holds: Iterable[LegalHold]) -> dict[str, dict[str, str | None]]:
    """Returns, for each legal hold, who requested it, who answered the request, who requested its lifting, and who
    lifted it.
    """
    found: dict[str, dict[str, str | None]] = {one.id: dict.fromkeys(_PERSONS) for one in holds}
    about = col(SecondPersonRequest.about).in_(found), col(SecondPersonRequest.registration_id).is_not(None)
    for one in session.exec(select(SecondPersonRequest).where(*about).order_by(col(SecondPersonRequest.asked_at))):
        names = _PERSONS[:2] if one.kind is HOLD.code else _PERSONS[2:]
        counts = one.status.is_answer if one.kind is HOLD.code else one.status is SecondPersonStatus.GRANTED
        by = one.settled_by if counts else None
        found[str(one.about)] |= dict(zip(names, (one.asked_by, by), strict=True))
    return found


def newest_of(act: Act, registration_id: str) -> LegalHold | None:
    """Returns the current legal hold of a registration. Without a current legal hold, returns the last legal hold.
    Raises `NotFound` if the actor may not see the registration.
    """
    scoped_queries.known_registration(act.session, act.actor, registration_id)
    query = select(LegalHold).where(LegalHold.registration_id == registration_id)
    newest = query.order_by(col(LegalHold.asked_at).desc(), LegalHold.id).limit(1)
    return live_of(act, registration_id) or act.session.exec(newest).first()


def _of(act: Act, registration_id: str) -> LegalHold:
    scoped_queries.known_registration(act.session, act.actor, registration_id, lock=True)
    _lapse(act, registration_id)
    found = newest_of(act, registration_id)
    if found is None:
        raise NotFound
    return found


def _require_seen(now: object, seen: object | None) -> None:
    if seen is not None and seen != now:
        raise Conflict("legal_hold_otherwise")


def live_of(act: Act, registration_id: str) -> LegalHold | None:
    live = col(LegalHold.status).in_(LIVE)
    return act.session.exec(select(LegalHold).where(LegalHold.registration_id == registration_id, live)).first()


def _review_day(act: Act, review_on: date | None) -> date:
    if review_on is None:
        raise Invalid.at("review_on", "missing")
    if review_on <= act.day:
        raise Invalid.at("review_on", "day_passed", found=review_on.isoformat())
    if review_on > act.day + LOOKED_AT_WITHIN:
        raise Invalid.at("review_on", "review_too_far", days=LOOKED_AT_WITHIN.days)
    return review_on


def _lapse(act: Act, registration_id: str) -> None:
    """Ends a request that was not granted in time, so that a new request is possible."""
    live = live_of(act, registration_id)
    if live is None or live.status is not LegalHoldStatus.ASKED:
        return
    about = SecondPersonRequest.about == live.id, SecondPersonRequest.status == SecondPersonStatus.ASKED
    asked = select(SecondPersonRequest).where(*about, not_(requests.is_waiting(act.session, act.at)))
    for found in act.session.exec(asked).all():
        requests.end(act.by_the_system(), HOLD, found, SecondPersonMove.LAPSE)
        act.session.flush()


def _ask(act: Act, kind: Kind, hold: LegalHold) -> None:
    facts = {"reason": hold.reason, "review_on": hold.review_on.isoformat()}
    requests.ask(act, kind, facts, about=hold.id, registration=hold.registration_id)


def _lock(act: Act, request: SecondPersonRequest) -> None:
    scoped_queries.known_registration(act.session, act.actor, str(request.registration_id), lock=True)


def _carry_out(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Carries out the answer of the second person. If a legal hold is lifted, the registration's data can be erased
    again.
    """
    _ = answer
    carry_out(act, act.session.get_one(LegalHold, str(request.about)), _GRANTED[request.kind])


def _ended(act: Act, request: SecondPersonRequest) -> None:
    move = LegalHoldMove.KEEP if request.kind is LIFTING.code else _DROPPED[request.status]
    carry_out(act, act.session.get_one(LegalHold, str(request.about)), move)


_PERSONS = ("asked_by", "answered_by", "lift_asked_by", "lifted_by")
_GRANTED = {SecondPersonKind.LEGAL_HOLD: LegalHoldMove.GRANT, SecondPersonKind.LIFTING: LegalHoldMove.LIFT}
_DROPPED = {
    SecondPersonStatus.REFUSED: LegalHoldMove.REFUSE,
    SecondPersonStatus.WITHDRAWN: LegalHoldMove.WITHDRAW,
    SecondPersonStatus.LAPSED: LegalHoldMove.LAPSE,
}
LIFTING = Kind(
    SecondPersonKind.LIFTING,
    ask=Permission.LEGAL_HOLD_LIFT,
    grant=Permission.LEGAL_HOLD_LIFT,
    read=Permission.LEGAL_HOLD_READ,
    waits_for=None,
    carry_out=_carry_out,
    ended=_ended,
    lock=_lock,
    logged=lambda request: {"reason": request.facts["reason"]},
    of_asker=True,
)
HOLD = replace(
    LIFTING,
    code=SecondPersonKind.LEGAL_HOLD,
    ask=Permission.LEGAL_HOLD_ASK,
    grant=Permission.LEGAL_HOLD_ASK,
    waits_for=ANSWERED_WITHIN,
    judged_alone=True,
)
