"""The smallest problems: one location, one unit for everybody, one room of one bed, one woman (60000)."""

import json

from matching import explain, match, read_problem


def person(gender="female", age=30):
    return {"gender": gender, "age": age}


def registration(name="A1", **facts):
    return {"id": name, "persons": [person()], "schemes": ["cosm"], "language_required": False} | facts


def unit(name="U1", **facts):
    return {"id": name, "location": "L1", "scheme": "cosm", "admits": ["female", "male", "other"]} | facts


def room(name="R1", unit="U1", beds=1, **facts):
    return {"id": name, "unit": unit, "beds": beds, "free_beds": beds} | facts


def location(name="L1", **facts):
    return {"id": name, "provider": "P1", "region": "utrecht", "lat": 52.0, "lon": 5.0} | facts


def problem(registrations=None, units=None, rooms=None, *, locations=None, fixed=(), policy=None):
    units = units if units is not None else [unit()]
    return {
        "format": "placement-problem/2",
        "as_of": "2026-11-24",
        "policy": policy or {},
        "locations": locations or [location()],
        "units": units,
        "rooms": rooms if rooms is not None else [room(f"R{row['id'][1:]}", row["id"]) for row in units],
        "registrations": registrations if registrations is not None else [registration()],
        "fixed": [{"registration": who, "unit": where} for who, where in fixed],
    }


def read(raw):
    return read_problem(json.dumps(raw).encode())


def broken(raw, registration_id="A1", unit_id="U1"):
    """Returns the rules that the registration breaks in the unit, with their facts."""
    units = {row.unit: row for row in explain(read(raw), registration_id).units}
    return {row.rule: row.facts for row in units[unit_id].broken}


def placed(raw):
    """Returns the objective of the best answer, and the unit of each placed registration."""
    solution = match(read(raw))
    assert solution.status == "optimal"
    return solution.objective, {row.registration: row.unit for row in solution.placements}
