"""`placement audit`: verify names the first bad event and exits 3; head; and commands have audit events too."""

import json
import os

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from placement.cli import app
from placement.core.codes import Protocol, Role
from placement.crypto import cipher
from placement.tables import AuditEvent
from tests.support.service_process import variables_of
from tests.support.stores import one_store


@pytest.fixture
def placement(town, monkeypatch):
    """Types a command, over the town."""
    for name in [name for name in os.environ if name.startswith(("PLACEMENT", "DATABASE"))]:
        monkeypatch.delenv(name)
    ours = variables_of(town.settings)
    return lambda *arguments, **more: CliRunner().invoke(app, arguments, env=ours | more)


GOOD_ROWS = {
    "rows": 161,
    "seals_broken": [],
    "not_as_logged": [],
    "rows_differ": False,
    "put_back": None,
    "restored": None,
}


@pytest.mark.wide
@one_store
def test_verify_names_rows_written_from_outside_until_accepted(town, placement):
    with town.database.engine.begin() as connection:
        connection.execute(text("UPDATE datedrule SET source = 'mine' WHERE id = (SELECT min(id) FROM datedrule)"))
        [name] = connection.execute(text("SELECT id FROM datedrule WHERE source = 'mine'")).scalars()
    bad = placement("audit", "verify")
    assert (bad.exit_code, json.loads(bad.stdout)["seals_broken"]) == (3, [f"datedrule/{name}"])
    assert placement("audit", "accept-rows", "nothing/here").exit_code != 0
    assert placement("audit", "accept-rows", f"datedrule/{name}").exit_code == 0
    assert placement("audit", "verify").exit_code == 0


@pytest.mark.wide
@one_store
def test_verify_reports_good_log_or_first_bad_event(town, placement):
    head = json.loads(placement("audit", "head").stdout)
    assert head["line"] == len(town.events())
    assert "cut off" in placement("audit", "verify").stderr  # no head was written yet
    assert placement("jobs", "write_audit_head").exit_code == 0
    good = placement("audit", "verify")
    assert (good.exit_code, json.loads(good.stdout)) == (
        0, {"lines": head["line"], "unsealed": 0, "heads": 1, "first_bad": None, "why": None} | GOOD_ROWS
    )  # fmt: skip
    with town.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER auditevent_is_append_only_update"))
        connection.execute(text("UPDATE auditevent SET cipher = x'00' WHERE id = 2"))
    bad = placement("audit", "verify")
    assert (bad.exit_code, json.loads(bad.stdout)["first_bad"]) == (3, 2)
    assert placement("audit", "verify", "--from", "3").exit_code == 0


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_seal_puts_what_is_stored_into_the_chain(town, placement, monkeypatch):
    monkeypatch.setattr(town.database.sealer, "lines_stored", lambda: None)
    town.register()
    before = json.loads(placement("audit", "verify").stdout)
    assert placement("audit", "seal").exit_code == 0
    after = json.loads(placement("audit", "verify").stdout)
    assert (before["unsealed"], after["unsealed"], before["first_bad"], after["first_bad"]) == (1, 0, None, None)
    assert after["lines"] == before["lines"] + 1


@one_store
def test_verify_with_a_wrong_key_gives_the_reason(placement):
    for key, said in (("", "placement init"), ("short", "32 bytes")):
        assert said in str(placement("audit", "head", PLACEMENT_AUDIT_KEY=key).exception)
    other = placement("serve", "--port", "1025", PLACEMENT_AUDIT_KEY=cipher.new_key())
    assert "does not fit the key for the log" in str(other.exception)
    assert "PostgreSQL" in str(placement("audit", "grant", "somebody").exception)


@pytest.mark.wide
@one_store
def test_export_and_read_by_command_have_audit_events(town, placement):
    client = town.register()
    proposal = town.propose(client)
    assert placement("export-problem").exit_code == 0
    assert placement("replay", proposal).exit_code == 0
    exported, replayed = town.all(select(AuditEvent).order_by(AuditEvent.id))[-2:]
    assert (exported.event, exported.action, exported.facts) == ("problem:exported", "export", {"shown": [client]})
    assert (replayed.event, replayed.registration_id, replayed.object_id) == ("proposal:read", client, proposal)
    for line in (exported, replayed):
        assert (line.protocol, line.role, line.address) == (Protocol.COMMAND_LINE, Role.SYSTEM, "local")
        assert line.actor.startswith("os:")
