"""Commands about keys and retention: output and exit codes; in this process, to be quick."""

import json
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlmodel import func, select

from placement.audit import key_rotation
from placement.audit.events import Event
from placement.cli import server
from placement.cli.faults import message_of
from placement.core import clock
from placement.core.clock import day_of, start_of
from placement.core.codes import Protocol, StoreFact
from placement.core.errors import Conflict, Misconfigured
from placement.core.second_person_codes import SecondPersonStatus
from placement.core.setting_files import key_file
from placement.core.settings import Settings
from placement.registrations import registrations
from placement.retention.processing_register import register
from placement.retention.schedule import SCHEDULE
from placement.retention.schedule_of_cases import CONTENT_FOR, FROZEN_FOR
from placement.storage import row_seals
from placement.storage.store_records import fingerprint_of_keys
from placement.tables import SecondPersonRequest, StoreRecord
from tests.support.audit_log import logged
from tests.support.second_person import rotation
from tests.support.stores import one_store
from tests.support.town import AT

pytestmark = one_store


@pytest.fixture
def run(town, tmp_path, command_over):
    """Runs `placement ...` over the town; its keys are in a file."""
    command = command_over(town)
    command.file = key_file(tmp_path)
    return command


def keys_in(run):
    return run.file.read_text().split()


def events(town, event):
    """The facts of the audit events of this kind; the actor of all of them is the command line."""
    lines = logged(town, event=event.value)
    assert all(line.protocol is Protocol.COMMAND_LINE and line.actor.startswith("os:") for line in lines)
    return [line.facts for line in lines]


def seals(town):
    """How many rows carry a seal."""
    with town.database.engine.connect() as connection:
        tables = [row_seals.table_of(kind) for kind in row_seals.sealed_tables().values()]
        return sum(connection.execute(select(func.count()).select_from(table)).scalar() for table in tables)


@pytest.mark.wide
def test_draft_of_a_killed_process_is_named_then_erased(town, run):
    drafts = [town.settings.key_store / ".R-1.key.7.draft", run.file.with_name(f".{run.file.name}.draft")]
    beside = run.file.with_name(".else.draft")
    for file in (*drafts, beside):
        file.write_bytes(b"half of a key")
    done = run("keys", "check")
    assert (done.exit_code, json.loads(done.stdout)["drafts"]) == (3, sorted(map(str, drafts)))
    server.require_usable(Settings.from_environment())
    done = run("keys", "check")
    assert (done.exit_code, json.loads(done.stdout)["drafts"]) == (0, [])
    assert beside.exists()


@pytest.mark.wide
def test_rotate_makes_one_key_prints_counts_and_has_an_event(town, run):
    town.register(alias="Merel")
    [old] = keys_in(run)
    done = run("keys", "rotate")
    count = 2 + seals(town)  # two data keys, and each sealed row with its addresses and indexes
    assert (done.exit_code, f"encrypted anew: {count}" in done.stderr) == (0, True)
    assert keys_in(run)[1:] == [old]
    again = run("keys", "rotate")
    assert (again.exit_code, "encrypted anew: 0" in again.stderr) == (0, True)
    assert len(keys_in(run)) == 2
    assert events(town, Event.KEYS_ROTATED) == [{"count": count}, {"count": 0}]


@pytest.mark.wide
def test_rotate_with_approval_needs_two_admins_and_is_done_once(town, run):
    [old] = keys_in(run)
    with town.database.transaction() as session:
        session.add(rotation(AT, expires_at=clock.now() + timedelta(hours=1)))
    for approval, words in (("Y-1", "No other admin has granted"), ("Y-2", "not")):
        assert words in str(message_of(run("keys", "rotate", "--approval", approval).exception))
    assert keys_in(run) == [old]
    with town.database.transaction() as session:
        found = session.get(SecondPersonRequest, "Y-1")
        found.status, found.settled_at, found.settled_by = SecondPersonStatus.GRANTED, AT, "A-2"
    assert run("keys", "rotate", "--approval", "Y-1").exit_code == 0
    assert keys_in(run)[1:] == [old]
    with town.database.engine.connect() as connection:  # without the new key, the town cannot check its seal
        assert connection.execute(text("SELECT done_at IS NOT NULL FROM secondpersonrequest")).scalar()
    assert isinstance(run("keys", "rotate", "--approval", "Y-1").exception, Conflict)


@pytest.mark.wide
def test_rotation_withdrawn_while_it_runs_is_noted_as_done(town, run, monkeypatch):
    in_a_week = clock.now() + timedelta(days=7)
    with town.database.transaction() as session:
        session.add(rotation(AT, expires_at=in_a_week, granted=True))
    renew = key_rotation.renew

    def renew_and_withdraw(*arguments):
        with arguments[0].transaction() as session:
            session.get(SecondPersonRequest, "Y-1").status = SecondPersonStatus.WITHDRAWN
        return renew(*arguments)

    monkeypatch.setattr(key_rotation, "renew", renew_and_withdraw)
    assert run("keys", "rotate", "--approval", "Y-1").exit_code == 0
    with town.database.engine.connect() as connection:
        assert connection.execute(text("SELECT done_at IS NOT NULL FROM secondpersonrequest")).scalar()


@pytest.mark.wide
def test_check_shows_counts_and_exits_3_where_something_is_wrong(town, run):
    client = town.register(alias="Merel")
    done = run("keys", "check")
    assert (done.exit_code, json.loads(done.stdout)["token"]) == (0, "")
    [old] = keys_in(run)
    run.file.write_text(f"{Fernet.generate_key().decode()}\n{old}\n")
    done = run("keys", "check")
    assert (done.exit_code, json.loads(done.stdout)["older"]) == (3, 5)  # two data keys, three addresses
    run.file.write_text(f"{old}\n")
    (town.settings.key_store / f"{client}.key").unlink()
    done = run("keys", "check")
    assert (done.exit_code, json.loads(done.stdout)["missing"]) == (3, 1)


