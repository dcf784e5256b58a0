"""The doctor: each thing that can be wrong is found, by itself, and told with what to do in both languages."""

import http.server
import json
import shutil
import threading
from datetime import timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from placement.audit import verification
from placement.cli import app
from placement.cli.doctor import _in_words
from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.setting_parts import Smtp
from placement.crypto.encrypted_columns import keys_of
from placement.doctor import examine, surroundings
from placement.doctor.findings import Finding, Found, Level
from placement.jobs import periodic
from placement.outbox import smtp
from placement.storage import job_failures, row_order, store_records
from placement.tables import JobRun, LeaveRequest
from placement.text.catalogue import languages
from tests.support.audit_log import write_lines
from tests.support.mail_server import Mailbox, mail_server
from tests.support.ports import free_port
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store

MAIL = Smtp("mail.example", 587, "starttls", "dienst@placement.example")


class Well:
    """The town as it should be; `settings` may be changed, and `found` looks."""

    def __init__(self, town, backups, address):
        self.town, self.backups = town, backups
        self.settings = changed(
            backups.settings,
            smtp=MAIL,
            address=address,
            hosts=frozenset({"127.0.0.1"}),
            trusted_proxies=(ip_network("127.0.0.1/32"),),
        )
        backups.make()
        with town.database.transaction() as session:
            fingerprint = store_records.fingerprint_of_keys(town.settings)
            store_records.record(session, StoreFact.KEYS_COPIED, clock.now(), fingerprint)
            session.add(JobRun(job="expire_holds", slot=clock.now(), finished_at=clock.now()))
            verification.write_head(self._act(session))

    def _act(self, session):
        return self.backups.act_in(session)

    def having(self, **facts):
        self.settings = changed(self.settings, **facts)

    def found(self):
        return {one.found for one in examine.findings(self.settings) if one.found.level is not Level.WELL}

    def later(self, patch, **by):
        now = clock.now() + timedelta(**by)
        patch.setattr(clock, "now", lambda: now)
        patch.setattr("placement.core.context.now", lambda: now)


