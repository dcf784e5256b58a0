"""The doctor: finds each fault by itself, and describes it with its remedy in both languages."""

import json

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from placement.cli import app
from placement.cli.doctor import _in_words
from placement.core import clock
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.doctor import examination, keys
from placement.doctor.findings import Finding, Found, Level
from placement.outbox import smtp
from placement.storage import row_order
from placement.tables import SecondPersonRequest
from placement.text.catalogue import languages
from tests.support.audit_log import write_lines
from tests.support.mail_server import Mailbox, mail_server
from tests.support.stores import both_stores, one_store


@pytest.mark.wide
@both_stores
def test_doctor_of_a_good_installation_finds_each_check_well(well):
    found = list(examination.findings(well.settings))
    assert {one.found.level for one in found} == {Level.WELL}
    assert {one.found.area for one in found} == {one.area for one in Found}


def leave(session, **facts):
    now = clock.now()
    request = {"kind": SecondPersonKind.LEAVE, "what": LeaveKind.DESTROY_KEYS, "asked_by": "A-1", "settled_by": "A-2"}
    asked = {"reason": LeaveReason.LEAVING, "text": "-", "recipient": None}
    moments = dict.fromkeys(("asked_at", "expires_at", "settled_at", "begun_at"), now)
    granted = SecondPersonStatus.GRANTED
    session.add(SecondPersonRequest(id="X-1", status=granted, facts=asked, **request, **moments, **facts))


@one_store
def test_doctor_of_a_store_that_was_left_says_so_and_no_more(well):
    well.having(address="https://nowhere.example")
    with well.town.database.transaction() as session:
        leave(session, done_at=clock.now())
    assert well.found() == {Found.KEYS_DESTROYED}


@pytest.mark.wide
@one_store
def test_doctor_names_a_destruction_that_has_not_ended(well):
    with well.town.database.transaction() as session:
        leave(session)
    assert well.found() == {Found.KEYS_HALF_DESTROYED}


@pytest.mark.wide
@one_store
def test_doctor_tells_of_older_keys_and_of_a_silent_token(well, monkeypatch):
    real = keys.key_overview.overview

    def with_facts(**facts):
        monkeypatch.setattr(keys.key_overview, "overview", lambda act: Overview(real(act), facts))

    class Overview:
        def __init__(self, seen, facts):
            self.kinds, self.older, self.answers, self.token = seen.kinds, 0, True, "trial"
            self.__dict__.update(facts)

    with_facts(older=3)
    assert well.found() == {Found.KEYS_OLDER}
    with_facts(answers=False)
    assert well.found() == {Found.KEYS_AWAY}


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_doctor_tells_of_lines_that_are_not_sealed(well, monkeypatch):
    monkeypatch.setattr(well.town.database.sealer, "lines_stored", lambda: None)
    write_lines(well.town, 1)  # with the moment of the town
    assert well.found() == {Found.LOG_UNSEALED}


def test_clock_counts_as_kept_right_unless_the_kernel_says_no():
    assert examination.is_synchronised(lambda _: 0)
    assert not examination.is_synchronised(lambda _: 5)
    assert examination.is_synchronised() in {True, False}


@pytest.mark.wide
@one_store
def test_doctor_tells_of_tables_that_keep_the_order(well, monkeypatch):
    monkeypatch.setattr(row_order, "out_of_reach", lambda _: ["stay"])
    assert well.found() == {Found.STORE_KEEPS_ORDER}


def test_mail_server_is_tried_without_sending_anything():
    box = Mailbox()
    with mail_server(box) as server:
        assert smtp.trouble_with(server, 10) is None
    assert smtp.trouble_with(server, 10) == "no_connection"
    assert (box.arrived, box.seen) == ([], 0)


@pytest.mark.wide
@one_store
def test_doctor_tells_what_is_wrong_with_the_backups(well, monkeypatch):
    for by, found in (
        ({"hours": 3}, {Found.BACKUP_KEYS_OLD}),
        ({"hours": 46}, {Found.BACKUP_KEYS_OLD, Found.BACKUP_OLD}),
        ({"days": 6}, {Found.BACKUP_KEYS_OLD, Found.BACKUP_OLD, Found.BACKUP_KEYS_KEPT}),
    ):
        well.later(monkeypatch, **by)
        assert well.found() & {one for one in Found if one.area == "backup"} == found
    with well.town.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM storerecord"))
    assert Found.BACKUP_NONE in well.found()


@pytest.mark.wide
@one_store
def test_doctor_command_has_words_codes_json_and_metrics(well, command_over, monkeypatch, tmp_path):
    command_over(well.town)
    for given, code in (([Found.STORE_WELL], 0), ([Found.KEYS_OLDER], 4), ([Found.KEYS_OLDER, Found.JOBS_LATE], 3)):
        told = [Finding(one, {"count": 2, "kind": "sqlite"}) for one in given]
        monkeypatch.setattr("placement.cli.doctor.findings", lambda _, told=told: told)
        assert CliRunner().invoke(app, ["doctor"]).exit_code == code
        assert json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)[0]["found"] == given[0].value
        metrics = tmp_path / "placement.prom"
        assert CliRunner().invoke(app, ["doctor", "--prometheus", str(metrics)]).exit_code == code
        assert metrics.read_text().count("} 1.0") == len([one for one in given if one.level is not Level.WELL])
    said = CliRunner().invoke(app, ["doctor", "--lang", "nl"]).stdout
    assert said.startswith(
        "let op  Sleutels: 2 waarden hebben nog een oudere sleutel nodig\n        → Draai `placement keys rotate`"
    )


@pytest.mark.wide
@one_store
def test_every_finding_has_words_with_its_facts_in_each_language(well):
    seen = {one.found: one.facts for one in examination.findings(well.settings)}
    words = (
        "name",
        "nearest",
        "files",
        "owner",
        "left",
        "tables",
        "key",
        "rows",
        "path",
        "kind",
        "cause",
        "reason",
        "folder",
        "token",
        "file",
        "day",
        "id",
        "at",
        "server",
        "address",
        "host",
        "why",
        "version",
    )
    counts = ("count", "start", "line", "seconds", "free_mb", "degraded", "answers", "going_on", "of")
    names = {**dict.fromkeys(words, ""), **dict.fromkeys(counts, 1), "head": 2}
    names |= {"trouble": "tls_failed", "job": "make_report"}
    for language in languages():
        lines = [_in_words(Finding(one, seen.get(one, names)), language) for one in Found]
        assert all("{" not in line for line in lines)
