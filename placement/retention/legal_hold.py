"""Legal holds: nothing of a registration is erased while one is in force. Two persons of the desk make and lift it."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.accounts.second_person import first_person, require_another, require_second_person
from placement.core.codes import LegalHoldStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.ids import new_id
from placement.core.reason_codes import Step
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import begin, carry_out
from placement.lifecycles.moves import LegalHoldMove
from placement.storage import outage
from placement.tables import LegalHold

ANSWERED_WITHIN = timedelta(days=7)
"""A requested hold keeps everything at once; without a second person's answer it lapses after so long (assumed)."""

MORE_AFTER_OUTAGE = timedelta(days=1)
"""So much longer, besides the length of the outage, has a request that stood in it (assumed)."""

LOOKED_AT_WITHIN = timedelta(days=366)
"""The latest possible review date (assumed)."""

_STANDING = (LegalHoldStatus.STANDING, LegalHoldStatus.LIFT_ASKED)
LIVE = (LegalHoldStatus.ASKED, *_STANDING)


@needs(Permission.LEGAL_HOLD_ASK)
def ask(act: Act, registration_id: str, reason: str | None, review_on: date | None) -> LegalHold:
    """Requests that nothing of this registration be erased, with a coded reason and a review date."""
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
        id=new_id("L"),
        registration_id=registration_id,
        reason=coded.code,
        review_on=review_day,
        **first_person(act),
    )
    begin(act, asked, LegalHoldMove.ASK, reason=coded.code)
    act.session.add(asked)
    return asked


@needs(Permission.LEGAL_HOLD_ANSWER)
def answer(act: Act, registration_id: str, *, granted: bool, seen: LegalHoldStatus | None = None) -> LegalHold:
    """A second person grants or refuses what was requested, the hold or its lifting. `seen`: the status that the actor
    saw. Raises `Conflict` where it is another one now: who grants the hold must not lift it.
    """
    found = _of(act, registration_id)
    _require_seen(found.status, seen)
    if found.status is LegalHoldStatus.ASKED:
        require_another(act, found.asked_by, found)
        found.answered_at, found.answered_by = act.at, act.actor.id
        carry_out(act, found, LegalHoldMove.GRANT if granted else LegalHoldMove.REFUSE)
    elif found.status is LegalHoldStatus.LIFT_ASKED:
        require_another(act, found.lift_asked_by, found)
        if granted:  # what was kept can be erased from here on
            require_second_person(act, str(found.lift_asked_by), found, Permission.LEGAL_HOLD_LIFT)
            found.lifted_at, found.lifted_by = act.at, act.actor.id
        carry_out(act, found, LegalHoldMove.LIFT if granted else LegalHoldMove.KEEP)
    else:
        raise Conflict(LegalHoldMove.GRANT.refusal, status=found.status.value)
    return found


@needs(Permission.LEGAL_HOLD_LIFT)
def keep(act: Act, registration_id: str, review_on: date | None, *, seen: date | None = None) -> LegalHold:
    """Says that the hold was looked at and stays, until the next review date. One person may: nothing is erased.

    `seen`: the review date that the actor saw. Raises `Conflict` where it is another one now.
    """
    found = _of(act, registration_id)
    _require_seen(found.review_on, seen)
    found.review_on = _review_day(act, review_on)
    carry_out(act, found, LegalHoldMove.LOOK_AGAIN, review_on=found.review_on.isoformat())
    return found


@needs(Permission.LEGAL_HOLD_LIFT)
def lift(act: Act, registration_id: str) -> LegalHold:
    """Requests that the hold be lifted; a second person grants that."""
    found = _of(act, registration_id)
    carry_out(act, found, LegalHoldMove.ASK_LIFT)
    found.lift_asked_at, found.lift_asked_by, found.browser = act.at, act.actor.id, act.actor.browser
    return found


def lapse_due(act: Act) -> int:
    """Ends the requests that nobody granted in time; returns how many."""
    act = act.by_the_system()
    asked = col(LegalHold.status) == LegalHoldStatus.ASKED, is_too_old(act.session, act.at)
    found = act.session.exec(select(LegalHold).where(*asked).order_by(LegalHold.id).with_for_update()).all()
    for one in found:
        carry_out(act, one, LegalHoldMove.LAPSE)
    return len(found)


def is_too_old(session: Session, at: datetime) -> ColumnElement[bool]:
    """Whether a request was not granted in time. Nobody could grant it while the service was away."""
    asked_at, too_old = col(LegalHold.asked_at), col(LegalHold.asked_at) <= at - ANSWERED_WITHIN
    last = outage.last(session)
    if last is None:
        return too_old
    longer = ANSWERED_WITHIN + last.away + MORE_AFTER_OUTAGE
    return and_(too_old, or_(asked_at > last.back, asked_at <= at - longer))


def kept_registrations(session: Session, at: datetime) -> SelectOfScalar[str]:
    """The ids of the registrations of which nothing may be erased at this moment."""
    asked = and_(col(LegalHold.status) == LegalHoldStatus.ASKED, not_(is_too_old(session, at)))
    return select(LegalHold.registration_id).where(or_(col(LegalHold.status).in_(_STANDING), asked))


def newest_of(act: Act, registration_id: str) -> LegalHold | None:
    """The current legal hold of a registration, else the last one, with any status, if it has one. Raises `NotFound`
    for a registration that the actor does not see.
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
    """What was not granted in time lapses, whether or not it is requested again."""
    asked = col(LegalHold.status) == LegalHoldStatus.ASKED, LegalHold.registration_id == registration_id
    found = act.session.exec(select(LegalHold).where(*asked, is_too_old(act.session, act.at))).first()
    if found is not None:
        carry_out(act, found, LegalHoldMove.LAPSE)
        act.session.flush()
