"""Hard rule: the unit is at least `min_km` from every threat."""

import math
from collections.abc import Hashable
from typing import ClassVar

import numpy as np
from msgspec.structs import replace

from matching.distance import ROUNDING, plain, shown_km
from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, SafetyRule, Sentences, Table, km_to
from matching.rules.changes import MOST_CHANGES, Change, Changes, of_registration

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
            if registration.threats:
                allowed[row] = grid.inside(registration.danger, np.less) == 0
        return allowed

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        place, danger = index.location_of(unit), registration.danger
        km = km_to(place.lat, place.lon, danger)
        failing = np.flatnonzero(km < danger.km + ROUNDING)
        nearest = failing[np.lexsort((danger.km[failing], km[failing]))[0]]
        return {"km": shown_km(float(km[nearest])), "min_km": plain(float(danger.km[nearest]))}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        place, danger = index.location_of(unit), registration.danger
        distances = km_to(place.lat, place.lon, danger)
        failing = np.flatnonzero(distances < danger.km).tolist()
        if len(failing) > MOST_CHANGES:
            return
        for row in failing:
            threat, km = registration.threats[row], float(distances[row])
            after = math.floor(km)
            if after >= (1 - MOST_NEARER) * threat.min_km:
                facts = {"km": shown_km(km), "before": plain(threat.min_km), "after": after}
                threats = (*registration.threats[:row], replace(threat, min_km=after), *registration.threats[row + 1 :])
                change = Change(self.code, "min_km", "registrant", facts)
                yield change, of_registration(index, registration, threats=threats)
