"""Queries from a place to its cases: from beds to their claims, and from claims to holds and stays.

A claim stores bed, hold and stay as pseudonyms, so no query can join these tables. Each step is a query for the
pseudonyms that the previous step found; the results are combined in memory.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import sqlalchemy
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from placement.core.codes import HoldStatus
from placement.tables import Bed, BedClaim, Hold, Location, Room, Unit
from placement.tables.columns import Condition

_WITHOUT_PLACES = sqlalchemy.select(
    *(getattr(BedClaim, name) for name in ("id", "bed_id", "registration_id", "person_id", "whole_room", "starts_on"))
)


STANDING = col(BedClaim.cancelled).is_(False), col(BedClaim.ends_on).is_(None)
"""The conditions of a claim on a bed that is kept for a client or occupied. A claim gets an end date only when it ends.
"""


@dataclass(frozen=True, slots=True)
class Claiming:
    """The ids of the holds and stays to which the found claims belong."""

    holds: frozenset[str]
    stays: frozenset[str]


def claims_on(session: Session, beds: Collection[int], *where: Condition) -> list[BedClaim]:
    """Returns the claims on these beds that fulfil the conditions, sorted by bed and first day."""
    return _in_order(session, col(BedClaim.bed_id).in_(beds), *where) if beds else []


def occupants(session: Session, *where: ColumnElement[bool]) -> list[Any]:
    """Returns all claims that fulfil the conditions, sorted like `claims_on`. Reads no hold, stay or last day."""
    return sorted(session.execute(_WITHOUT_PLACES.where(*where)), key=_order)


def claims_of_holds(session: Session, hold_ids: Collection[str], *where: Condition) -> list[BedClaim]:
    """Returns the claims of these holds, sorted by bed and first day."""
    return _in_order(session, col(BedClaim.hold_id).in_(hold_ids), *where) if hold_ids else []


def claims_of_stay(session: Session, stay_id: str) -> list[BedClaim]:
    return claims_of_stays(session, [stay_id])


def claims_of_stays(session: Session, stay_ids: Collection[str]) -> list[BedClaim]:
    return _in_order(session, col(BedClaim.stay_id).in_(stay_ids)) if stay_ids else []


def kept_for(session: Session, registration_id: str) -> frozenset[str]:
    """Returns the ids of the claims on beds that are kept for a registration but not occupied yet."""
    kept = col(Hold.status).in_((HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER))
    holds = session.exec(select(Hold.id).where(Hold.registration_id == registration_id, kept)).all()
    return frozenset(claim.id for claim in claims_of_holds(session, holds))


def all_claims(session: Session, *where: Condition) -> list[BedClaim]:
    return _in_order(session, *where)


def beds_of_rooms(session: Session, room_ids: Collection[str]) -> list[int]:
    return [
        bed or 0 for bed in session.exec(select(Bed.id).where(col(Bed.room_id).in_(room_ids)).order_by(col(Bed.id)))
    ]


def claiming_in_shelter(session: Session, shelter_id: str, *where: Condition) -> Claiming:
    """Returns the holds and stays with a claim on a bed in this shelter; without conditions, also past claims."""
    beds = select(Bed.id).join(Room).join(Unit).join(Location).where(Location.shelter_id == shelter_id)
    claims = select(BedClaim.hold_id, BedClaim.stay_id).where(col(BedClaim.bed_id).in_(session.exec(beds).all()))
    found = session.exec(claims.where(*where)).all()
    return Claiming(frozenset(hold for hold, _ in found if hold), frozenset(stay for _, stay in found if stay))


def _in_order(session: Session, *where: Condition) -> list[BedClaim]:
    found = session.exec(select(BedClaim).where(*where)).all()
    return sorted(found, key=_order)


class _Claim(Protocol):
    id: str
    bed_id: int
    starts_on: date


def _order(claim: _Claim) -> tuple[int, date, str]:
    return claim.bed_id, claim.starts_on, claim.id
