"""An independent integer program that decides if all fixed households of one unit can have rooms; and a check of
allocations.

The program works on plain dictionaries and shares no code with the engine. Every private choice and every person's bed
is counted.
"""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.support.matching.brute_force import Brute, main_persons, private


class _Program:
    def __init__(self, raw):
        self.raw = raw
        self.most = []  # of each column
        self.rows = []  # {column: weight}, least, most
        self.whole = {room["id"]: [] for room in raw["rooms"]}  # columns of those who have it for themselves
        self.beds = {room["id"]: [] for room in raw["rooms"]}  # the kind of who shares, and the column of its beds

    def column(self, most):
        self.most.append(most)
        return len(self.most) - 1

    def add_private(self, reg):
        choices = Brute(self.raw).choices(reg, self.raw["units"][0])
        columns = [self.column(1) for _ in choices]
        self.rows.append((dict.fromkeys(columns, 1), 1, 1))
        for column, choice in zip(columns, choices, strict=True):
            for room in choice:
                self.whole[room].append(column)

    def add_sharing(self, reg):
        first, persons = main_persons(reg)[0], len(reg["persons"])
        by = max(reg["needed_by"], self.raw["as_of"])
        rooms = [room for room in self.raw["rooms"] if room["free_from"] <= by]
        columns = {room["id"]: self.column(min(persons, room["free_beds"])) for room in rooms}
        self.rows.append((dict.fromkeys(columns.values(), 1), persons, persons))
        for need in reg["room_needs"]:
            having = [columns[room["id"]] for room in rooms if need in room["features"]]
            self.rows.append((dict.fromkeys(having, 1), 1, np.inf))
        for room, column in columns.items():
            self.beds[room].append(((first["gender"], first["age"] < 18), column))

    def share_out(self, room):
        lived_in = {(other["gender"], other["minor"]) for other in room["occupants"]}
        of_kind = {kind: self.column(int(lived_in <= {kind})) for kind, _ in self.beds[room["id"]]}
        for kind, column in of_kind.items():
            theirs = [beds for other, beds in self.beds[room["id"]] if other == kind]
            self.rows.append(({**dict.fromkeys(theirs, 1), column: -room["free_beds"]}, -np.inf, 0))
        self.rows.append((dict.fromkeys([*of_kind.values(), *self.whole[room["id"]]], 1), -np.inf, 1))

    def is_possible(self):
        if any(not weights and least > 0 for weights, least, _ in self.rows):
            return False
        matrix = np.zeros((len(self.rows), len(self.most)))
        for number, (weights, _, _) in enumerate(self.rows):
            matrix[number, list(weights)] = list(weights.values())
        rows = LinearConstraint(matrix, [least for _, least, _ in self.rows], [most for *_, most in self.rows])
        nothing, whole = np.zeros(len(self.most)), np.ones(len(self.most))
        found = milp(nothing, integrality=whole, bounds=Bounds(0, self.most), constraints=rows)
        assert found.status in {0, 2}, found.message
        return found.status == 0


def has_seats(raw):
    """Checks whether there are rooms for everybody in the problem's only unit."""
    program = _Program(raw)
    for reg in raw["registrations"]:
        add = program.add_private if private(reg) else program.add_sharing
        add(reg)
    for room in raw["rooms"]:
        program.share_out(room)
    return program.is_possible()


def wrong_with(raw, allocation):
    """Returns the registrations whose rooms in `{registration: {room: persons}}` break a rule."""
    brute, rooms = Brute(raw), {room["id"]: room for room in raw["rooms"]}
    taken = [(reg, allocation[reg["id"]]) for reg in raw["registrations"]]
    wrong = [] if brute.fit_together(taken) else ["together"]
    for reg, mine in taken:
        by = max(reg["needed_by"], raw["as_of"])
        whole = not private(reg) or any(set(mine) == set(other) for other in brute.choices(reg, raw["units"][0]))
        fine = sum(mine.values()) == len(reg["persons"]) and min(mine.values()) > 0 and whole
        has = {code for room in mine for code in rooms[room]["features"]}
        if not fine or not set(reg["room_needs"]) <= has or any(rooms[room]["free_from"] > by for room in mine):
            wrong.append(reg["id"])
    return wrong
