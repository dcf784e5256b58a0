"""The destruction of every data key: no content of a case opens after it, and the certificate lists everything."""

import json
import threading
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from freezegun import freeze_time
from sqlmodel import select

from api.http.database_ready import Usable
from placement.audit.events import Event
from placement.audit.verification import verify
from placement.cli import server
from placement.core import run_folder
from placement.core.codes import Role, StoreFact
from placement.core.context import SYSTEM
from placement.core.errors import Conflict, Misconfigured
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.settings import Settings
from placement.crypto.cipher import Place
from placement.jobs import scheduler
from placement.leave import destruction, requests
from placement.leave.certificate import in_words
from placement.leave.destruction import destroy_everything
from placement.leave.requests import Wanted
from placement.retention import legal_hold
from placement.storage import store_records
from placement.storage.database import Database
from placement.storage.field_sealing import seal
from placement.tables import Account, AuditEvent, DataKey, JobRun, Registration, SecondPersonRequest
from placement.text.catalogue import languages
from tests.support import second_person
from tests.support.audit_log import logged
from tests.support.stores import both_stores, one_store
from tests.support.town import DESK, OTHER_DESK, TODAY, key_store_of

WANTED = Wanted(LeaveKind.DESTROY_KEYS, LeaveReason.LEAVING, "we stop using it")
REVIEW = TODAY + timedelta(days=90)


@pytest.fixture
def story(town):
    """Cases with an alias, a proposal, and a key of answers; the desk has two accounts."""
    no_secret = dict.fromkeys(("password_hash", "totp_secret"), "-")
    with town.database.transaction() as session:
        for one in (DESK, OTHER_DESK):
            session.add(Account(id=one.id, email=f"{one.id}@placement.example", role=Role.DESK, **no_secret))
        seal(session, "answers-2026-11-24", "an answer", Place("idempotentrequest", "body", ("a key",)))
        store_records.record(session, StoreFact.BACKUP_MADE, town.at)
    for alias in ("Merel", "Ekster", "Spreeuw"):
        town.register(alias=alias)
    town.propose(town.all(select(Registration.id))[0])
    return town


def fresh(town, actor=DESK):
    return replace(actor, verified_at=town.at)


def granted(town):
    asked = town.do(requests.ask, WANTED, actor=replace(fresh(town), browser="one")).id
    town.do(second_person.grant, asked, actor=replace(fresh(town, OTHER_DESK), browser="another"))
    return asked


def destroyed_elsewhere(town, request_id):
    """Destroys the keys in a process that has no key in memory."""
    with closing(Database.open(town.settings)) as database:
        return destroy_everything(database, lambda session: town.act_now(session, SYSTEM), request_id)


def destroyed(town, request_id):
    return destroy_everything(town.database, lambda session: town.act_now(session, SYSTEM), request_id)


def opens(town):
    """How many keys of the store still open."""
    store = key_store_of(town)
    return sum(not store.is_destroyed(name) for name in store.names())


@pytest.mark.wide
@both_stores
def test_nothing_opens_afterwards_and_the_log_verifies(story):
    sealed = key_store_of(story)
    keys = len(story.all(select(DataKey)))
    asked = granted(story)
    found = destroyed(story, asked)
    assert opens(story) == 0
    assert len(sealed.names()) == keys
    for case in story.all(select(Registration.id)):
        with pytest.raises(Conflict, match="content_erased"):
            story.one("registration", case)
    counts = {row.kind: row.count for row in found.keys}
    assert counts == {"cases": 3, "proposals": 1, "problems": 1, "answers": 1, "others": 1}
    assert (found.earlier, found.unnamed, found.key_store) == (0, 0, sealed.id())
    [done] = logged(story, event=Event.DESTRUCTION_DONE)
    assert (done.actor, done.object_id) == (SYSTEM.id, asked)
    assert done.facts == {"unnamed": 0, "counts": counts, "key_store": sealed.id()}
    assert verify(story.database, []).first_bad is None


