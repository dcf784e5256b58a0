"""Tests without assertions on elapsed time, as a busy machine would fail them. Tests marked `long` may have such
assertions, for `make prove`.

Looks at each file by itself: at differences of a clock's reading, at the names of such differences, and at functions of
the file that return them. A deadline after which a test gives up waiting is no such assertion.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.syntax import nodes_in

TESTS = Path(__file__).parents[1]
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "thread_time", "time_ns"}


def _reads_clock(node: ast.AST) -> bool:
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return name == "time.time" or name.rpartition(".")[2] in CLOCKS


def _holds_time(node: ast.AST, timed: set[str]) -> bool:
    """Checks whether it contains a difference of a clock's reading, or a name that stands for such a difference."""
    return any(
        (isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub) and _reads_clock(inner.left))
        or (isinstance(inner, ast.Name) and inner.id in timed)
        for inner in ast.walk(node)
    )


def _names(to: ast.AST) -> list[str]:
    """Returns the names that are assigned to, or the list that is added to."""
    if isinstance(to, ast.Tuple):
        return [name for part in to.elts for name in _names(part)]
    while isinstance(to, ast.Attribute | ast.Subscript):
        to = to.value
    return [to.id] if isinstance(to, ast.Name) else []


def _is_of_time(test: ast.AST, timed: set[str]) -> bool:
    return _holds_time(test, timed) or any(map(_reads_clock, ast.walk(test)))


def _named_times(nodes: Sequence[ast.AST]) -> set[str]:
    """Variables, lists and functions of the file that hold how long something took."""
    timed: set[str] = set()
    for _ in range(3):  # a function, what it answered, and a list of that
        for node in nodes:
            if isinstance(node, ast.Assign) and _holds_time(node.value, timed):
                timed |= {name for to in node.targets for name in _names(to)}
            elif isinstance(node, ast.FunctionDef):
                returned = [inner for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value]
                timed |= {node.name for one in returned if _holds_time(one, timed)}
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".append"):
                timed |= {name for name in _names(node.func) for given in node.args if _holds_time(given, timed)}
    return timed


def assertions_on_time(source: str) -> Iterator[int]:
    """Yields the lines with an assertion on elapsed time, or on a clock, outside code that is marked `long`."""
    if not any(clock in source for clock in (*CLOCKS, "time.time")):
        return
    nodes = nodes_in(source)
    timed = _named_times(nodes)
    long = {
        inner
        for node in nodes
        if isinstance(node, ast.FunctionDef)
        and any("long" in ast.unparse(mark).lower() for mark in node.decorator_list)
        for inner in ast.walk(node)
    }
    for node in nodes:
        if isinstance(node, ast.Assert) and node not in long and _is_of_time(node.test, timed):
            yield node.lineno


def test_no_test_asserts_on_elapsed_time():
    files = {str(file.relative_to(TESTS)): file.read_text() for file in sorted(TESTS.rglob("*.py"))}
    assert {name: lines for name, source in files.items() if (lines := list(assertions_on_time(source)))} == {}


@pytest.mark.parametrize(
    "lines",
    [
        "assert time.monotonic() - began < 1",
        "assert time.time() < end",
        "taken = perf_counter() - began\n    assert taken < 1",
        "found.append(time.process_time() - began)\n    assert max(found) < 1",
        "answer, seconds = timed()\n    assert seconds < 1",
    ],
)
def test_an_assertion_on_time_is_found(lines):
    source = f"def test_it():\n    began = time.monotonic()\n    {lines}\n"
    source += "def timed():\n    return 1, time.monotonic() - began\n"
    assert list(assertions_on_time(source)) == [3 + lines.count("\n")]
    assert list(assertions_on_time("@pytest.mark.long\n" + source)) == []


@pytest.mark.parametrize(
    "lines",
    [
        "while time.monotonic() < end:\n        pass\n    raise AssertionError('nobody came')",
        "thread.join(60)\n    assert not thread.is_alive()",
        "assert answer['seconds'].keys() == {'read'}",
        "assert (later - now).total_seconds() == 30",
    ],
)
def test_giving_up_and_an_injected_clock_are_not_found(lines):
    assert list(assertions_on_time(f"def test_it():\n    {lines}\n")) == []
