"""The tests themselves: names that can be read, helpers in tests/support, and no test that is a library."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

LONGEST = 60
ENTRY_POINTS = {"tests/__init__.py", "tests/browser/__init__.py", "tests/browser/screenshots.py"}
"""Neither tests nor helpers: the packages themselves, and what `make screenshots` runs."""
PERSONS = re.compile(r"_(she|hers?|he|his|him|herself|himself|who|whoever|whom|whose|somebody|nobody|everybody)(_|$)")
LIBRARY = re.compile(r"(^|\.)(test_\w+|conftest)$")


def faults(root: Path) -> list[str]:
    return [
        f"{file.relative_to(root)}: {fault}"
        for file in sorted((root / "tests").rglob("*.py"))
        for fault in faults_of(file.relative_to(root).as_posix(), file.read_text())
    ]


def faults_of(path: str, source: str) -> Iterator[str]:
    name = path.rpartition("/")[2]
    is_test = name.startswith("test_")
    if not (is_test or name == "conftest.py" or path.startswith("tests/support/") or path in ENTRY_POINTS):
        yield "a helper outside tests/support"
    for node in nodes_in(source):
        if is_test and isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if len(node.name) > LONGEST:
                yield f"{node.name} has more than {LONGEST} characters"
            if PERSONS.search(node.name):
                yield f"{node.name} names no client, coordinator or actor"
        yield from (f"imports {one}" for one in imported(node) if LIBRARY.search(one))
        if isinstance(node, ast.Attribute) and node.attr == "path" and ast.unparse(node) == "sys.path":
            yield "uses sys.path"
        if is_test and isinstance(node, ast.Attribute) and node.attr == "run" and ast.unparse(node) == "asyncio.run":
            yield "uses asyncio.run in the thread of the tests: tests/support/loops.py"


def imported(node: ast.AST) -> list[str]:
    """Returns each imported module, and each name that is imported from a module, as if the name were a module."""
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom):
        return [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
    return []


@pytest.mark.wide
def test_tests_have_short_names_and_share_from_support_only():
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("tests/api/test_x.py", f"def test_{'x' * 56}(): ...", f"test_{'x' * 56} has more than 60 characters"),
        (
            "tests/api/test_x.py",
            "def test_hold_of_her(): ...",
            "test_hold_of_her names no client, coordinator or actor",
        ),
        ("tests/api/things.py", "", "a helper outside tests/support"),
        ("tests/api/test_x.py", "from tests.api.test_y import made", "imports tests.api.test_y"),
        ("tests/api/test_x.py", "from tests.api import test_y", "imports tests.api.test_y"),
        ("tests/support/x.py", "def f():\n    from tests.conftest import AT", "imports tests.conftest"),
        ("tests/api/test_x.py", "import test_y", "imports test_y"),
        (
            "tests/api/test_x.py",
            "import asyncio\nasyncio.run(f())",
            "uses asyncio.run in the thread of the tests: tests/support/loops.py",
        ),
        ("tests/api/conftest.py", "import sys\nsys.path.insert(0, '.')", "uses sys.path"),
    ],
)
def test_planted_fault_in_the_tests_is_found(tmp_path, path, source, fault):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source)
    assert faults(tmp_path) == [f"{path}: {fault}"]


def test_longest_allowed_name_is_no_fault(tmp_path):
    file = tmp_path / "tests" / "test_x.py"
    file.parent.mkdir()
    file.write_text(f"def test_{'x' * 55}(): ...")
    assert faults(tmp_path) == []
