"""The free beds of units that a reader does not see by name. The reader sees groups of units, bands instead of numbers,
and the state of some time ago.

A group contains the units of the same scheme in a region. A group that is too small to hide a unit is joined with other
groups of its region. If it is still too small, it is joined with groups of other regions. The groups are the same for
every reader, so two readers who compare them learn nothing more.

A job records the bands of the country every half hour. Each record is shown after a random delay, so the bands that are
shown are between half an hour and two hours old. A band changes only when the number of beds has moved clearly past the
limit of the band.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from secrets import SystemRandom

from sqlmodel import select

from placement.access.need_to_know import sees_by_name
from placement.capacity.overview import country
from placement.core.codes import Region, Scheme
from placement.core.context import Act
from placement.core.place_codes import FreeBand
from placement.tables import CountryLook, Location, Look, Unit

EVERY = timedelta(minutes=30)
LEAST_DELAY, MOST_DELAY = timedelta(minutes=30), timedelta(minutes=90)
"""The shortest and the longest delay of a record. With the half hour until the next record, bands are at most two hours
old.
"""
LEAST_UNITS = 3
"""The smallest number of units in a group (assumed). In a group of several regions, the units of the region with most
units are not counted.
"""
_KEPT = 8
_ONLY = 1

Kind = tuple[Region, Scheme]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of units. `region`, `scheme`: `None` if the units have several regions or schemes."""

    region: Region | None
    scheme: Scheme | None

    @property
    def key(self) -> str:
        return f"{self.region or ''}|{self.scheme or ''}"


def groups_of(kinds: Mapping[str, Kind]) -> dict[str, Group]:
    """Returns the group of each unit. `kinds`: the region and the scheme of every unit in the country."""
    found: dict[str, Group] = {}
    for by_region, by_scheme in ((True, True), (True, False), (False, True), (False, False)):
        groups: dict[Group, list[str]] = defaultdict(list)
        for unit, (region, scheme) in kinds.items():
            if unit not in found:
                groups[Group(region if by_region else None, scheme if by_scheme else None)].append(unit)
        for group, units in groups.items():
            if not (by_region or by_scheme) or _hides(units, kinds):
                found |= dict.fromkeys(units, group)
    return found


def _hides(units: Sequence[str], kinds: Mapping[str, Kind]) -> bool:
    """Checks whether a group has enough units to hide each of them. In a group of several regions, a reader may know
    the units of a region by name. So the other regions of the group must have enough units too.
    """
    regions = [kinds[unit][0] for unit in units]
    known = max(map(regions.count, regions)) if len(set(regions)) > 1 else 0
    return len(units) - known >= LEAST_UNITS


def groups_for(act: Act) -> dict[str, Group]:
    """Returns the group of each unit. Leaves out a group if the actor sees all its units by name."""
    kinds = _kinds(act)
    groups = groups_of(kinds)
    shown = {group for unit, group in groups.items() if not sees_by_name(act.actor, kinds[unit][0])}
    return {unit: group for unit, group in groups.items() if group in shown}


def delay() -> timedelta:
    """Returns a random time after which a record is shown."""
    return LEAST_DELAY + (MOST_DELAY - LEAST_DELAY) * SystemRandom().random()


def look(act: Act) -> None:
    """Records the present bands of the country, to be shown later. Removes records that will not be shown any more."""
    row = act.session.get(CountryLook, _ONLY, with_for_update=True) or CountryLook(id=_ONLY)
    looks = _looks(row)
    before = looks[-1]["bands"] if looks else {}
    seen = {group.key: _moved(before.get(group.key), beds) for group, beds in _free_by_group(act).items()}
    later: Look = {"shown_from": (act.at + delay()).isoformat(), "bands": seen}
    row.looks = [*looks[_newest_due(looks, act.at) or 0 :], later][-_KEPT:]
    act.session.add(row)


def bands(act: Act) -> Mapping[str, FreeBand]:
    """Returns the band of each group, by the group's key, from the newest record that may be shown now. Empty before
    the first such record.
    """
    looks = _looks(act.session.get(CountryLook, _ONLY))
    due = _newest_due(looks, act.at)
    return {} if due is None else {key: FreeBand(band) for key, band in looks[due]["bands"].items()}


def bands_of_units(act: Act) -> dict[str, FreeBand | None]:
    """Returns, for each unit in a group that the actor sees, the band of that group."""
    known = bands(act)
    return {unit: known.get(group.key) for unit, group in groups_for(act).items()}


def rows(act: Act) -> list[tuple[Group, FreeBand | None]]:
    """Returns the groups that the actor sees, each with its band. The band is `None` until the first band is shown."""
    known = bands(act)
    return [(group, known.get(group.key)) for group in sorted(set(groups_for(act).values()), key=attrgetter("key"))]


def _kinds(act: Act) -> dict[str, Kind]:
    """Returns the region and scheme of each unit that exists today."""
    found = act.session.exec(select(Unit, Location).join(Location))
    return {
        unit.id: (location.region, unit.scheme)
        for unit, location in found
        if unit.exists_on(act.day) and location.exists_on(act.day)
    }


def _free_by_group(act: Act) -> dict[Group, int]:
    groups = groups_of(_kinds(act))
    free = dict.fromkeys(groups.values(), 0)
    for one in (unit for shelter in country(act) for unit in shelter.units):
        free[groups[one.unit.id]] += one.free_now
    return free


def _looks(row: CountryLook | None) -> Sequence[Look]:
    return row.looks if row and row.looks else []


def _newest_due(looks: Sequence[Look], at: datetime) -> int | None:
    due = [number for number, one in enumerate(looks) if datetime.fromisoformat(one["shown_from"]) <= at]
    return due[-1] if due else None


def _moved(before: str | None, beds: int) -> FreeBand:
    """Returns the band of a number of beds. Keeps the former band if the number is at most one bed outside it."""
    now = FreeBand.of(beds)
    if before is None:
        return now
    near = {FreeBand.of(max(beds - 1, 0)), now, FreeBand.of(beds + 1)}
    return FreeBand(before) if before in near else now
