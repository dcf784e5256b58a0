"""Imports of the engine, read from the syntax trees."""

import ast
import sys

import pytest

from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

FILES = sorted((ROOT / "matching").rglob("*.py"))
STANDARD = sys.stdlib_module_names - {"os", "random", "socket", "sqlite3", "subprocess", "urllib"}


def imports(path):
    for node in nodes_in(path.read_text()):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_the_checker_imports_the_shapes_only():
    shapes = {f"matching.format.{name}" for name in ("parts", "policy", "problem", "scalars", "solution")}
    for file, others in (("check.py", {"matching.check_pair"}), ("check_pair.py", set())):
        ours = {name for name in imports(ROOT / "matching" / file) if name.startswith("matching")}
        assert others <= ours <= shapes | others


COMMANDS = {"typer", "rich"}
BESIDES = {"plot.py": {"matplotlib"}, "cli.py": COMMANDS, "many_problems.py": COMMANDS, "progress_bar.py": COMMANDS}
"""Pictures and commands, which no import of the engine loads."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_engine_imports_nothing_that_knows_the_world(path):
    ours = {"matching", "msgspec", "numpy", "ortools", "highspy", *BESIDES.get(path.name, ())}
    assert {name.partition(".")[0] for name in imports(path)} <= STANDARD | ours


def test_only_one_file_runs_a_solver():
    assert [path.name for path in FILES if "CpSolver" in path.read_text()] == ["cp_sat.py"]
