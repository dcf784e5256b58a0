"""Places that are kept for clients who have not arrived, and changes of these places in the register."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.place_codes import RegisterKind
from placement.crypto.encrypted_columns import is_readable
from placement.storage.bed_claims import claims_of_holds
from placement.tables import Bed, Decision, Hold, Location, RegisterVersion, Registration, Stay, Unit

KEPT = (HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER)
"""The states of a hold before a stay is planned."""

LONGEST_ACT = timedelta(minutes=1)
"""The assumed maximum duration of a transaction. A change that began before a decision can be stored this long after
the decision.
"""

Changes = Mapping[tuple[RegisterKind, str], datetime]
"""The places that were changed in the register, each with the time of its last change."""


@dataclass(frozen=True, slots=True)
class ReservedPlace:
    """A place that is kept for a client who has not arrived, with the decision that chose it."""

    case: Registration
    row: Hold | Stay
    decision: Decision

    @property
    def hold_id(self) -> str:
        return str(self.row.id if isinstance(self.row, Hold) else self.row.hold_id)

    @property
    def is_readable(self) -> bool:
        return is_readable(self.case.content, self.row.unit_id) and bool(self.case.persons)


@dataclass(frozen=True, slots=True)
class Changed:
    """A kept place that was changed in the register. `of_rooms`: its rooms changed. `of_unit`: its unit, location or
    shelter changed.
    """

    kept: ReservedPlace
    of_unit: bool
    of_rooms: bool


def is_kept(hold: Hold, stay: Stay | None) -> bool:
    """Checks whether the beds of a hold are kept for a client who has not arrived."""
    return hold.status in KEPT or (stay is not None and stay.status is StayStatus.PLANNED)


def kept_for(act: Act, *cases: Registration) -> list[ReservedPlace]:
    """Returns the places kept for these clients: planned stays, and holds without a stay."""
    waiting = {case.id: case for case in cases if case.status.is_kept_for}
    if not waiting:
        return []
    planned = (col(Stay.hold_id) == Hold.id) & (col(Stay.status) == StayStatus.PLANNED)
    query = select(Hold, Stay, Decision).join(Decision).join(Stay, planned, isouter=True)
    live = or_(col(Hold.status).in_(KEPT), col(Stay.id).is_not(None))
    found = act.session.exec(query.where(col(Hold.registration_id).in_(waiting), live))
    return [ReservedPlace(waiting[hold.registration_id], stay or hold, decision) for hold, stay, decision in found]


def changed_since_decided(session: Session, kept: Collection[ReservedPlace]) -> list[Changed]:
    """Returns the places whose unit, location, shelter or rooms were changed in the register since the decision."""
    if not kept:
        return []
    changes = _changes(session, min(one.decision.decided_at for one in kept) - LONGEST_ACT)
    if not changes:
        return []
    above = _above(session, {one.row.unit_id for one in kept})
    rooms = _rooms(session, [one.hold_id for one in kept]) if _has_rooms(changes) else {}
    found = []
    for one in kept:
        since = one.decision.decided_at - LONGEST_ACT
        of_unit = any(changes.get(thing, since) > since for thing in above[one.row.unit_id])
        of_rooms = any(changes.get((RegisterKind.ROOM, room), since) > since for room in rooms.get(one.hold_id, ()))
        if of_unit or of_rooms:
            found.append(Changed(one, of_unit, of_rooms))
    return found


def _changes(session: Session, since: datetime) -> Changes:
    changed = select(RegisterVersion.kind, RegisterVersion.thing_id, RegisterVersion.at)
    rows = session.exec(changed.where(col(RegisterVersion.at) > since).order_by(col(RegisterVersion.id)))
    return {(RegisterKind(kind), thing): at for kind, thing, at in rows}


def _has_rooms(changes: Changes) -> bool:
    return any(kind is RegisterKind.ROOM for kind, _ in changes)


def _above(session: Session, units: Collection[str]) -> dict[str, tuple[tuple[RegisterKind, str], ...]]:
    """Returns, for each unit, the keys of the unit, its location and its shelter."""
    query = select(Unit.id, Unit.location_id, Location.shelter_id).join(Location).where(col(Unit.id).in_(units))
    kinds = RegisterKind.UNIT, RegisterKind.LOCATION, RegisterKind.SHELTER
    return {row[0]: tuple(zip(kinds, row, strict=True)) for row in session.exec(query).all()}


def _rooms(session: Session, hold_ids: Collection[str]) -> dict[str, set[str]]:
    claims = claims_of_holds(session, hold_ids)
    beds = select(Bed.id, Bed.room_id).where(col(Bed.id).in_({one.bed_id for one in claims}))
    room_of = dict(session.exec(beds).all())
    found: dict[str, set[str]] = {}
    for one in claims:
        found.setdefault(str(one.hold_id), set()).add(room_of[one.bed_id])
    return found
