"""Hard rule: a group with `must` is placed as a whole in one unit, location or region, or not at all."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from matching.format.problem import Registration, Unit
from matching.format.scalars import Where
from matching.format.solution import Facts
from matching.index import Group, Index
from matching.rules.base import Model, Narrow, Rule, Sentences, Table


class TogetherRule(Rule):
    code = "together"
    imposed_by = "client"
    sentences: ClassVar[Sentences] = {
        "unit": "the group must be in one unit; not with it here: {registrations}",
        "location": "the group must be at one location; not with it here: {registrations}",
        "region": "the group must be in one region; not with it here: {registrations}",
    }

    def way(self, facts: Mapping[str, Any]) -> str:
        return str(facts["where"])

    def alone(self, index: Index) -> Narrow:
        groups = [group for group in index.groups.values() if group.must and any(map(index.fixed.get, group.members))]
        columns = {where: _columns(index, where) for where in {group.where for group in groups}}

        def narrow(registrations: list[Registration], allowed: Table) -> None:
            for row, registration in enumerate(registrations):
                group = index.bound_to(registration.id)
                if group is not None and group.where in columns:
                    for place in {
                        index.place(unit, group.where) for unit in _fixed(index, group, registration).values()
                    }:
                        allowed[row] &= columns[group.where][place]

        return narrow

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        group = index.bound_to(registration.id)
        if group is None:
            return None
        here = index.place(unit.id, group.where)
        fixed = _fixed(index, group, registration)
        elsewhere = [other for other, place in fixed.items() if index.place(place, group.where) != here]
        return facts_of(group, elsewhere) if elsewhere else None

    def constrain(self, model: Model) -> None:
        for group in model.index.groups.values():
            if group.must:
                model.keep_together(group)


def facts_of(group: Group, others: list[str]) -> Facts:
    """Returns the facts if a group breaks the rule. `others`: the members that are not with the registration."""
    return {"group": group.id, "where": group.where, "registrations": sorted(others)}


def _fixed(index: Index, group: Group, without: Registration) -> dict[str, str]:
    """Returns the other fixed members of the group, with their units."""
    return {other: index.fixed[other] for other in group.members if other in index.fixed and other != without.id}


def _columns(index: Index, where: Where) -> dict[str, Table]:
    """Returns a mask of the units for each place."""
    columns: defaultdict[str, Table] = defaultdict(lambda: np.zeros(len(index.units), dtype=np.bool_))
    for column, unit in enumerate(index.units):
        columns[index.place(unit, where)][column] = True
    return columns
