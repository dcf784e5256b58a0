"""The position in a row of the sheet of locations: a point, or the name of a place."""

from collections.abc import Mapping
from typing import cast

from placement.core.geography import Cell, Point, places_named
from placement.registrations.case import PointInput


def point_of(values: Mapping[str, object]) -> PointInput | None:
    """Returns the position in a row: its coordinates or, without coordinates, its place name; otherwise `None`."""
    if "latitude" in values and "longitude" in values:
        return PointInput(lat=cast("float", values["latitude"]), lon=cast("float", values["longitude"]))
    return PointInput(place=str(values["place"])) if "place" in values else None


def cell_of(where: PointInput) -> Cell | None:
    if where.place is None:
        return Cell.of(Point(where.lat or 0.0, where.lon or 0.0))
    named = places_named(where.place)
    return Cell.of(named[0].point) if len(named) == 1 else None