@pytest.mark.wide
def test_retire_drops_what_nothing_needs(town, run, monkeypatch):
    with pytest.raises(Misconfigured, match="one key only"):
        run("keys", "retire")
    run("keys", "rotate")
    newest = keys_in(run)[0]
    with pytest.raises(Misconfigured, match="too new"):
        run("keys", "retire")
    monkeypatch.setattr("placement.crypto.master_keys.NOTICED_WITHIN", timedelta(0))
    done = run("keys", "retire")
    assert (done.exit_code, "a backup from before opens with their copies alone" in done.stderr) == (0, True)
    assert keys_in(run) == [newest]
    assert events(town, Event.KEYS_RETIRED) == [{"count": 1}]


@pytest.mark.wide
def test_retire_keeps_a_key_that_something_needs(town, run):
    [old] = keys_in(run)
    run.file.write_text(f"{Fernet.generate_key().decode()}\n{old}\n")
    done = run("keys", "retire")
    assert (done.exit_code, f"still encrypted with an old key: {4 + seals(town)}" in done.stderr) == (3, True)
    assert len(keys_in(run)) == 2


@pytest.mark.wide
def test_rotate_leaves_keys_of_the_environment_alone(run, monkeypatch):
    [old] = keys_in(run)
    monkeypatch.setenv("PLACEMENT_FIELD_KEYS", f"{Fernet.generate_key().decode()},{old}")
    assert run("keys", "rotate").exit_code == 0
    done = run("keys", "retire")
    assert (done.exit_code, "take the others out of PLACEMENT_FIELD_KEYS" in done.stderr) == (0, True)
    assert keys_in(run) == [old]


@pytest.mark.wide
def test_a_dry_run_shows_what_a_run_then_does(town, run):
    client = town.register(alias="Merel")
    town.do(registrations.close, client, "withdraws_consent")
    moment = f"{AT + CONTENT_FOR:%Y-%m-%dT%H:%M:%SZ}"
    shown = json.loads(run("retention", "run", "--dry-run", "--as-of", moment).stdout)
    assert shown["would_go"]["registration_content"] == 1
    assert town.registration(client).alias == "Merel"
    done = json.loads(run("retention", "run", "--as-of", moment).stdout)
    assert done["gone"] == shown["would_go"]
    assert town.registration(client).alias is None
    assert events(town, Event.ERASED) == [{"kind": "registration_content", "count": 1, "fate": "destroy_key"}]
    again = json.loads(run("retention", "run", "--as-of", moment).stdout)
    assert set(again["gone"].values()) == {0}


@pytest.mark.wide
def test_the_report_proves_it_and_fails_when_something_is_late(town, run):
    town.do(registrations.close, town.register(alias="Merel"), "withdraws_consent")
    on_time = start_of(day_of(AT)) + CONTENT_FOR + timedelta(hours=23)
    done = run("retention", "report", "--json", "--as-of", f"{on_time:%Y-%m-%dT%H:%M:%SZ}")
    kinds = {kind["kind"]: kind for kind in json.loads(done.stdout)["kinds"]}
    assert done.exit_code == 0
    assert list(kinds) == [kind.name for kind in SCHEDULE]
    content = kinds["registration_content"]
    assert (content["count"], content["due"], content["days"], content["assumed"]) == (1, 1, 365, True)
    closed = start_of(day_of(AT))
    assert (content["oldest"], content["next_due"]) == (closed.isoformat(), (closed + CONTENT_FOR).isoformat())
    late = run("retention", "report", "--as-of", f"{on_time + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}")
    assert late.exit_code == 3
    [row] = [line for line in late.stdout.splitlines() if "registration_content" in line]
    assert f"{closed.date()}" in row  # whole, though no terminal is there
    assert "destroy_key" in row
    assert "Merel" not in late.stdout + done.stdout


def test_the_register_is_printed(run):
    assert run("retention", "register").stdout.strip() == register()


@pytest.mark.wide
def test_replay_of_an_erased_proposal_is_refused(town, run):
    proposal = town.propose(town.register())
    moment = f"{AT + FROZEN_FOR:%Y-%m-%dT%H:%M:%SZ}"
    run("retention", "run", "--as-of", moment)
    with pytest.raises(Misconfigured, match="erased when its time had passed"):
        run("replay", proposal)


def test_a_key_store_that_is_not_mounted_stops_everything(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PLACEMENT_KEY_STORE", str(tmp_path / "nowhere"))
    with pytest.raises(Misconfigured, match="mounted"):
        run("retention", "run")


def test_copied_keys_and_a_backup_are_recorded_with_an_event(town, run):
    assert run("keys", "copied").exit_code == run("backup-made").exit_code == 0
    found = {row.fact: row for row in town.all(select(StoreRecord)) if row.fact is not StoreFact.WORKS_FROM}
    assert set(found) == {StoreFact.KEYS_COPIED, StoreFact.BACKUP_MADE}
    assert found[StoreFact.KEYS_COPIED].detail == fingerprint_of_keys(Settings.from_environment())
    assert keys_in(run)[0] not in found[StoreFact.KEYS_COPIED].detail
    assert [one["fact"] for one in events(town, Event.STORE_RECORDED)] == ["keys_copied", "backup_made"]


@pytest.mark.wide
def test_fingerprint_of_keys_is_another_after_a_rotation(run):
    before = fingerprint_of_keys(Settings.from_environment())
    run("keys", "rotate")
    assert fingerprint_of_keys(Settings.from_environment()) != before
