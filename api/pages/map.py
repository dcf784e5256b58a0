"""The map of the country: twelve provinces, and the position of a point on it.

The picture (`static/vendor/map`, CC BY 4.0) uses the Mercator projection. Its source gives the degrees of its edges. A
test checks that 540 of the 544 places of the gazetteer are within their province. Outlines are simplified to a third of
their 6,000 points, which looks the same and has a fifth of the bytes.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from api.v1.country import CountryUnitOut
from api.v1.registrations import ThreatOut
from placement.core.codes import Region
from placement.core.geography import Cell, Point

WIDTH, HEIGHT = 613, 724
_WEST, _EAST, _NORTH, _SOUTH = 3.357962, 7.227498, 53.554168, 50.750384
_EARTH_KM = 6371.0088
"""The earth's mean radius in km (IUGG), as in the engine's distances."""
_COARSE = 0.8
"""How far a simplified line may be from the original line, in units of the picture (half a kilometre)."""
_CORNERS = 72
_SHAPE = re.compile(r'id="(\w+)"\s+name="([^"]+)"\s+d="([^"]+)"')
_STEP = re.compile(r"[A-Za-z]|-?[\d.]+")
_SVG = Path(__file__).parents[1] / "static" / "vendor" / "map" / "netherlands.svg"

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Province:
    code: str
    name: str
    rings: tuple[tuple[Spot, ...], ...]

    @property
    def d(self) -> str:
        """The SVG path, in whole numbers."""
        drawn = [coarse for ring in self.rings if len(coarse := _coarser([*ring, ring[0]])) > 3]  # noqa: PLR2004
        return "".join("M" + " ".join(f"{x:.0f},{y:.0f}" for x, y in ring) + "z" for ring in drawn)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the map with one total: provinces that cover whole police regions."""

    code: str
    provinces: tuple[str, ...]
    regions: tuple[Region, ...]
    label_at: Spot


AREAS = (
    Area("north", ("gr", "fr", "dr"), (Region.NOORD_NEDERLAND,), (455, 110)),
    Area("east", ("ov", "ge"), (Region.OOST_NEDERLAND,), (460, 275)),
    Area("middle", ("ut", "fl"), (Region.MIDDEN_NEDERLAND,), (297, 322)),
    Area("north_west", ("nh",), (Region.NOORD_HOLLAND, Region.AMSTERDAM), (248, 215)),
    Area("west", ("zh",), (Region.DEN_HAAG, Region.ROTTERDAM), (190, 372)),
    Area("south", ("ze", "nb"), (Region.ZEELAND_WEST_BRABANT, Region.OOST_BRABANT), (300, 487)),
    Area("south_east", ("li",), (Region.LIMBURG,), (410, 555)),
)
_STEPS = (1, 3, 6, 11)
"""The smallest number of free beds for each darker shade (assumed)."""


@cache
def provinces() -> tuple[Province, ...]:
    return tuple(Province(code, name, _rings(path)) for code, name, path in _SHAPE.findall(_SVG.read_text()))


@cache
def outline() -> tuple[tuple[str, str], ...]:
    """Returns the code and path of each province."""
    return tuple((province.code, province.d) for province in provinces())


def spot(point: Point) -> Spot:
    """Returns the position of a point on the picture."""
    x = (point.lon - _WEST) * WIDTH / (_EAST - _WEST)
    return x, (_mercator(_NORTH) - _mercator(point.lat)) * HEIGHT / (_mercator(_NORTH) - _mercator(_SOUTH))


def circle(centre: Point, km: float) -> str:
    """Returns the path of a circle on the sphere. On the map it is not quite round."""
    corners = (spot(_away(centre, km, 2 * math.pi * n / _CORNERS)) for n in range(_CORNERS))
    return "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in corners) + "z"