@pytest.mark.wide
def test_certificate_names_log_agreement_and_what_is_left(story):
    asked = granted(story)
    before = story.all(select(AuditEvent).order_by(AuditEvent.id))[-1]
    found = destroyed(story, asked)
    after = story.all(select(AuditEvent).order_by(AuditEvent.id))[-1]
    assert (found.log_before.number, found.log_before.link) == (before.id, before.link)
    assert (found.log_after.number, found.log_after.link) == (after.id, after.link)
    assert (found.asked_by, found.granted_by, found.reason) == (DESK.id, OTHER_DESK.id, "leaving")
    left = {row.what: (row.known, row.until) for row in found.to_destroy}
    assert left["database_backups"] == (story.at.isoformat(timespec="seconds"), None)
    assert left["key_store_backups"] == (None, (TODAY + timedelta(days=7)).isoformat())
    written = json.dumps(found.as_json())
    for language in languages():
        text = in_words(found, language)
        assert found.log_after.link in text
        assert "{" not in text
    assert not any(alias in written for alias in ("Merel", "Ekster", "Spreeuw"))


def test_copy_of_the_database_opens_nothing_either(story):
    with story.database.transaction() as session:
        connection = session.connection().connection
        stored = connection.execute("SELECT alias FROM registration WHERE alias IS NOT NULL").fetchall()
    destroyed(story, granted(story))
    owner, _, cipher = stored[0][0].partition(":")
    with pytest.raises(Conflict, match="content_erased"):
        key_store_of(story).key(owner).decrypt(cipher)


@pytest.mark.wide
def test_interrupted_destruction_goes_on_and_tells_all(story, monkeypatch):
    monkeypatch.setattr(destruction, "BATCH", 2)
    asked = granted(story)
    real, calls = destruction.destroy_keys, []

    def fail_second(act, owners):
        calls.append(owners)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(act, owners)

    monkeypatch.setattr(destruction, "destroy_keys", fail_second)
    with pytest.raises(KeyboardInterrupt):
        destroyed(story, asked)
    assert opens(story) == 5
    monkeypatch.setattr(destruction, "destroy_keys", real)
    story.later(hours=5)
    found = destroyed(story, asked)
    assert sum(row.count for row in found.keys) == 7
    assert opens(story) == 0
    assert story.events().count(Event.DESTRUCTION_BEGUN) == 1
    assert destroyed(story, asked) == found


@pytest.mark.wide
@both_stores
def test_another_process_goes_on_and_gives_the_certificate_again(story, monkeypatch):
    """Interrupted after the last key: nothing is left by which a pseudonym could be read."""
    asked = granted(story)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(destruction, "_finish", lambda *_: pytest.fail("interrupted"))
        with pytest.raises(pytest.fail.Exception):
            destroyed(story, asked)
    assert opens(story) == 0
    found = destroyed_elsewhere(story, asked)
    assert destroyed_elsewhere(story, asked) == found


@pytest.mark.wide
def test_key_that_nothing_uses_is_destroyed_and_counted(story):
    key_store_of(story).make("R-left-over")
    found = destroyed(story, granted(story))
    assert (found.unnamed, opens(story)) == (1, 0)


def refused(town, request_id):
    with pytest.raises(Conflict) as error:
        destroyed(town, request_id)
    return error.value.code, error.value.facts


def test_legal_hold_stops_it_and_is_named(story):
    case = story.all(select(Registration.id))[0]
    asked = granted(story)
    story.do(legal_hold.ask, case, "complaint", REVIEW)
    assert refused(story, asked) == ("leave_legal_hold", {"cases": [case]})
    assert opens(story) == 7
    with pytest.raises(Conflict, match="leave_legal_hold"):
        story.do(requests.ask, WANTED, actor=fresh(story))


@pytest.mark.wide
def test_legal_hold_made_meanwhile_stops_the_next_batch(story, monkeypatch):
    monkeypatch.setattr(destruction, "BATCH", 2)
    asked, case = granted(story), story.all(select(Registration.id).order_by(Registration.id))[-1]
    real = destruction.destroy_keys

    def destroy_and_ask(act, owners):
        real(act, owners)
        monkeypatch.setattr(destruction, "destroy_keys", real)
        legal_hold.ask(replace(act, actor=DESK), case, "complaint", REVIEW)

    monkeypatch.setattr(destruction, "destroy_keys", destroy_and_ask)
    assert refused(story, asked) == ("leave_legal_hold", {"cases": [case]})
    assert opens(story) == 5
    story.do(second_person.answer_about, case, granted=False, actor=OTHER_DESK)
    assert sum(row.count for row in destroyed(story, asked).keys) == 7


