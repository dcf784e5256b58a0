"""The cells on the map of a proposal: which cells a reader sees, and the distance between a cell and a danger point.
The database does not store the exact location of a shelter, but only its cell (`core/geography.py`).
"""

from collections.abc import Collection
from math import floor

from sqlmodel import col, select

from matching import distance_km
from placement.access.need_to_know import sees_all_by_name
from placement.core.context import Act
from placement.core.geography import HALF_DIAGONAL_KM, Cell, Point
from placement.tables import Location, Unit


def cells_for(act: Act, fitting: Collection[str], others: Collection[str]) -> dict[str, Cell]:
    """Returns the cells of the units that fit, by unit. A reader who sees all places also gets the cells of the other
    units. Leaves out locations whose seal is broken.
    """
    wanted = [*fitting, *(others if sees_all_by_name(act.actor) else ())]
    located = select(Unit.id, Location).join(Location).where(col(Unit.id).in_(wanted))
    return {
        unit: Cell(location.cell_row, location.cell_column)
        for unit, location in act.session.exec(located)
        if not location.is_in_doubt
    }


def least_km(cell: Cell, danger: Point) -> int:
    """Returns a lower limit, in whole km, for the distance between the danger and any point of the cell."""
    centre = cell.centre
    return max(0, floor(distance_km(centre.lat, centre.lon, danger.lat, danger.lon) - HALF_DIAGONAL_KM))
