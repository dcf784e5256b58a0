"""A location is known as a cell: how far a shelter can be from its centre, over the whole country."""

import math
import random

import numpy as np
import pytest

from matching.distance import distances_km
from placement.core.geography import _HIGH, _WIDE, HALF_DIAGONAL_KM, Cell, Point, places

SOUTH, NORTH, WEST, EAST = 50.75, 53.56, 3.35, 7.23
ROWS = range(math.floor(SOUTH / _HIGH), math.floor(NORTH / _HIGH) + 1)


def km(one, other):
    return distances_km(one.lat, one.lon, np.array([other.lat]), np.array([other.lon]))[0]


def corners(cell):
    return [Point((cell.row + up) * _HIGH, (cell.column + right) * _WIDE) for up in (0, 1) for right in (0, 1)]


@pytest.mark.parametrize("column", [math.floor(WEST / _WIDE), math.floor(EAST / _WIDE)])
def test_cell_corner_is_within_the_half_diagonal(column):
    farthest = [
        max(km(cell.centre, corner) for corner in corners(cell)) for cell in (Cell(row, column) for row in ROWS)
    ]
    assert len(farthest) == 33
    assert max(farthest) <= HALF_DIAGONAL_KM
    assert max(farthest) > HALF_DIAGONAL_KM - 0.1  # and it is not larger than it need be
    assert farthest.index(max(farthest)) == 0  # the southernmost row, as its docstring states


def test_point_is_in_its_cell_within_the_half_diagonal():
    rng = random.Random(7)
    for _ in range(2000):
        point = Point(rng.uniform(SOUTH, NORTH), rng.uniform(WEST, EAST))
        cell = Cell.of(point)
        low, high = corners(cell)[0], corners(cell)[3]
        assert low.lat <= point.lat < high.lat
        assert low.lon <= point.lon < high.lon
        assert km(cell.centre, point) <= HALF_DIAGONAL_KM
        assert Cell.of(cell.centre) == cell


def test_cells_are_about_ten_kilometres_wide_and_high():
    for row in ROWS:
        south_west, south_east, north_west, _ = corners(Cell(row, 35))
        assert 9.5 < km(south_west, south_east) < 10.3
        assert 9.9 < km(south_west, north_west) < 10.1


def test_place_lies_in_the_country_and_is_found_in_any_case():
    assert len(places()) > 300
    for name, place in places().items():
        assert name == place.name.lower()
        assert SOUTH <= place.point.lat <= NORTH
        assert WEST <= place.point.lon <= EAST
