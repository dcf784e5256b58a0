"""Corrections of a count by the service itself, after a shelter refused a hold, and requests to the shelter to confirm
its count.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy import bindparam
from sqlmodel import col, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.room_state import room_states
from placement.core.codes import OutOfService
from placement.core.context import Act
from placement.tables import CapacityReport, Location, Room, RoomReport, Shelter, Unit

FURTHEST_FREE = timedelta(days=730)
"""The furthest day on which a bed can become free. A later day is treated as a typing error, because no stay lasts so
long (assumed).
"""

_UNITS = (
    select(Unit.id, Unit.name).join(Location).where(Location.shelter_id == bindparam("shelter_id")).order_by(Unit.id)
)


def correct_count(
    act: Act, unit_id: str, rooms: Sequence[str], *, closed: bool = False, until: date | None = None
) -> None:
    """Corrects a count after the shelter refused a hold. The claims of the hold have already ended. All free beds of
    these rooms are withheld until the shelter reports a new count. `closed`: true puts these beds out of service
    instead. `until`: the day on which they are in service again, if known.
    """

    def corrected(row: RoomReport, free: int) -> None:
        if not closed:
            row.withheld += free
            return
        still_out = 0 if row.out_until is not None and row.out_until <= act.day else row.out_of_service
        ends = until
        if still_out:  # beds that were out of service before must not be offered earlier
            ends = None if row.out_until is None or until is None else max(row.out_until, until)
        row.out_of_service = still_out + free
        row.out_reason, row.out_until = OutOfService.OTHER, ends

    _correct(act, unit_id, rooms, corrected)


def close_unit(act: Act, unit_id: str, until: date | None) -> None:
    """Marks the unit as closed to new clients until this day, even if beds become free earlier. Without a day,
    withholds its free beds until the shelter reports a new count.
    """
    rooms = list(act.session.exec(select(Room.id).where(Room.unit_id == unit_id).order_by(Room.id)))
    if until is None:
        correct_count(act, unit_id, rooms)
        return

    def corrected(row: RoomReport, free: int) -> None:
        _ = free
        row.free_from = max(until, row.free_from or until)

    _correct(act, unit_id, rooms, corrected)


def _correct(act: Act, unit_id: str, rooms: Sequence[str], corrected: Callable[[RoomReport, int], None]) -> None:
    """Stores a report that the shelter must confirm. Applies `corrected` to the given rooms; copies the others."""
    shelter = shelter_of_unit(act, unit_id)
    report = new_report(act, shelter.id, confirmed=False)
    for state in room_states(act.session, act.day, units=units_of(act, shelter.id)).values():
        if state.report is None:
            continue  # a room that was never reported stays without a report
        row = repeated(report, state.room.id, state.report, state.report.counted_in)
        if state.room.id in rooms:
            corrected(row, state.vacancy.free_beds)
        act.session.add(row)
    ask_to_confirm(act, shelter)
    audit_log.write(act, Event.CAPACITY_CORRECTED, subject=shelter.id, rooms=list(rooms))


def ask_to_confirm(act: Act, shelter: Shelter) -> None:
    """Asks the shelter to confirm its count. Stores only an audit event, because the request itself follows from the
    data (`confirmation.py`).
    """
    audit_log.write(act, Event.CONFIRMATION_ASKED, subject=shelter.id)


def new_report(act: Act, shelter_id: str, *, confirmed: bool = True) -> CapacityReport:
    """Adds a report of a locked shelter. The seal of the new report replaces the seal of the earlier report."""
    report = CapacityReport(shelter_id=shelter_id, at=act.at, reported_by=act.actor.id, confirmed=confirmed)
    act.session.add(report)
    act.session.flush()
    return report


def repeated(report: CapacityReport, room: str, last: RoomReport, counted_in: int | None = None) -> RoomReport:
    """Returns a copy of a room's row for a new report. Leaves out the shelter's own count of free beds, because its
    comparison with the service's number is valid only at the time of the count. `counted_in`: the earlier report with
    the count, if the count must keep its age.
    """
    return RoomReport(
        report_id=report.id or 0,
        room_id=room,
        out_of_service=last.out_of_service,
        out_reason=last.out_reason,
        out_until=last.out_until,
        other_use=last.other_use,
        free_from=last.free_from,
        withheld=last.withheld,
        counted_in=counted_in,
    )


def units_of(act: Act, shelter_id: str) -> dict[str, str]:
    """Returns the units of a shelter: their names by id, sorted."""
    return dict(act.session.execute(_UNITS, {"shelter_id": shelter_id}).all())


def latest_report(act: Act, shelter_id: str) -> CapacityReport | None:
    query = select(CapacityReport).where(CapacityReport.shelter_id == shelter_id)
    return act.session.exec(query.order_by(col(CapacityReport.id).desc()).limit(1)).first()


def shelter_of_unit(act: Act, unit_id: str) -> Shelter:
    query = select(Shelter).join(Location).join(Unit).where(Unit.id == unit_id)
    return act.session.exec(query).one()


def version_of(report: CapacityReport | None) -> int:
    """Returns the version of a shelter's rooms: the number of the newest report, or 0 without a report."""
    return 0 if report is None else report.id or 0
