"""Hard rule: the unit is at least `min_km` from every threat."""

import math
from collections.abc import Hashable
from typing import ClassVar

import numpy as np
from msgspec.structs import replace

from matching.distance import distances_km, plain, shown_km
from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, SafetyRule, Sentences, Table
from matching.rules.changes import Change, Changes, of_registration

MOST_NEARER = 0.25  # largest reduction, as a share of the safe distance; a second person of the desk must approve it


class ThreatDistanceRule(SafetyRule):
    code = "threat_distance"
    imposed_by = "coordinator"
    sentence = "{km} km from a place of danger, at least {min_km} km is needed"
    change_sentences: ClassVar[Sentences] = {
        "min_km": "if {after} km is far enough (now {before}; it is {km} km), with a second person of the desk",
    }

    def asks(self, registration: Registration) -> Hashable:
        return registration.threats

    def table(self, grid: Grid) -> Table:
        allowed = np.ones((len(grid.registrations), len(grid.units)), dtype=np.bool_)
        for row, registration in enumerate(grid.registrations):
            for threat in registration.threats:
                near = grid.within(threat.min_km, threat.lat)
                km = grid.km_from(threat.lat, threat.lon, near)
                allowed[row, near[km < threat.min_km]] = False
        return allowed

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        grid, it = Grid(index, [registration], [unit]), np.array([0])
        distances = [
            (float(grid.km_from(threat.lat, threat.lon, it)[0]), threat.min_km) for threat in registration.threats
        ]
        km, min_km = min(pair for pair in distances if pair[0] < pair[1])
        return {"km": shown_km(km), "min_km": plain(min_km)}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        place = index.location_of(unit)
        lats, lons = np.array([place.lat]), np.array([place.lon])
        for row, threat in enumerate(registration.threats):
            km = float(distances_km(threat.lat, threat.lon, lats, lons)[0])
            after = math.floor(km)
            if km < threat.min_km and after >= (1 - MOST_NEARER) * threat.min_km:
                facts = {"km": shown_km(km), "before": plain(threat.min_km), "after": after}
                threats = (*registration.threats[:row], replace(threat, min_km=after), *registration.threats[row + 1 :])
                change = Change(self.code, "min_km", "registrant", facts)
                yield change, of_registration(index, registration, threats=threats)
