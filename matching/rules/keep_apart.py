"""Hard rule: registrations to keep apart are not at the same location, whether as residents or newly placed."""

from collections import defaultdict

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Model, Narrow, SafetyRule, Table


class KeepApartRule(SafetyRule):
    code = "keep_apart"
    imposed_by = "coordinator"
    sentence = "somebody who must be kept apart is at this location: {registrations}"

    def alone(self, index: Index) -> Narrow:
        columns: defaultdict[str, list[int]] = defaultdict(list)
        for column, unit in enumerate(index.units.values()):
            columns[unit.location].append(column)

        def narrow(registrations: list[Registration], allowed: Table) -> None:
            for row, registration in enumerate(registrations):
                apart = index.apart_from[registration.id]
                met = {location for other in apart for location in index.lives_at.get(other, ())}
                met |= {index.units[index.fixed[other]].location for other in apart if other in index.fixed}
                for location in met:
                    allowed[row, columns[location]] = False

        return narrow

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        if not index.apart_from[registration.id]:
            return None
        there = index.housed_at[unit.location] | index.fixed_at(unit.location, without=registration.id)
        met = there & index.apart_from[registration.id]
        return {"registrations": sorted(met)} if met else None

    def constrain(self, model: Model) -> None:
        for clique in model.index.cliques:
            at: defaultdict[str, list[str]] = defaultdict(list)
            for name in clique:
                for location in model.locations_open_to(name):
                    at[location].append(name)
            for location, names in sorted(at.items()):
                if len(names) > 1:
                    model.at_most_one([var for name in names for var in model.at(name, location)])
