"""Rules for migrations: processes of the version before work with the tables after an expansion. Every migration that
they do not survive states it in `works_from`. A column under a seal stands in `filled_later`.
"""

import ast
import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from placement.storage import row_seals
from placement.storage.schema_form import Schema
from tests.support.next_version import VERSIONS

MIGRATIONS = ScriptDirectory(str(VERSIONS.parent))
REMOVES = {"drop_table", "drop_column", "rename_table"}
TIGHTENS = {"create_check_constraint", "create_unique_constraint", "create_foreign_key", "create_exclude_constraint"}
NARROWS = {"new_column_name", "type_"}


def expansions():
    """Yields the migrations after the newest that states `works_from`."""
    for script in MIGRATIONS.walk_revisions():
        if hasattr(script.module, "works_from"):
            return
        yield script


def faults_of(source):
    """Returns what processes of the version before do not survive in `upgrade`, and in the functions that it calls."""
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    wanted, seen, found = ["upgrade"], set(), []
    while wanted:
        name = wanted.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.Call):
                wanted.append(ast.unparse(node.func))
                found += _faults_of_call(node)
    return found


def _faults_of_call(node):
    name = ast.unparse(node.func).rpartition(".")[2]
    if "allow_codes" in name:
        return ["allow_codes"]  # an older process cannot read a new code
    given = {word.arg: word.value for word in node.keywords}
    is_required = ast.unparse(given.get("nullable", ast.Constant(value=True))) == "False"
    if name in REMOVES or name in TIGHTENS or (name == "create_index" and "unique" in given):
        return [name]
    if name == "alter_column" and (is_required or NARROWS & given.keys()):
        return [name]
    if name == "add_column":
        columns = [one for one in ast.walk(node) if isinstance(one, ast.Call) and ast.unparse(one.func) == "sa.Column"]
        keywords = [{word.arg: ast.unparse(word.value) for word in one.keywords} for one in columns]
        return [name for one in keywords if one.get("nullable") == "False" and "server_default" not in one]
    return [f"{name}: SQL" for one in node.args if name == "execute" and not _is_update(one)]


def _is_update(node):
    """Checks whether a statement fills rows only; other statements cannot be judged."""
    words = [
        inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    ]
    return bool(words) and words[0].lstrip().upper().startswith(("UPDATE ", "INSERT ", "SELECT "))


def sealed_columns_added(source):
    """Returns the columns that a migration adds to tables with seals. An older process does not know such a column. It
    does not accept the seal of a row in which that column is filled.
    """
    return [
        f"{table}.{column}"
        for table, column in re.findall(r"""add_column\(\s*["'](\w+)["'],\s*sa\.Column\(["'](\w+)["']""", source)
        if (kind := row_seals.sealed_tables().get(table)) is not None and column not in kind.OUTSIDE
    ]


def test_migration_is_an_expansion_or_states_works_from():
    found = {script.revision: faults_of(Path(script.path).read_text()) for script in expansions()}
    assert {revision: faults for revision, faults in found.items() if faults} == {}


def test_sealed_column_of_an_expansion_is_filled_later():
    for script in expansions():
        later = list(getattr(script.module, "filled_later", ()))
        assert sealed_columns_added(Path(script.path).read_text()) == later, script.path


def test_column_added_under_a_seal_is_found():
    added = (VERSIONS / "0093_version_of_proposals.py").read_text()
    assert sealed_columns_added(added) == ["proposal.service_version"]


def test_works_from_is_the_own_revision_or_an_earlier_revision():
    for script in MIGRATIONS.walk_revisions():
        if (stated := getattr(script.module, "works_from", None)) is not None:
            assert stated in {one.revision for one in MIGRATIONS.iterate_revisions(script.revision, "base")}


def test_version_works_with_its_newest_tables():
    schema = Schema.of(MIGRATIONS)
    assert schema.newest == MIGRATIONS.get_current_head()
    assert schema.back_to()[0] == schema.newest


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("op.drop_table('stay')", "drop_table"),
        ("op.drop_column('stay', 'room')", "drop_column"),
        ("changed.drop_column('room')", "drop_column"),
        ("op.rename_table('stay', 'visit')", "rename_table"),
        ("op.alter_column('stay', 'room', new_column_name='bed')", "alter_column"),
        ("op.alter_column('stay', 'room', nullable=False)", "alter_column"),
        ("op.add_column('stay', sa.Column('room', sa.Text(), nullable=False))", "add_column"),
        ("changed.create_check_constraint('one', sa.text('true'))", "create_check_constraint"),
        ("op.create_index('one', 'stay', ['room'], unique=True)", "create_index"),
        ("context.config.attributes['allow_codes']('stay.reason', ('one',), 'reason')", "allow_codes"),
        ("op.execute('ALTER TABLE stay DROP COLUMN room')", "execute: SQL"),
        ("_later()\n\n\ndef _later():\n    op.drop_table('stay')", "drop_table"),
    ],
)
def test_planted_contraction_is_found(statement, fault):
    assert faults_of(f"def upgrade():\n    {statement}\n") == [fault]


@pytest.mark.parametrize(
    "statement",
    [
        "op.create_table('visit', sa.Column('id', sa.String(), nullable=False))",
        "op.add_column('stay', sa.Column('room', sa.Text(), nullable=True))",
        "op.add_column('stay', sa.Column('room', sa.Text(), nullable=False, server_default=''))",
        "op.create_index('one', 'stay', ['room'])",
        "op.execute(\"UPDATE stay SET room = ''\")",
        "op.create_table('visit')\n\n\ndef downgrade():\n    op.drop_table('visit')",
    ],
)
def test_expansion_has_no_fault(statement):
    assert faults_of(f"def upgrade():\n    {statement}\n") == []
