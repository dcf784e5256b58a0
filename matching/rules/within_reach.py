"""Hard rule: the unit is at most `max_km` from every point that the registration must be able to reach."""

import math
from collections.abc import Hashable
from typing import ClassVar

import numpy as np
from msgspec.structs import replace

from matching.distance import distance_km, plain, shown_km_at_most
from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, Rule, Sentences, Table
from matching.rules.changes import Change, Changes, of_registration

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
            for point in registration.within:
                near = grid.within(point.max_km, point.lat)
                km = grid.km_from(point.lat, point.lon, near)
                reached = np.zeros(len(grid.units), dtype=np.bool_)
                reached[near[km <= point.max_km]] = True
                allowed[row] &= reached
        return allowed

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        km, max_km = max(_too_far(index, registration, unit))
        return {"km": shown_km_at_most(km), "max_km": plain(max_km)}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        place = index.location_of(unit)
        for row, point in enumerate(registration.within):
            km = distance_km(point.lat, point.lon, place.lat, place.lon)
            after = math.ceil(km)
            if km > point.max_km and after <= (1 + MOST_FARTHER) * point.max_km:
                facts = {"km": shown_km_at_most(km), "before": plain(point.max_km), "after": after}
                within = (*registration.within[:row], replace(point, max_km=after), *registration.within[row + 1 :])
                change = Change(self.code, "max_km", "registrant", facts)
                yield change, of_registration(index, registration, within=within)


def _too_far(index: Index, registration: Registration, unit: Unit) -> list[tuple[float, float]]:
    """The distance and the limit of each point that is too far from the unit."""
    place = index.location_of(unit)
    pairs = [(distance_km(point.lat, point.lon, place.lat, place.lon), point.max_km) for point in registration.within]
    return [pair for pair in pairs if pair[0] > pair[1]]
