"""`placement audit`: verify says the first bad line and exits 3; head; and what is typed has a line too."""

import json
import os

import pytest
from sqlalchemy import text
from sqlmodel import select
from story import one_store
from typer.testing import CliRunner

from placement.cli import app
from placement.core.codes import Protocol, Role
from placement.storage import hash_chain as chain
from placement.tables import AuditEvent


@pytest.fixture
def placement(town, monkeypatch):
    """Types a command, over the town."""
    for name in [name for name in os.environ if name.startswith(("PLACEMENT", "DATABASE"))]:
        monkeypatch.delenv(name)
    ours = {
        "PLACEMENT_VAR": str(town.settings.var),
        "DATABASE_URL": town.settings.database_url,
        "PLACEMENT_FIELD_KEYS": town.settings.field_keys[0],
        "PLACEMENT_KEY_STORE": str(town.settings.key_store),
        "PLACEMENT_AUDIT_KEY": town.settings.audit_key,
    }
    return lambda *arguments, **more: CliRunner().invoke(app, arguments, env=ours | more)


@one_store
def test_a_good_log_is_said_to_be_good_and_a_bad_one_where(town, placement):
    head = json.loads(placement("audit", "head").stdout)
    assert head["line"] == len(town.events())
    assert "cut off" in placement("audit", "verify").stderr  # no head was written yet
    assert placement("jobs", "write_audit_head").exit_code == 0
    good = placement("audit", "verify")
    assert (good.exit_code, json.loads(good.stdout)) == (
        0, {"lines": head["line"], "heads": 1, "first_bad": None, "why": None}
    )  # fmt: skip
    with town.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER auditevent_is_append_only_update"))
        connection.execute(text("UPDATE auditevent SET actor = 'x' WHERE id = 2"))
    bad = placement("audit", "verify")
    assert (bad.exit_code, json.loads(bad.stdout)["first_bad"]) == (3, 2)
    assert placement("audit", "verify", "--from", "3").exit_code == 0


@one_store
def test_what_is_wrong_with_the_key_is_said(placement):
    for key, said in (("", "keys new"), ("short", "32 bytes")):
        assert said in str(placement("audit", "head", PLACEMENT_AUDIT_KEY=key).exception)
    other = placement("serve", "--port", "1025", PLACEMENT_AUDIT_KEY=chain.new_key())
    assert "does not fit the key for the log" in str(other.exception)
    assert "PostgreSQL" in str(placement("audit", "grant", "somebody").exception)


@one_store
def test_what_is_exported_or_looked_up_at_the_command_line_has_a_line(town, placement):
    her = town.register()
    proposal = town.propose(her)
    assert placement("export-problem").exit_code == 0
    assert placement("replay", proposal).exit_code == 0
    exported, replayed = town.all(select(AuditEvent).order_by(AuditEvent.id))[-2:]
    assert (exported.event, exported.action, exported.facts) == ("problem:exported", "export", {"shown": [her]})
    assert (replayed.event, replayed.registration_id, replayed.object_id) == ("proposal:read", her, proposal)
    for line in (exported, replayed):
        assert (line.protocol, line.role, line.address) == (Protocol.COMMAND_LINE, Role.SYSTEM, "local")
        assert line.actor.startswith("os:")