def test_destruction_needs_a_grant_and_its_own_key_store(story):
    asked = story.do(requests.ask, WANTED, actor=fresh(story)).id
    assert refused(story, asked)[0] == "leave_not_granted"
    story.do(second_person.grant, asked, actor=fresh(story, OTHER_DESK))
    store = key_store_of(story)
    (store.folder / "store.id").write_text("of another database")
    with pytest.raises(Misconfigured, match="not this database's"):
        destroyed(story, asked)
    assert opens(story) == 7
    assert story.all(select(SecondPersonRequest.begun_at)) == [None]


def require_startable(town):
    """Requires that each process of `placement serve` refuses the store: web server, scheduler and health check."""
    messages = set()
    looks = (
        lambda: server.require_usable(town.settings),
        lambda: scheduler._wait_until_usable(town.database, threading.Event()),
        lambda: Usable(town.database).check(),
    )
    for look in looks:
        with pytest.raises(Misconfigured) as error:
            look()
        messages.add(str(error.value))
    [message] = messages
    return message


@pytest.mark.wide
def test_no_process_starts_with_a_store_that_was_left(story):
    asked = granted(story)
    destroyed(story, asked)
    message = require_startable(story)
    assert "destroyed on purpose on" in message
    assert asked in message


@pytest.mark.wide
def test_database_from_before_beside_destroyed_keys_is_left(story):
    destroyed(story, granted(story))
    with story.database.transaction() as session:
        session.delete(session.exec(select(SecondPersonRequest)).one())
    assert "destroyed on purpose:" in require_startable(story)


def test_destruction_that_has_not_ended_is_to_be_run_again(story, monkeypatch):
    asked = granted(story)
    monkeypatch.setattr(destruction, "_finish", lambda *_: pytest.fail("interrupted"))
    with pytest.raises(pytest.fail.Exception):
        destroyed(story, asked)
    assert f"placement leave --approval {asked}" in require_startable(story)


def test_destruction_stopped_by_a_legal_hold_lets_it_start(story, monkeypatch):
    monkeypatch.setattr(destruction, "BATCH", 2)
    asked = granted(story)
    monkeypatch.setattr(destruction, "_destroy_some", lambda *_: pytest.fail("interrupted"))
    with pytest.raises(pytest.fail.Exception):
        destroyed(story, asked)
    server.require_usable(story.settings)


def test_leave_beside_a_service_that_runs_is_refused(story, command_over):
    run, asked = command_over(story), granted(story)
    with run_folder.held(Settings.from_environment().run), pytest.raises(Misconfigured, match="stop it first"):
        run("leave", "--approval", asked, "--certificate", "certificate.json")
    assert opens(story) == 7


@pytest.mark.wide
@pytest.mark.parametrize("goes_on", [True, False])
def test_leave_beside_a_service_elsewhere_is_refused(story, command_over, monkeypatch, tmp_path, goes_on):
    """A job ran in the last minute; another job may run while the command looks."""
    run, asked = command_over(story), granted(story)

    def runs(seconds_ago):
        with story.database.transaction() as session:
            session.add(JobRun(job="tell_of_tasks", slot=story.at - timedelta(seconds=seconds_ago)))

    runs(20)
    looks = []

    def look(_):
        looks.append(1)
        if goes_on and len(looks) == 3:
            runs(5)

    monkeypatch.setattr("placement.cli.leave.time", SimpleNamespace(sleep=look))  # other threads sleep on
    typed = ("leave", "--approval", asked, "--certificate", str(tmp_path / "certificate.json"))
    with freeze_time(story.at), nullcontext() if not goes_on else pytest.raises(Misconfigured, match="another machine"):
        assert "15 seconds" in run(*typed).stderr
    assert (len(looks), opens(story)) == ((3, 7) if goes_on else (15, 0))


@pytest.mark.wide
@pytest.mark.parametrize(
    "words", ["keys rotate", "keys check", "messages list", "sheet --to .", "export-problem", "jobs", "accounts list"]
)
@one_store
def test_command_over_a_store_that_was_left_says_why(story, command_over, words):
    destroyed(story, granted(story))
    with pytest.raises(Misconfigured, match="destroyed on purpose on"):
        command_over(story)(*words.split())