@dataclass(frozen=True, slots=True)
class AreaTotal:
    """Free beds and all beds of an area. `shade`: how dark the area is drawn."""

    area: Area
    free: int
    beds: int

    @property
    def regions(self) -> tuple[Region, ...]:
        return self.area.regions

    @property
    def shade(self) -> int:
        return sum(1 for step in _STEPS if self.free >= step)


def totals(units: Sequence[CountryUnitOut]) -> list[AreaTotal]:
    found = []
    for area in AREAS:
        ours = [unit for unit in units if unit.region in area.regions]
        found.append(AreaTotal(area, sum(unit.free_now for unit in ours), sum(unit.beds for unit in ours)))
    return found


@dataclass(frozen=True, slots=True)
class CellTotal:
    """The shelters of a cell: position of the cell, free beds, and names of the shelters."""

    spot: Spot
    free: int
    names: tuple[str, ...]


def cell_totals(places: Iterable[tuple[Cell, str, int]]) -> list[CellTotal]:
    """Returns the totals by cell. Cells with free beds come last, so that they are drawn on top. `places`: cell, name
    of the shelter, and free beds of each place.
    """
    found: dict[Cell, list[tuple[str, int]]] = defaultdict(list)
    for cell, name, free in places:
        found[cell].append((name, free))
    cells = [
        CellTotal(spot(cell.centre), sum(free for _, free in there), tuple(dict.fromkeys(name for name, _ in there)))
        for cell, there in found.items()
    ]
    return sorted(cells, key=lambda one: (one.free, one.spot))


@dataclass(frozen=True, slots=True)
class Danger:
    """A danger point on the map: its position, and the circle around it."""

    place: str | None
    km: int
    spot: Spot
    circle: str


def dangers(threats: Sequence[ThreatOut]) -> list[Danger]:
    drawn = []
    for threat in threats:
        centre = Point(threat.lat, threat.lon)
        drawn.append(Danger(threat.place, threat.min_km, spot(centre), circle(centre, threat.min_km)))
    return drawn


def _mercator(lat: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def _away(start: Point, km: float, bearing: float) -> Point:
    """Returns the point at this distance and bearing along a great circle."""
    lat, lon, far = math.radians(start.lat), math.radians(start.lon), km / _EARTH_KM
    there = math.asin(math.sin(lat) * math.cos(far) + math.cos(lat) * math.sin(far) * math.cos(bearing))
    east = math.sin(bearing) * math.sin(far) * math.cos(lat)
    turned = math.atan2(east, math.cos(far) - math.sin(lat) * math.sin(there))
    return Point(math.degrees(there), math.degrees(lon + turned))


def _rings(path: str) -> tuple[tuple[Spot, ...], ...]:
    """Returns the closed lines of an SVG path. The path may contain only relative moves and lines."""
    rings: list[list[Spot]] = []
    x = y = 0.0
    steps = iter(_STEP.findall(path))
    for step in steps:
        if step == "m":
            rings.append([])
        elif step == "z":
            x, y = rings[-1][0]
        elif step.isalpha():
            raise ValueError(step)
        else:
            x, y = x + float(step), y + float(next(steps))
            rings[-1].append((x, y))
    return tuple(map(tuple, rings))


def _coarser(line: Sequence[Spot]) -> list[Spot]:
    """Simplifies a line (Douglas-Peucker): leaves out points that are within `_COARSE` of the new line."""
    if len(line) < 3:  # noqa: PLR2004
        return list(line)
    far = [_from_line(point, line[0], line[-1]) for point in line[1:-1]]
    at = max(range(len(far)), key=far.__getitem__)
    if far[at] <= _COARSE:
        return [line[0], line[-1]]
    return [*_coarser(line[: at + 2])[:-1], *_coarser(line[at + 1 :])]


def _from_line(point: Spot, start: Spot, end: Spot) -> float:
    (x, y), (x1, y1), (x2, y2) = point, start, end
    long = math.hypot(x2 - x1, y2 - y1)
    return abs((y2 - y1) * (x - x1) - (x2 - x1) * (y - y1)) / long if long else math.hypot(x - x1, y - y1)
