"""A legal hold: nothing of a registration is erased while it stands. Two persons of the desk make it, and lift it."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_
from sqlmodel import col, select

from placement.access import scoped_queries as queries
from placement.audit import log as audit
from placement.audit.log import Event
from placement.core.codes import LegalHoldStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.ids import new_id
from placement.core.reason_codes import Step, reason_for
from placement.tables import LegalHold

ANSWERED_WITHIN = timedelta(days=7)
"""A hold that is asked for keeps everything at once; without a second person's word for so long it lapses (assumed)."""

LOOKED_AT_WITHIN = timedelta(days=366)
"""The furthest day on which it is looked at again (assumed)."""

_STANDING = (LegalHoldStatus.STANDING, LegalHoldStatus.LIFT_ASKED)
LIVE = (LegalHoldStatus.ASKED, *_STANDING)


def ask(act: Act, registration_id: str, reason: str | None, review_on: date | None) -> LegalHold:
    """Asks that nothing of this registration be erased, with a coded reason and the day of looking at it again."""
    registration = queries.known_registration(act.session, act.actor, registration_id, lock=True)
    coded = reason_for(Step.LEGAL_HOLD, reason, None)
    if review_on is None:
        raise Invalid.at("review_on", "missing")
    if review_on <= act.day:
        raise Invalid.at("review_on", "day_passed", found=review_on.isoformat())
    if review_on > act.day + LOOKED_AT_WITHIN:
        raise Invalid.at("review_on", "review_too_far", days=LOOKED_AT_WITHIN.days)
    if registration.content_erased_at is not None:
        raise Conflict("content_erased")
    _lapse(act, registration_id)
    live = _live(act, registration_id)
    if live is not None:
        raise Conflict("legal_hold_stands", status=live.status.value)
    asked = LegalHold(
        id=new_id("L"),
        registration_id=registration_id,
        status=LegalHoldStatus.ASKED,
        reason=coded.code,
        review_on=review_on,
        asked_at=act.at,
        asked_by=act.actor.id,
    )
    act.session.add(asked)
    audit.write(act, Event.LEGAL_HOLD_ASKED, registration=registration_id, subject=asked.id, reason=coded.code)
    return asked


def answer(act: Act, registration_id: str, *, granted: bool) -> LegalHold:
    """A second person grants what was asked, the hold or its lifting, or does not."""
    found = _of(act, registration_id)
    if found.status is LegalHoldStatus.ASKED:
        _require_another(act, found.asked_by)
        found.status = LegalHoldStatus.STANDING if granted else LegalHoldStatus.REFUSED
        found.answered_at, found.answered_by = act.at, act.actor.id
        event = Event.LEGAL_HOLD_GRANTED if granted else Event.LEGAL_HOLD_REFUSED
    elif found.status is LegalHoldStatus.LIFT_ASKED:
        _require_another(act, found.lift_asked_by)
        found.status = LegalHoldStatus.LIFTED if granted else LegalHoldStatus.STANDING
        if granted:
            found.lifted_at, found.lifted_by = act.at, act.actor.id
        event = Event.LEGAL_HOLD_LIFTED if granted else Event.LEGAL_HOLD_KEPT
    else:
        raise Conflict("legal_hold_not_waiting", status=found.status.value)
    audit.write(act, event, registration=registration_id, subject=found.id)
    return found


def lift(act: Act, registration_id: str) -> LegalHold:
    """Asks that the hold be lifted; a second person grants that."""
    found = _of(act, registration_id)
    if found.status is not LegalHoldStatus.STANDING:
        raise Conflict("legal_hold_not_standing")
    found.status = LegalHoldStatus.LIFT_ASKED
    found.lift_asked_at, found.lift_asked_by = act.at, act.actor.id
    audit.write(act, Event.LEGAL_HOLD_LIFT_ASKED, registration=registration_id, subject=found.id)
    return found


def kept_registrations(at: datetime) -> Select[Any]:
    """The ids of the registrations of which nothing may be erased at this moment."""
    return select(LegalHold.registration_id).where(
        or_(
            col(LegalHold.status).in_(_STANDING),
            and_(col(LegalHold.status) == LegalHoldStatus.ASKED, col(LegalHold.asked_at) > at - ANSWERED_WITHIN),
        )
    )


def newest_of(act: Act, registration_id: str) -> LegalHold:
    """The legal hold of a registration that lives, else the last, whatever became of it. Raises `NotFound`."""
    queries.known_registration(act.session, act.actor, registration_id)
    query = select(LegalHold).where(LegalHold.registration_id == registration_id)
    newest = query.order_by(col(LegalHold.asked_at).desc(), LegalHold.id).limit(1)
    found = _live(act, registration_id) or act.session.exec(newest).first()
    if found is None:
        raise NotFound
    return found


def _of(act: Act, registration_id: str) -> LegalHold:
    queries.known_registration(act.session, act.actor, registration_id, lock=True)
    _lapse(act, registration_id)
    return newest_of(act, registration_id)


def _live(act: Act, registration_id: str) -> LegalHold | None:
    live = col(LegalHold.status).in_(LIVE)
    return act.session.exec(select(LegalHold).where(LegalHold.registration_id == registration_id, live)).first()


def _lapse(act: Act, registration_id: str) -> None:
    """What nobody granted in time does not stand, whether or not somebody asks for it again."""
    asked = _live(act, registration_id)
    if asked is not None and asked.status is LegalHoldStatus.ASKED and asked.asked_at <= act.at - ANSWERED_WITHIN:
        asked.status = LegalHoldStatus.LAPSED
        act.session.flush()


def _require_another(act: Act, who: str | None) -> None:
    if act.actor.id == who:
        raise Conflict("second_person_needed")
