"""Hard rule: the unit is at most `max_km` from every point that the registration must be able to reach."""

import math
from collections.abc import Hashable
from typing import ClassVar

import numpy as np
from msgspec.structs import replace

from matching.distance import ROUNDING, plain, shown_km_at_most
from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, Rule, Sentences, Table, km_to
from matching.rules.changes import MOST_CHANGES, Change, Changes, of_registration

MOST_FARTHER = 0.25  # largest increase, as a share of the distance asked for


class WithinReachRule(Rule):
    code = "within_reach"
    imposed_by = "coordinator"
    sentence = "{km} km from a place that must be within reach, at most {max_km} km is allowed"
    change_sentences: ClassVar[Sentences] = {
        "max_km": "if {after} km is near enough (now {before}; it is {km} km)",
    }

    def asks(self, registration: Registration) -> Hashable:
        return registration.within

    def table(self, grid: Grid) -> Table:
        allowed = np.ones((len(grid.registrations), len(grid.units)), dtype=np.bool_)
        for row, registration in enumerate(grid.registrations):
            if registration.within:
                allowed[row] = grid.inside(registration.reach, np.less_equal) == len(registration.within)
        return allowed

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        place, reach = index.location_of(unit), registration.reach
        km = km_to(place.lat, place.lon, reach)
        failing = np.flatnonzero(km > reach.km - ROUNDING)
        farthest = failing[np.lexsort((reach.km[failing], km[failing]))[-1]]
        return {"km": shown_km_at_most(float(km[farthest])), "max_km": plain(float(reach.km[farthest]))}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        place, reach = index.location_of(unit), registration.reach
        distances = km_to(place.lat, place.lon, reach)
        failing = np.flatnonzero(distances > reach.km).tolist()
        if len(failing) > MOST_CHANGES:
            return
        for row in failing:
            point, km = registration.within[row], float(distances[row])
            after = math.ceil(km)
            if after <= (1 + MOST_FARTHER) * point.max_km:
                facts = {"km": shown_km_at_most(km), "before": plain(point.max_km), "after": after}
                within = (*registration.within[:row], replace(point, max_km=after), *registration.within[row + 1 :])
                change = Change(self.code, "max_km", "registrant", facts)
                yield change, of_registration(index, registration, within=within)