@pytest.fixture(scope="module")
def address():
    """A service that answers as ours does."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status":"live"}')

        def log_message(self, *_):
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def well(town, backups, monkeypatch, address, request):
    request.getfixturevalue("service")
    monkeypatch.setattr(examine, "is_synchronised", lambda: True)
    monkeypatch.setattr(smtp, "trouble_with", lambda *_: None)
    monkeypatch.setattr(surroundings, "_LOW_MB", 0)
    monkeypatch.setattr(surroundings, "_FULL_MB", 0)
    return Well(town, backups, address)


@pytest.mark.wide
@both_stores
def test_doctor_of_a_good_installation_finds_each_check_well(well):
    found = list(examine.findings(well.settings))
    assert {one.found.level for one in found} == {Level.WELL}
    assert {one.found.area for one in found} == {one.area for one in Found}


@pytest.mark.wide
@both_stores
def test_doctor_without_store_says_so_and_looks_at_the_rest(well, stores):
    other = well.settings.var / "no.db"
    other.write_text("this is no database, but long enough that it could be taken for one")
    nowhere = {"postgresql": f"postgresql://nobody@127.0.0.1:{free_port()}/nothing", "sqlite": f"sqlite:///{other}"}
    well.having(database_url=nowhere[stores.kind])
    found = {one.found for one in examine.findings(well.settings)}
    assert Found.STORE_FAILS in found
    assert Found.KEYS_WELL not in found
    assert {Found.MAIL_WELL, Found.PROXY_WELL, Found.DISK_WELL} <= found


@pytest.mark.wide
@both_stores
def test_doctor_tells_tables_of_another_form(well):
    with well.town.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert well.found() == {Found.SCHEMA_OTHER}


def leave(session, **facts):
    now = clock.now()
    request = {"kind": LeaveKind.DESTROY_KEYS, "reason": LeaveReason.LEAVING, "text": "-", "asked_by": "A-1"}
    moments = dict.fromkeys(("asked_at", "expires_at", "begun_at"), now)
    session.add(LeaveRequest(id="X-1", granted=True, **request, **moments, **facts))


@one_store
def test_doctor_of_a_store_that_was_left_says_so_and_no_more(well):
    well.having(address="https://nowhere.example")
    with well.town.database.transaction() as session:
        leave(session, done_at=clock.now())
    assert well.found() == {Found.KEYS_DESTROYED}


@one_store
def test_doctor_names_a_destruction_that_has_not_ended(well):
    with well.town.database.transaction() as session:
        leave(session)
    assert well.found() == {Found.KEYS_HALF_DESTROYED}


@pytest.mark.wide
@one_store
def test_doctor_tells_what_is_wrong_with_the_keys(well, tmp_path):
    case = well.town.register(alias="Merel")
    store = keys_of(well.town.database.engine.dialect).store
    kept = (store.folder / f"{case}.key").read_bytes()
    (store.folder / f"{case}.key").unlink()
    assert Found.KEYS_MISSING in well.found()
    (store.folder / f"{case}.key").write_bytes(kept)
    with well.town.database.transaction() as session:
        store_records.record(session, StoreFact.KEYS_COPIED, clock.now(), "those of before")
    assert well.found() == {Found.KEYS_NOT_COPIED}
    well.having(key_store=tmp_path / "elsewhere")
    assert well.found() == {Found.KEYS_FOREIGN}


@pytest.mark.wide
@one_store
def test_doctor_tells_of_older_keys_and_of_a_silent_token(well, monkeypatch):
    real = examine.key_overview.overview

    def with_facts(**facts):
        monkeypatch.setattr(examine.key_overview, "overview", lambda act: Overview(real(act), facts))

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


@pytest.mark.wide
@both_stores
def test_doctor_tells_what_is_wrong_with_the_log(well, monkeypatch):
    heads = well.settings.audit_heads
    [good] = verification.read_heads(heads)

    def write(**facts):
        head = {"line": good.line, "link": good.link, "at": good.at} | facts
        heads.write_text(json.dumps(head) + "\n")

    write(line=good.line + 1_000)
    assert well.found() == {Found.LOG_CUT_OFF}
    write(link="0" * 64)
    assert well.found() == {Found.LOG_OTHER}
    write(at=(clock.now() - timedelta(hours=3)).isoformat())
    assert well.found() == {Found.LOG_NO_HEAD}
    heads.unlink()
    assert well.found() == {Found.LOG_NO_HEAD}
    write()
    monkeypatch.setattr(examine.hash_chain, "fits", lambda *_: False)
    assert well.found() == {Found.LOG_DOES_NOT_FIT}


@pytest.mark.wide
@both_stores
def test_doctor_tells_of_a_clock_that_goes_wrong(well, stores, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(examine, "is_synchronised", lambda: False)
        assert well.found() == {Found.CLOCK_FREE}
    real = clock.now
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: real() - timedelta(days=365))
        assert Found.CLOCK_BEHIND in well.found()
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: real() + timedelta(minutes=1))
        assert well.found() == ({Found.CLOCK_DIFFERS} if stores.kind == "postgresql" else set())


def test_clock_counts_as_kept_right_unless_the_kernel_says_no():
    assert examine.is_synchronised(lambda _: 0)
    assert not examine.is_synchronised(lambda _: 5)
    assert examine.is_synchronised() in {True, False}


@pytest.mark.wide
@one_store
def test_doctor_tells_of_jobs_that_fail_or_do_not_run(well, town, monkeypatch):
    with town.database.transaction() as session:
        job_failures.note(session, "make_report", clock.now(), clock.now())
    assert well.found() == {Found.JOB_FAILS}
    monkeypatch.setattr(periodic, "are_late", lambda *_: True)
    assert well.found() == {Found.JOB_FAILS, Found.JOBS_LATE}


@pytest.mark.wide
@one_store
def test_doctor_tells_of_tables_that_keep_the_order(well, monkeypatch):
    monkeypatch.setattr(row_order, "out_of_reach", lambda _: ["stay"])
    assert well.found() == {Found.STORE_KEEPS_ORDER}


@one_store
def test_doctor_tells_of_mail_that_cannot_be_sent(well, monkeypatch):
    monkeypatch.setattr(smtp, "trouble_with", lambda *_: "tls_failed")
    assert well.found() == {Found.MAIL_FAILS}
    for refused, also in (("of one mail", set()), ("", {Found.MAIL_NOT_TAKEN})):
        with well.town.database.transaction() as session:
            store_records.record(session, StoreFact.MAIL_FAILS, clock.now(), refused)
        assert well.found() == {Found.MAIL_FAILS, *also}
    well.having(smtp=None)
    assert well.found() == {Found.MAIL_NONE, Found.MAIL_NOT_TAKEN}


@one_store
@pytest.mark.parametrize(("keys", "found"), [((), Found.SHEET_NONE), (("age1wrong",), Found.SHEET_WRONG_KEY)])
def test_doctor_tells_of_a_sheet_that_no_key_opens(well, keys, found):
    well.having(sheet_for=keys)
    assert well.found() == {found}


def test_mail_server_is_tried_without_sending_anything():
    box = Mailbox()
    with mail_server(box) as server:
        assert smtp.trouble_with(server, 10) is None
    assert smtp.trouble_with(server, 10) == "no_connection"
    assert (box.arrived, box.seen) == ([], 0)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"address": ""}, Found.PROXY_NO_ADDRESS),
        ({"trusted_proxies": (ip_network("0.0.0.0/0"),)}, Found.PROXY_EVERYONE),
        ({"hosts": frozenset({"elsewhere.example"})}, Found.PROXY_OTHER_HOST),
    ],
)
def test_doctor_tells_what_is_wrong_with_the_proxy(well, facts, found):
    well.having(**facts)
    assert well.found() == {found}


@pytest.mark.wide
@one_store
def test_doctor_tells_of_an_address_that_is_not_the_service(well, monkeypatch):
    well.having(address=f"http://127.0.0.1:{free_port()}")
    assert well.found() == {Found.PROXY_FAILS}
    monkeypatch.setattr(surroundings, "_does_not_answer", lambda _: None)
    well.having(address="https://opvang.example", hosts=frozenset(), trusted_proxies=())
    assert well.found() == {Found.PROXY_NOT_TRUSTED, Found.PROXY_ANY_HOST}


@one_store
def test_doctor_tells_of_a_disk_that_fills(well, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(examine, "is_synchronised", lambda: True)
    monkeypatch.setattr(smtp, "trouble_with", lambda *_: None)
    for free_mb, found in ((999, Found.DISK_LOW), (99, Found.DISK_FULL)):
        usage = shutil._ntuple_diskusage(0, 0, free_mb << 20)
        monkeypatch.setattr(surroundings.shutil, "disk_usage", lambda _, usage=usage: usage)
        assert well.found() == {found}


def test_doctor_tells_what_is_wrong_with_a_theme(tmp_path, monkeypatch):
    """The program of the pages, with a file in place of the one of this installation."""
    file = tmp_path / "theme.css"
    for written, found, facts in (
        (":root { --basis-color-default-color-subtle: #808080 }", Found.THEME_WEAK, {"count": 4}),
        (":root { --basis-color-action-1-color-default: #003366 }", Found.THEME_WELL, {}),
        ("\n.warn { display: none }", Found.THEME_REFUSED, {"why": "line 2: only `:root { ... }` can stand here"}),
        (None, Found.THEME_REFUSED, {"why": f"[Errno 2] No such file or directory: '{file}'"}),
    ):
        file.write_text(written) if written else file.unlink()
        monkeypatch.setattr(surroundings, "_THEME", (*surroundings._THEME[:3], str(file)))
        assert surroundings._theme() == Finding(found, facts)


def test_doctor_of_an_installation_without_a_theme_says_so():
    assert surroundings._theme() == Finding(Found.THEME_NONE)


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
def test_doctor_command_has_words_codes_and_json(well, command_over, monkeypatch):
    command_over(well.town)
    for given, code in (([Found.STORE_WELL], 0), ([Found.KEYS_OLDER], 4), ([Found.KEYS_OLDER, Found.JOBS_LATE], 3)):
        told = [Finding(one, {"count": 2, "kind": "sqlite"}) for one in given]
        monkeypatch.setattr("placement.cli.doctor.findings", lambda _, told=told: told)
        assert CliRunner().invoke(app, ["doctor"]).exit_code == code
        assert json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)[0]["found"] == given[0].value
    said = CliRunner().invoke(app, ["doctor", "--lang", "nl"]).stdout
    assert said.startswith(
        "let op  Sleutels: 2 waarden hebben nog een oudere sleutel nodig\n        → placement keys rotate"
    )


@pytest.mark.wide
@one_store
def test_every_finding_has_words_with_its_facts_in_each_language(well):
    seen = {one.found: one.facts for one in examine.findings(well.settings)}
    words = (
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
    )
    counts = ("count", "line", "seconds", "free_mb", "degraded", "answers", "going_on", "of")
    names = {**dict.fromkeys(words, ""), **dict.fromkeys(counts, 1), "head": 2}
    names |= {"trouble": "tls_failed", "job": "make_report"}
    for language in languages():
        lines = [_in_words(Finding(one, seen.get(one, names)), language) for one in Found]
        assert all("{" not in line for line in lines)
