"""`placement audit`: verify says the first bad line and exits 3; head; and what is typed has a line too."""

import json
import os
import subprocess
import sys

from sqlalchemy import text
from sqlmodel import select
from story import one_store

from placement import chain
from placement.tables import AuditEvent
from placement.vocabulary import Protocol, Role


def placement(story, *arguments, **more):
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("PLACEMENT", "DATABASE"))}
    ours = {
        "PLACEMENT_VAR": str(story.settings.var),
        "DATABASE_URL": story.settings.database_url,
        "PLACEMENT_FIELD_KEYS": story.settings.field_keys[0],
        "PLACEMENT_AUDIT_KEY": story.settings.audit_key,
    }
    return subprocess.run(
        [sys.executable, "-m", "placement", *arguments],
        env=outside | ours | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@one_store
def test_a_good_log_is_said_to_be_good_and_a_bad_one_where(town):
    head = json.loads(placement(town, "audit", "head").stdout)
    assert head["line"] == len(town.events())
    assert "cut off" in placement(town, "audit", "verify").stderr  # no head was written yet
    assert placement(town, "jobs", "write_audit_head").returncode == 0
    good = placement(town, "audit", "verify")
    assert (good.returncode, json.loads(good.stdout)) == (
        0, {"lines": head["line"], "heads": 1, "first_bad": None, "why": None}
    )  # fmt: skip
    with town.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER auditevent_is_append_only_update"))
        connection.execute(text("UPDATE auditevent SET actor = 'x' WHERE id = 2"))
    bad = placement(town, "audit", "verify")
    assert (bad.returncode, json.loads(bad.stdout)["first_bad"]) == (3, 2)
    assert placement(town, "audit", "verify", "--from", "3").returncode == 0


@one_store
def test_what_is_wrong_with_the_key_is_one_line(town):
    for key, said in (("", "keys new"), ("short", "32 bytes")):
        done = placement(town, "audit", "head", PLACEMENT_AUDIT_KEY=key)
        assert done.returncode == 1
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
    other = placement(town, "serve", "--port", "1025", PLACEMENT_AUDIT_KEY=chain.new_key())
    assert "does not fit the key for the log" in other.stderr
    assert placement(town, "audit", "grant", "somebody").returncode == 1


@one_store
def test_what_is_exported_or_looked_up_at_the_command_line_has_a_line(town):
    her = town.register()
    proposal = town.propose(her)
    assert placement(town, "export-problem").returncode == 0
    assert placement(town, "replay", proposal).returncode == 0
    exported, replayed = town.all(select(AuditEvent).order_by(AuditEvent.id))[-2:]
    assert (exported.event, exported.action, exported.facts) == ("problem:exported", "export", {"shown": [her]})
    assert (replayed.event, replayed.registration_id, replayed.object_id) == ("proposal:read", her, proposal)
    for line in (exported, replayed):
        assert (line.protocol, line.role, line.address) == (Protocol.COMMAND_LINE, Role.SYSTEM, "local")
        assert line.actor.startswith("os:")
