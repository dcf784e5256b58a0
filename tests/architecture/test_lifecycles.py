"""States change in one place, by the tables of moves; the diagrams are made from them."""

import ast

from placement.lifecycles.moves import MOVES
from tests.support import lifecycle_diagrams
from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

MACHINE = "placement/lifecycles/machine.py"
"""The module that sets a state. The state of a message belongs to no case, and is sealed with the message."""
ROWS = {moves.__name__.removesuffix("Move") for moves in MOVES}


def states_set(source):
    """Yields the lines in which an attribute `status` is assigned, or given to a new row of a case."""
    for node in nodes_in(source):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target)]
            if any(isinstance(part, ast.Attribute) and part.attr == "status" for part in parts):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ROWS:
            yield from (node.lineno for word in node.keywords if word.arg == "status")


def test_states_are_set_by_the_machine_only():
    found = {
        str(file.relative_to(ROOT)): lines
        for top in ("placement", "api")
        for file in (ROOT / top).rglob("*.py")
        if (lines := list(states_set(file.read_text())))
    }
    assert set(found) == {MACHINE}, found
    assert len(found[MACHINE]) == 2


def test_states_set_elsewhere_would_be_found():
    planted = (
        "held.status = x\nheld.status, other = x, y\nHold(id=1, status=x)\nheld.status: Any = x\nother.state = x\n"
    )
    assert sorted(states_set(planted)) == [1, 2, 3, 4]


def test_diagrams_of_the_lifecycles_are_current():
    page = lifecycle_diagrams.PAGE.read_text()
    assert page == lifecycle_diagrams.with_lifecycles(page), "run: python -m tests.support.lifecycle_diagrams"
