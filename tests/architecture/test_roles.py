"""The rights and the reach of a role, which are declared with it: no other module asks for the role."""

import ast

import pytest

from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

DECLARED = {"placement/core/codes.py", "placement/access/permissions.py"}
ALLOWED = {"api/pages/drafts.py"}


def compared(source):
    """Yields the lines that compare something with a role by its name (`role is Role.DESK`), except with the service
    itself.
    """
    for node in nodes_in(source):
        if isinstance(node, ast.Compare | ast.MatchValue):
            for part in ast.walk(node):
                named = isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "Role"
                if named and part.attr != "SYSTEM":
                    yield node.lineno


def test_no_module_asks_which_role_it_is():
    found = {
        str(file.relative_to(ROOT)): lines
        for top in ("placement", "api")
        for file in (ROOT / top).rglob("*.py")
        if (lines := sorted(compared(file.read_text())))
    }
    assert set(found) - DECLARED - ALLOWED == set(), found


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("if actor.role is Role.DESK: pass", [1]),
        ("x = role in {Role.DESK, Role.ADMIN}", [1, 1]),
        ("query.where(Account.role == Role.READER)", [1]),
        ("actor.role is Role.SYSTEM", []),
        ("Actor(role=Role.SHELTER)", []),
    ],
)
def test_planted_comparison_with_a_role_is_found(source, lines):
    assert list(compared(source)) == lines
