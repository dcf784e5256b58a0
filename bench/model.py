"""The whole model on one page, as a CP-SAT program, for readers from operations research.

Sets: registrations a, units u, rooms r of a unit, kinds k of persons (gender, minor or adult), groups g, places p.
Data: the pairs (a, u) that no pair rule forbids; the points of a pair; the points that a bed of a room wastes. The
engine's own model (`matching/exact/builder.py`) omits superfluous variables. It has the same best total.
"""

from collections import defaultdict

from ortools.sat.python.cp_model import CpModel, CpSolver, IntVar

from matching import Problem
from matching.check_pair import pair_violations
from matching.index import Index
from matching.objective import Valuation


def model_of(problem: Problem) -> CpModel:  # noqa: C901, PLR0912, PLR0915 - a whole model on one page
    """Returns the model, which maximises the points of placements and groups."""
    index, m, terms = Index(problem), CpModel(), []
    policy, value = index.policy, Valuation(index)
    x: dict[str, dict[str, IntVar]] = defaultdict(dict)  # x[a][u]: a is in u
    by_room: dict[str, list[tuple[str, IntVar, IntVar]]] = defaultdict(list)  # by r: a, if a uses r, persons of a
    for a, row in index.registrations.items():
        size, private = len(row.persons), row.is_private
        for u, unit in index.units.items():
            apart = index.apart_from[a] & index.housed_at[unit.location]  # residents to keep apart from a
            if apart or pair_violations(row, unit, index.location_of(unit)):
                continue
            x[a][u] = m.new_bool_var(f"x {a} {u}")
            uses, inside = {}, []
            for room in index.rooms_of[u]:
                if room.free_from > index.needed_by(row) or (private and room.occupants) or not room.free_beds:
                    continue
                use, n = m.new_bool_var(""), m.new_int_var(0, min(size, room.free_beds), "")
                m.add(n >= use)
                m.add(n <= room.free_beds * use)
                uses[room.id] = use
                inside.append(n)
                by_room[room.id].append((a, use, n))
                waste = value.bed_cost(row, unit, room)
                beds = room.free_beds * (waste + policy.blocked_bed) * use if private else waste * n
                terms.append(-beds - policy.extra_room * use)
            m.add(sum(inside) == size * x[a][u])  # each person of a has a bed
            for code in set(row.room_needs):  # each room need is met by a room that is used
                m.add(sum(use for r, use in uses.items() if code in index.rooms[r].features) >= x[a][u])
            if private:  # at most two whole rooms; two only if each is too small for all persons
                m.add(sum(uses.values()) <= 2 * x[a][u])
                for r, use in uses.items():
                    if index.rooms[r].free_beds >= size:
                        m.add(sum(uses.values()) <= 1).only_enforce_if(use)
            points = value.pair_points(row, unit) + policy.extra_room + policy.blocked_bed * size * private
            terms.append(points * x[a][u])
        m.add(sum(x[a].values()) <= 1)
        if a in index.fixed:  # a pair that a rule forbids has no variable: then 0 == 1, which is infeasible
            m.add(x[a].get(index.fixed[a], 0) == 1)

    for r, guests in by_room.items():  # each room: one private registration, or persons of one kind
        residents = {(person.gender, person.minor) for person in index.rooms[r].occupants}
        shared = [(index.registrations[a].kind, use) for a, use, _ in guests if not index.registrations[a].is_private]
        whole = [use for a, use, _ in guests if index.registrations[a].is_private]
        y = {k: m.new_bool_var("") for k in sorted(residents | {k for k, _ in shared})}
        m.add_at_most_one([*y.values(), *whole])
        m.add(sum(n for _, _, n in guests) <= index.rooms[r].free_beds)
        m.add_bool_and([y[k] for k in residents])
        for k, use in shared:
            m.add_implication(use, y[k])

    for u, unit in index.units.items():  # the high-care limit of each unit
        high = [x[a][u] for a, row in index.registrations.items() if row.high_care and u in x[a]]
        m.add(sum(high) <= (len(high) if unit.high_care_limit is None else unit.high_care_limit))

    at: dict[tuple[str, str, str], list[IntVar]] = defaultdict(list)  # by a, kind of place, place: x of a there
    for a, u, where in ((b, v, where) for b in x for v in x[b] for where in ("unit", "location", "region")):
        at[a, where, index.place(u, where)].append(x[a][u])
    for a, where, p in list(at):  # keep-apart: not at the same location
        for b in index.apart_from[a] if where == "location" else ():
            if a < b and (b, where, p) in at:
                m.add(sum(at[a, where, p]) + sum(at[b, where, p]) <= 1)
    for group in index.groups.values():  # `must`: whole at one place or unplaced; others get points together
        places = sorted({p for a, where, p in at if where == group.where and a in group.members})
        z = {p: m.new_bool_var(f"z {group.id} {p}") for p in places}
        if group.must:
            m.add_at_most_one(z.values())
        else:
            terms.append(policy.together * (sum(v for a in group.members for v in x[a].values()) - sum(z.values())))
        for a in group.members:
            for p in places:
                here = sum(at.get((a, group.where, p), []))
                m.add(here == z[p] if group.must else here <= z[p])
    m.maximize(sum(terms))
    return m


def solved(problem: Problem, seconds: float) -> tuple[str, int]:
    """Returns the solver's status, and the objective; 0 if there is no solution."""
    solver = CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 1, seconds
    status = solver.solve(model_of(problem))
    return solver.status_name(status), round(solver.objective_value) if status in {2, 4} else 0  # FEASIBLE, OPTIMAL
