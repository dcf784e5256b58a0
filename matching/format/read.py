"""The strict reader and writer. An unknown key, an unknown code or an unknown id is an error that names it."""

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
"""Keys that exist only in a later format, by format."""

_KEY = re.compile(rb'"[ \t\r\n]*:')


def read_problem(data: bytes) -> Problem:
    """Returns the problem in the bytes `data` (JSON, placement-problem/2 or /1).

    Raises ProblemInvalid with the first ten faults, each with its JSON path.
    """
    return _read(data, Problem, ProblemInvalid).checked()


def problem_of(rows: Mapping[str, Any]) -> Problem:
    """Returns the problem of `rows` (dictionaries and lists), which a program has made in the newest format.

    Raises ProblemInvalid with the first ten faults, each with its JSON path.
    """
    data = msgspec.json.encode(rows)
    try:
        return msgspec.json.decode(data, type=Problem).checked()
    except msgspec.DecodeError:
        return read_problem(data)  # the reader raises the faults with their paths


def write_problem(problem: Problem) -> bytes:
    """Returns the problem as JSON with every default; `read_problem` restores the same problem. Raises nothing."""
    if problem.format not in UNKNOWN_IN:
        return msgspec.json.encode(problem, order="deterministic")
    plain = msgspec.to_builtins(problem, order="deterministic")
    for row, later in _rows_with_later_keys(plain):
        for key in later:
            row.pop(key, None)
    return msgspec.json.encode(plain)


def read_solution(data: bytes) -> Solution:
    """Returns the solution in the bytes `data` (JSON, placement-solution/2 or /1); `check` tests its content.

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
    if refused and not faults:  # only the fast reader refused: its message is then the fault
        faults = (Fault("$", refused),)
    if faults:
        raise refusal(faults)
    return read


def _needs_the_thorough_reader(data: bytes) -> bool:
    """Checks whether an object may contain a key twice, or a key of a later format. The fast reader accepts both.

    Compares the numbers of keys in the text and in the result. Text in a string can look like a key. The number in the
    text is then higher, and the thorough reader decides whether there is a fault.
    """
    value = msgspec.json.decode(data)
    if any(not later.isdisjoint(row) for row, later in _rows_with_later_keys(value)):
        return True
    return sum(1 for _ in _KEY.finditer(data)) != _count_keys(value)


def _rows_with_later_keys(value: dict[str, Any]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Yields the objects that can have keys of a later format than the file states, each with these keys."""
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
