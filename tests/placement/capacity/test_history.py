"""The free beds of past days follow from what had been reported by then, and from who lived there."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from placement.capacity.history import DAYS, free_beds
from placement.capacity.overview import country as country_overview
from placement.core.context import SYSTEM, Act
from placement.solver.snapshot import snapshot
from placement.tables import Bed, BedClaim, CapacityReport, Registration, Room, RoomReport, Stay, Unit
from tests.support.stores import AT, one_store


def report(session, shelter, at, out):
    """Stores a report of the shelter: how many beds of each of its rooms are out of service."""
    made = CapacityReport(shelter_id=shelter, at=at, reported_by="A-1")
    session.add(made)
    session.flush()
    for room, beds in out.items():
        session.add(RoomReport(report_id=made.id, room_id=room, out_of_service=beds))
    session.flush()


def test_history_of_a_day_uses_reports_up_to_its_end(country):
    with country.database.transaction() as session:
        act = Act(session, SYSTEM, AT + timedelta(days=40), country.settings)
        before = free_beds(act)
        unit = session.exec(select(Unit).order_by(Unit.id)).first()
        shelter = unit.id.split("-")[0]
        rooms = session.exec(select(Room).where(Room.unit_id == unit.id).order_by(Room.id)).all()
        beds = {room.id: len(session.exec(select(Bed).where(Bed.room_id == room.id)).all()) for room in rooms}
        report(session, shelter, act.at - timedelta(days=10), beds)  # nothing is free from then on
        report(session, shelter, act.at - timedelta(days=3), dict.fromkeys(beds, 0))
        after = free_beds(act)
    assert len(after.days) == DAYS
    assert after.days[-1] == act.day
    assert after.free[unit.id][:-11] == before.free[unit.id][:-11]
    assert after.free[unit.id][-11:-4] == (0,) * 7
    taken = set(after.free[unit.id][-4:])
    assert len(taken) == 1
    assert taken.pop() > 0
    assert {name: row for name, row in after.free.items() if name != unit.id} == {
        name: row for name, row in before.free.items() if name != unit.id
    }


def test_the_last_day_is_what_the_country_shows_now(country):
    with country.database.transaction() as session:
        act = Act(session, SYSTEM, AT, country.settings)
        history = free_beds(act)
        now = {row.unit.id: row.free_now for shelter in country_overview(act) for row in shelter.units}
    assert {unit: row[-1] or 0 for unit, row in history.free.items()} == now
    assert any(now.values())


def test_ended_stay_counts_for_its_days(country):
    with country.database.transaction() as session:
        act = Act(session, SYSTEM, AT + timedelta(days=40), country.settings)
        before = free_beds(act)
        unit, day = next((u, d) for u, row in before.free.items() for d in [20] if row[d])
        claimed = session.exec(select(BedClaim.bed_id).where(BedClaim.cancelled.is_(False))).all()
        room = select(Room.id).where(Room.unit_id == unit)
        bed = session.exec(select(Bed).where(Bed.room_id.in_(room), Bed.id.not_in(claimed)).order_by(Bed.id)).first()
        client = session.exec(select(Registration.id).where(Registration.status == "open")).first()
        first, last = before.days[18], before.days[22]
        session.add(
            Stay(id="Y-1", registration_id=client, unit_id=unit, status="ended", limit_on=last,
                 ended_on=last, end_reason="own_housing")
        )  # fmt: skip
        session.flush()
        session.add(BedClaim(bed_id=bed.id, stay_id="Y-1", registration_id=client, starts_on=first, ends_on=last))
        session.flush()
        after = free_beds(act)
    lost = [one - other for one, other in zip(before.free[unit], after.free[unit], strict=True) if one is not None]
    assert sum(lost) == 4
    assert after.free[unit][day] == before.free[unit][day] - 1


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("look", [free_beds, country_overview, snapshot])
def test_look_at_the_country_seeks_no_claim_in_all_of_them(town, look):
    """A past claim is found by the day on which it ended; no other past claim is read."""
    town.house(town.register())
    seen = []
    with town.act() as act:
        event.listen(town.database.engine, "before_cursor_execute", lambda *sent: seen.append(sent[2:4]))
        look(act)
        plans = [
            row[-1]
            for statement, given in list(seen)
            if "FROM bedclaim" in statement
            for row in act.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
    assert plans
