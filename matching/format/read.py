"""Strict reading and writing: an unknown key, an unknown code or an unknown id is an error that names it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from matching.format import problem as problems
from matching.format import solution as solutions
from matching.format.faults import (
    MOST_FAULTS,
    NOTHING_UNKNOWN,
    Fault,
    Invalid,
    ProblemInvalid,
    SolutionInvalid,
    Unknown,
    faults_of_shape,
)
from matching.format.problem import Policy, Problem, Registration, Unit
from matching.format.solution import Solution

Shape = TypeVar("Shape", bound=msgspec.Struct)

UNKNOWN_IN: Mapping[str, Unknown] = {
    problems.FIRST_FORMAT: problems.NOT_IN_FIRST,
    solutions.FIRST_FORMAT: {Solution: frozenset({"together"})},
}
"""By format, the keys of a later format."""

_KEY = re.compile(rb'"[ \t\r\n]*:')


def read_problem(data: bytes) -> Problem:
    """The problem in these bytes (JSON, placement-problem/2 or /1).

    Raises ProblemInvalid with the first ten faults, each with its JSON path.
    """
    return _that_makes_sense(_read(data, Problem, ProblemInvalid))


def problem_of(rows: Mapping[str, Any]) -> Problem:
    """The problem of rows that a program has made, of the newest format: no key can stand in them twice.

    Raises as `read_problem` does.
    """
    data = msgspec.json.encode(rows)
    try:
        return _that_makes_sense(msgspec.json.decode(data, type=Problem))
    except msgspec.DecodeError:
        return read_problem(data)  # for the words of what is wrong


def _that_makes_sense(problem: Problem) -> Problem:
    faults = tuple(islice(faults_of_sense(problem), MOST_FAULTS))
    if faults:
        raise ProblemInvalid(faults)
    return problem


def write_problem(problem: Problem) -> bytes:
    """The problem as JSON with every default written out; `read_problem` of it gives the same problem."""
    if problem.format not in UNKNOWN_IN:
        return msgspec.json.encode(problem, order="deterministic")
    plain = msgspec.to_builtins(problem, order="deterministic")
    for row, later in _rows_with_later_keys(plain):
        for key in later:
            row.pop(key, None)
    return msgspec.json.encode(plain)


def read_solution(data: bytes) -> Solution:
    """The solution in these bytes (JSON, placement-solution/2 or /1). Validates the format; `check` the content.

    Raises SolutionInvalid with the first ten faults, each with its JSON path.
    """
    solution = _read(data, Solution, SolutionInvalid)
    if solution.format not in UNKNOWN_IN and solution.together is UNSET:
        raise SolutionInvalid((Fault("$.together", "expected a list, found nothing: the key is required"),))
    return solution


def _read(data: bytes, shape: type[Shape], refusal: type[Invalid]) -> Shape:
    try:
        read = msgspec.json.decode(data, type=shape)
        refused = ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        refused = str(error)
    if not refused and not _needs_the_thorough_reader(data):
        return read
    faults = tuple(islice(faults_of_shape(data, shape, UNKNOWN_IN), MOST_FAULTS))
    if refused and not faults:  # the fast reader is stricter; never report 'invalid' without a fault
        faults = (Fault("$", refused),)
    if faults:
        raise refusal(faults)
    return read


def _needs_the_thorough_reader(data: bytes) -> bool:
    """Returns whether an object may contain a key twice, or a key of a later format; the fast reader accepts both.

    Compares the number of keys in the text with the number in the result. Text in a string can look like a key: then
    the count is too high, and the thorough reader decides.
    """
    value = msgspec.json.decode(data)
    if any(not later.isdisjoint(row) for row, later in _rows_with_later_keys(value)):
        return True
    return sum(1 for _ in _KEY.finditer(data)) != _count_keys(value)


def _rows_with_later_keys(value: dict[str, Any]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """The objects of a file of valid shape that can have keys of a later format than it names, with those keys."""
    unknown = UNKNOWN_IN.get(value["format"], NOTHING_UNKNOWN)
    rows: dict[type[msgspec.Struct], list[dict[str, Any]]] = {
        Problem: [value],
        Policy: [value.get("policy", {})],
        Unit: value.get("units", []),
        Registration: value.get("registrations", []),
        Solution: [value],
    }
    return ((row, later) for part, later in unknown.items() for row in rows[part])


def _count_keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum([_count_keys(inner) for inner in value.values() if isinstance(inner, dict | list)])
    return sum([_count_keys(inner) for inner in value if isinstance(inner, dict | list)])


def faults_of_sense(problem: Problem) -> Iterator[Fault]:
    """Finds what the types cannot express: duplicate or unknown ids, inconsistent numbers of beds, too many points."""
    for name in ("locations", "units", "rooms", "registrations"):
        yield from _repeated((part.id for part in getattr(problem, name)), f"$.{name}", "id")
    locations = {location.id for location in problem.locations}
    for index, unit in enumerate(problem.units):
        if unit.location not in locations:
            yield _dangling(f"$.units[{index}].location", "location", unit.location)
    yield from _rooms(problem)
    yield from _registrations(problem)
    yield from _together(problem)
    yield from _fixed(problem)
    total = points_at_most(problem)
    if total > problems.MOST_POINTS:
        message = f"expected weights by which all points together are at most {problems.MOST_POINTS}, found {total}"
        yield Fault("$.policy", message)


def points_at_most(problem: Problem) -> int:
    """Returns the total of points that the format limits: everybody's serve and best fit, and all points of groups."""
    policy = problem.policy
    language, total = max(policy.language.values()), 0
    for row in problem.registrations:
        waiting = policy.waiting_day * min(row.waiting_days, policy.waiting_cap)
        total += len(row.persons) * (policy.serve[str(row.urgency)] + waiting)  # type: ignore[index]  # urgency is 1 to 4
        total += language + policy.preferred_need * len(row.preferred_needs)
    groups = (group for group in problem.together if not group.must)
    return total + policy.together * sum(len(group.registrations) - 1 for group in groups)


