"""Hard rule: the unit is at least `min_km` from every threat."""

from collections.abc import Hashable

import numpy as np

from matching.distance import plain, shown_km
from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, Table


class ThreatDistanceRule:
    code = "threat_distance"

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
