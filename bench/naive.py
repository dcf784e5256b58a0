"""The naive model, to be compared with: a boolean for each person and bed, as one would write it down first.

It is kinder than the engine's: it may spread people over rooms without paying for it. Only its time is compared.
"""

from collections import defaultdict

from ortools.sat.python import cp_model

from matching import Problem
from matching.answer import Question
from matching.choices import space_of, usable
from matching.household import is_private, kind_of


def naive(problem: Problem, seconds: float) -> tuple[str, float]:
    """The solver's status and objective."""
    question = Question(problem)
    index, valuation = question.index, question.valuation
    model = cp_model.CpModel()
    in_bed: defaultdict[str, list[cp_model.IntVar]] = defaultdict(list)
    in_room: defaultdict[str, list[tuple[cp_model.IntVar, object]]] = defaultdict(list)
    terms = []
    for name, units in question.open_to.items():
        registration = index.registrations[name]
        somewhere = []
        for unit in (index.units[unit_id] for unit_id in units):
            here = model.new_bool_var("")
            somewhere.append(here)
            terms.append(valuation.pair_points(registration, unit) * here)
            spaces = usable(index, registration, [space_of(room) for room in index.rooms_of[unit.id]])
            kind = name if is_private(registration) else kind_of(registration)
            for _ in registration.persons:
                beds = []
                for space in spaces:
                    for number in range(space.beds):
                        lies = model.new_bool_var("")
                        beds.append(lies)
                        in_bed[f"{space.room.id}-{number}"].append(lies)
                        in_room[space.room.id].append((lies, kind))
                        terms.append(-valuation.bed_cost(registration, unit, space.room) * lies)
                model.add(sum(beds) == here)
        model.add_at_most_one(somewhere)
    for bed in in_bed.values():
        model.add_at_most_one(bed)
    for guests in in_room.values():
        kinds = {kind: model.new_bool_var("") for _, kind in guests}
        model.add_at_most_one(kinds.values())
        for lies, guest in guests:
            model.add_implication(lies, kinds[guest])
    model.maximize(sum(terms))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    return solver.status_name(status), solver.objective_value if terms else 0.0