def _rooms(problem: Problem) -> Iterator[Fault]:
    units = {unit.id for unit in problem.units}
    registrations = {registration.id for registration in problem.registrations}
    for index, room in enumerate(problem.rooms):
        path = f"$.rooms[{index}]"
        if room.unit not in units:
            yield _dangling(f"{path}.unit", "unit", room.unit)
        most = room.beds - len(room.occupants)
        if most < 0:
            message = f"expected at most {room.beds} occupants (`beds`), found {len(room.occupants)}"
            yield Fault(f"{path}.occupants", message)
        elif room.free_beds > most:
            yield Fault(f"{path}.free_beds", f"expected 0 to {most} (`beds` less occupants), found {room.free_beds}")
        for row, occupant in enumerate(room.occupants):
            if occupant.registration in registrations:
                message = f"expected one that is not open, found {occupant.registration!r} of `registrations`"
                yield Fault(f"{path}.occupants[{row}].registration", message)


def _registrations(problem: Problem) -> Iterator[Fault]:
    for index, registration in enumerate(problem.registrations):
        path = f"$.registrations[{index}]"
        if registration.language_required and not registration.languages:
            message = "expected at least one language, for `language_required` is true, found none"
            yield Fault(f"{path}.languages", message)
        yield from _repeated(registration.schemes, f"{path}.schemes")


def _together(problem: Problem) -> Iterator[Fault]:
    yield from _repeated((group.id for group in problem.together), "$.together", "id")
    registrations = {registration.id for registration in problem.registrations}
    group_of: dict[str, str] = {}
    for index, group in enumerate(problem.together):
        path = f"$.together[{index}].registrations"
        yield from _repeated(group.registrations, path)
        for row, name in enumerate(group.registrations):
            if name not in registrations:
                yield _dangling(f"{path}[{row}]", "registration", name)
            if group_of.setdefault(name, path) != path:
                message = f"expected in one group only, found {name!r} again (first in {group_of[name]})"
                yield Fault(f"{path}[{row}]", message)


def _fixed(problem: Problem) -> Iterator[Fault]:
    units = {unit.id for unit in problem.units}
    registrations = {registration.id for registration in problem.registrations}
    yield from _repeated((row.registration for row in problem.fixed), "$.fixed", "registration")
    for index, row in enumerate(problem.fixed):
        if row.registration not in registrations:
            yield _dangling(f"$.fixed[{index}].registration", "registration", row.registration)
        if row.unit not in units:
            yield _dangling(f"$.fixed[{index}].unit", "unit", row.unit)


def _repeated(names: Iterable[str], path: str, key: str = "") -> Iterator[Fault]:
    names = tuple(names)
    if len(set(names)) == len(names):
        return
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            where = f"{path}[{index}].{key}" if key else f"{path}[{index}]"
            yield Fault(where, f"expected each once, found {name!r} again (first at [{names.index(name)}])")


def _dangling(path: str, kind: str, found: str) -> Fault:
    return Fault(path, f"expected the id of a {kind} in this problem, found {found!r}")
