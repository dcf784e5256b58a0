"""Counts and cases: no foreign key, no import, no query that names both."""

import ast

import pytest
from sqlmodel import SQLModel

from tests.support.paths import ROOT

COUNTS = {table.name for table in SQLModel.metadata.sorted_tables if table.name.startswith("count")} - {"countrylook"}
MAY_NAME = {"placement/retention/schedule.py", "placement/retention/erasure.py", "placement/tables/__init__.py"}
"""The files outside the package that name a table of counts: the terms, their end, and the list of tables."""
ROUTES = "api/v1/count_"
"""The routes name the class that they show, and make no query."""
OF_A_CASE = ("registration", "request", "hold", "stay", "proposal", "decision", "event", "sentregistration")


def names_in(source):
    """Returns the names that a file uses, imports and attributes included."""
    tree = ast.parse(source)
    imported = {one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names}
    return imported | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def sources(*folders):
    return {str(file.relative_to(ROOT)): file.read_text() for one in folders for file in (ROOT / one).rglob("*.py")}


def test_counts_have_no_foreign_key_to_or_from_any_table():
    assert COUNTS
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            assert table.name not in COUNTS, key
            assert key.column.table.name not in COUNTS, key
        if table.name in COUNTS:
            assert not [one for one in table.columns if one.name.removesuffix("_id") in OF_A_CASE]


def test_counts_and_cases_do_not_import_each_other():
    contracts = (ROOT / "pyproject.toml").read_text()
    assert 'name = "Counts import nothing of a case"' in contracts
    assert 'name = "No case imports counts"' in contracts


@pytest.mark.wide
def test_no_query_names_a_table_of_counts_beside_a_case():
    tables = {table.name for table in SQLModel.metadata.sorted_tables}
    classes = {one.class_.__name__ for one in SQLModel._sa_registry.mappers if one.class_.__tablename__ in tables}
    own = {one for one in classes if one.startswith("Count") and one != "CountryLook"}
    for path, source in sources("placement", "api").items():
        if path.startswith(("placement/counts/", "placement/tables/")):
            used = names_in(source) & (classes - own - {"SecondPersonRequest"})  # a release needs a second analyst
            assert path.startswith("placement/tables/") or not used, (path, used)
        elif path.startswith(ROUTES):
            assert "select" not in names_in(source), path
        elif path not in MAY_NAME and not path.startswith("placement/migrations/"):
            assert not names_in(source) & own, path
