"""Engine problems about places that clients already have. With such a problem, the service checks whether the place
fits the client, today or in a former state.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from matching import PROBLEM_FORMAT, Problem, problem_of
from placement.capacity.room_state import rooms_read
from placement.core.codes import Freshness, Scheme
from placement.core.context import Act
from placement.core.geography import Cell
from placement.solver.snapshot import (
    Row,
    centre_of,
    high_care_in_units,
    housed_in,
    is_placed,
    location_rows,
    movers_of,
    registration_rows,
    room_row,
    unit_row,
)
from placement.solver.snapshot_groups import kept_apart
from placement.solver.snapshot_household import engine_household
from placement.tables import BedClaim, Registration, Unit


def units_beside(session: Session, unit_ids: Collection[str]) -> dict[str, tuple[Unit, Sequence[Unit]]]:
    """Returns, by id, each of these units together with all units at its location."""
    here = select(Unit.location_id).where(col(Unit.id).in_(unit_ids))
    there: defaultdict[str, list[Unit]] = defaultdict(list)
    for unit in session.exec(select(Unit).where(col(Unit.location_id).in_(here)).order_by(Unit.id)):
        there[unit.location_id].append(unit)
    return {unit.id: (unit, beside) for beside in there.values() for unit in beside if unit.id in unit_ids}


@dataclass(frozen=True, slots=True)
class Lodging:
    """A registration in a unit. `units`: all units at the unit's location. `claims`: claims on the registration's own
    beds, which count as free. `own_rooms`: the rooms that the registration may use; all other rooms count as full.
    """

    registration: Registration
    unit: Unit
    units: Sequence[Unit]
    claims: Collection[BedClaim] = ()
    own_rooms: Collection[str] | None = None


def problems_where_lived(act: Act, lodgings: Sequence[Lodging]) -> list[Problem]:
    """Returns a problem for each lodging. It contains the units at the lodging's location, and only the registration of
    the lodging waits.

    The first day of need is today at the earliest, because earlier beds do not matter. If no scheme is open to the
    registration, the unit's scheme is treated as open. If the key of the registration is missing, the problem contains
    no registration. The number of SQL statements does not depend on the number of lodgings.
    """
    if not lodgings:
        return []
    session, day = act.session, act.day
    read = rooms_read(session, day, sorted({unit.id for one in lodgings for unit in one.units}))
    locations, pairs = {row["id"]: row for row in location_rows(session)[0]}, kept_apart(session)
    found = []
    for one in lodgings:
        rooms = read.states([unit.id for unit in one.units], without={claim.id for claim in one.claims})
        housed, high_care = housed_in(rooms), high_care_in_units(rooms)
        admits = {unit.id: bool(unit.admits) for unit in one.units}
        cases = [case for case in (one.registration,) if is_placed(case)]
        movers = movers_of(cases, housed)
        own_children = {child for case in cases for child in engine_household(case.persons, day).own_children}
        rows = registration_rows(session, cases, day, housed=housed, else_open=one.unit.scheme, pairs=pairs)
        own = rooms.keys() if one.own_rooms is None else one.own_rooms
        problem = {
            "format": PROBLEM_FORMAT,
            "as_of": day.isoformat(),
            "policy": {},
            "locations": [locations[one.unit.location_id]],
            # no hard rule depends on the age of a count
            "units": [
                unit_row(unit, high_care, Freshness.FRESH, own_children) for unit in one.units if admits[unit.id]
            ],
            "rooms": [
                room_row(state, movers) | ({} if state.room.id in own else {"free_beds": 0})
                for state in rooms.values()
                if admits[state.room.unit_id]
            ],
            "registrations": [_needed_today(row, day) for row in rows],
        }
        found.append(problem_of(problem))
    return found


@dataclass(frozen=True, slots=True)
class FormerLocation:
    """A former state of a location in the register. `id`: an id for this state only."""

    id: str
    location_id: str
    cell: Cell
    region: str


def problem_of_pairs(
    act: Act, pairs: Collection[tuple[Registration, Unit]], former: Collection[FormerLocation] = ()
) -> Problem:
    """Returns a problem with these registrations and units, but without rooms, to check the rules about a registration
    and a unit. A unit can be a copy that is not stored: with earlier values, or at an earlier location (`former`).
    """
    session, day = act.session, act.day
    cases, units = ({one.id: one for one in column} for column in zip(*pairs, strict=True))
    own_children = {child for one in cases.values() for child in engine_household(one.persons, day).own_children}
    places = {unit.location_id for unit in units.values()}
    rows = registration_rows(session, list(cases.values()), day, housed=set(), else_open=Scheme.CRISIS)
    problem = {
        "format": PROBLEM_FORMAT,
        "as_of": day.isoformat(),
        "policy": {},
        "locations": [row for row in _with_former(location_rows(session)[0], former) if row["id"] in places],
        "units": [unit_row(unit, {}, Freshness.FRESH, own_children) for unit in units.values()],
        "rooms": [],
        "registrations": [_needed_today(row, day) for row in rows],
    }
    return problem_of(problem)


def _with_former(located: Iterable[Row], former: Collection[FormerLocation]) -> Iterator[Row]:
    for row in located:
        yield row
        for one in former:
            if one.location_id == row["id"]:
                yield {**row, "id": one.id, "region": one.region, **centre_of(one.cell)}


def _needed_today(row: Row, day: date) -> Row:
    return row | {"needed_by": max(row["needed_by"], day.isoformat())}
