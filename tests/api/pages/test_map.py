"""The position of a place on the map, against the list of places and known distances."""

from itertools import pairwise
from types import SimpleNamespace

import pytest

from api.pages import map as the_map
from placement.core.codes import Region
from placement.core.geography import Point, _listed, places

DRAWN_ELSEWHERE = {"Leerdam", "Vianen", "Medemblik", "Nieuw-Loosdrecht"}
"""Of another province since the picture was drawn (the first two), or on a shore that it draws coarsely."""


def is_inside(rings, spot):
    x, y = spot
    crossings = 0
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
            crossings += (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return crossings % 2 == 1


def test_every_place_lies_in_its_own_province():
    rings = {province.name: province.rings for province in the_map.provinces()}
    outside = {place.name for place in _listed() if not is_inside(rings[place.province], the_map.spot(place.point))}
    assert len(_listed()) == 544
    assert outside == DRAWN_ELSEWHERE


def test_a_degree_off_would_be_seen():
    rings = {province.name: province.rings for province in the_map.provinces()}
    moved = [(place, Point(place.point.lat + 0.1, place.point.lon)) for place in _listed()]
    outside = [place for place, point in moved if not is_inside(rings[place.province], the_map.spot(point))]
    assert len(outside) > 50


@pytest.mark.parametrize(
    ("centre", "there", "km"), [("amsterdam", "rotterdam", 57), ("utrecht", "maastricht", 144), ("assen", "breda", 198)]
)
def test_map_circle_holds_nearer_places_only(centre, there, km):
    """The distances are as the crow flies, in whole km."""
    drawn = {
        more: [tuple(map(float, corner.split(","))) for corner in path.strip("Mz").split(" ")]
        for more in (-2, 2)
        for path in [the_map.circle(places()[centre].point, km + more)]
    }
    spot = the_map.spot(places()[there].point)
    assert is_inside([drawn[2]], spot)
    assert not is_inside([drawn[-2]], spot)


def test_every_region_and_every_province_is_of_one_area():
    assert sorted(region for area in the_map.AREAS for region in area.regions) == sorted(Region)
    drawn = [code for area in the_map.AREAS for code in area.provinces]
    assert sorted(drawn) == sorted(code for code, _ in the_map.outline())


def test_the_label_of_an_area_stands_on_it():
    rings = {province.code: province.rings for province in the_map.provinces()}
    for area in the_map.AREAS:
        assert any(is_inside(rings[code], area.label_at) for code in area.provinces), area.code


def test_totals_count_each_unit_once():
    units = [SimpleNamespace(region=region.value, free_now=2, beds=5) for region in Region]
    rows = the_map.totals(units)
    assert sum(row.free for row in rows) == 20
    assert {row.area.code: (row.free, row.shade) for row in rows}["west"] == (4, 2)
    assert the_map.totals([])[0].shade == 0


def test_the_picture_is_light():
    assert sum(len(d) for _, d in the_map.outline()) < 20_000
