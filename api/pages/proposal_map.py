"""The map of a proposal: circles around danger points, and letters on the 10-km cells of possible places. The page has
the same facts as text.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from api.pages.map import AREAS, Area, Danger, Spot, dangers, spot
from api.v1.proposals import UnitOut
from api.v1.registrations import ThreatOut
from placement.core.codes import Region
from placement.core.geography import Cell, Point
from placement.placements.proposals.map_cells import least_km

PROPOSED, FITS, WAY_OUT, FITS_NOT = "proposed", "fits", "way_out", "fits_not"
_ORDER = (FITS_NOT, WAY_OUT, FITS, PROPOSED)
"""The kinds of marks in drawing order; later kinds are on top."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked cell. `text`: the letters of its places, or the numbers of its ways out; empty if no place fits."""

    kind: str
    text: str
    spot: Spot
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposalMap:
    marks: list[Mark]
    dangers: list[Danger]
    areas: list[tuple[Area, int]]
    """How many other places each part of the country has, for a reader who may not see their cells."""
    letters: dict[str, str]
    """The letter of each fitting place."""
    least: dict[str, list[int]]
    """For each fitting place, the smallest possible distance in km from each danger point. Leaves out places whose cell
    the reader may not see.
    """


def map_of(
    fitting: Sequence[UnitOut],
    others: Sequence[UnitOut],
    ways: Sequence[UnitOut],
    threats: Sequence[ThreatOut],
    cells: Mapping[str, Cell],
) -> ProposalMap:
    """Makes the map. `fitting`: the proposed place and the alternatives. `ways`: the units of the ways out, in the
    order of the page. `cells`: the cells that the reader may see.
    """
    letters = dict(zip((unit.unit for unit in fitting), ascii_uppercase, strict=False))
    numbers = {unit.unit: str(number) for number, unit in reversed(list(enumerate(ways, 1)))}
    hidden = [unit for unit in others if unit.unit not in cells]
    points = [Point(threat.lat, threat.lon) for threat in threats]
    return ProposalMap(
        marks=_marks([*fitting, *others], letters, numbers, cells),
        dangers=dangers(threats),
        areas=_by_area(hidden),
        letters=letters,
        least={unit: [least_km(cells[unit], point) for point in points] for unit in letters if unit in cells},
    )


def _marks(
    units: Sequence[UnitOut], letters: Mapping[str, str], ways: Mapping[str, str], cells: Mapping[str, Cell]
) -> list[Mark]:
    """Returns a mark for each cell. If a cell has several places, the best place determines the kind of the mark."""
    found: dict[Cell, list[UnitOut]] = defaultdict(list)
    for unit in units:
        if unit.unit in cells:
            found[cells[unit.unit]].append(unit)
    marks = []
    for cell, there in found.items():
        kinds = [_kind(unit, letters, ways) for unit in there]
        kind = max(kinds, key=_ORDER.index)
        signs = letters if kind in {PROPOSED, FITS} else ways
        text = "".join(signs.get(unit.unit, "") for unit in there)
        marks.append(Mark(kind, text, spot(cell.centre), tuple(dict.fromkeys(unit.shelter for unit in there))))
    return sorted(marks, key=lambda mark: (_ORDER.index(mark.kind), mark.spot))


def _kind(unit: UnitOut, letters: Mapping[str, str], ways: Mapping[str, str]) -> str:
    if unit.kind == "chosen":
        return PROPOSED
    return FITS if unit.unit in letters else WAY_OUT if unit.unit in ways else FITS_NOT


def _by_area(units: Sequence[UnitOut]) -> list[tuple[Area, int]]:
    by_region = Counter(Region(unit.region) for unit in units)
    counted = [(area, sum(by_region[region] for region in area.regions)) for area in AREAS]
    return [(area, number) for area, number in counted if number]
