"""The strict reader and writer of problems and solutions. An unknown key, code or id is an error with its JSON path."""

import re
from collections.abc import Iterator, Mapping
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
from matching.format.policy import Policy
from matching.format.problem import Problem, Registration, Unit
from matching.format.solution import Solution

Shape = TypeVar("Shape", bound=msgspec.Struct)

UNKNOWN_IN: Mapping[str, Unknown] = {
    problems.FIRST_FORMAT: problems.NOT_IN_FIRST,
    solutions.FIRST_FORMAT: {Solution: frozenset({"together"})},
}
"""By format, the keys that exist only in a later format."""

_KEY = re.compile(rb'"[ \t\r\n]*:')


def read_problem(data: bytes) -> Problem:
    """Returns the problem in `data` (JSON, format placement-problem/2 or /1).

    Raises ProblemInvalid with the first ten faults, each with its JSON path.
    """
    return _read(data, Problem, ProblemInvalid).checked()


def problem_of(rows: Mapping[str, Any]) -> Problem:
    """Returns the problem in `rows`: dictionaries and lists in the newest format, made by a program.

    Raises ProblemInvalid with the first ten faults, each with its JSON path.
    """
    data = msgspec.json.encode(rows)
    try:
        return msgspec.json.decode(data, type=Problem).checked()
    except msgspec.DecodeError:
        return read_problem(data)  # raises the faults with their paths


def write_problem(problem: Problem) -> bytes:
    """Returns the problem as JSON, defaults included. `read_problem` returns the same problem again. Raises nothing."""
    if problem.format not in UNKNOWN_IN:
        return msgspec.json.encode(problem, order="deterministic")
    plain = msgspec.to_builtins(problem, order="deterministic")
    for row, later in _rows_with_later_keys(plain):
        for key in later:
            row.pop(key, None)
    return msgspec.json.encode(plain)


def read_solution(data: bytes) -> Solution:
    """Returns the solution in `data` (JSON, format placement-solution/2 or /1). `check` tests the content.

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
    if refused and not faults:  # only the fast reader found a fault
        faults = (Fault("$", refused),)
    if faults:
        raise refusal(faults)
    return read


def _needs_the_thorough_reader(data: bytes) -> bool:
    """Checks whether the data may contain a key twice, or a key of a later format. The fast reader accepts both.

    Compares the number of keys in the text with the number in the decoded value. A string that looks like a key makes
    the first number too high; the thorough reader then finds no fault.
    """
    value = msgspec.json.decode(data)
    if any(not later.isdisjoint(row) for row, later in _rows_with_later_keys(value)):
        return True
    return sum(1 for _ in _KEY.finditer(data)) != _count_keys(value)


def _rows_with_later_keys(value: dict[str, Any]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Yields the objects that can have keys of a later format than the file's format, each with these keys."""
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
