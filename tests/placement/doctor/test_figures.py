"""The figures of an installation: what each shows, and that a figure that cannot be read hides no other."""

import shutil
from datetime import timedelta

import psycopg
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from placement.core.codes import StoreFact
from placement.core.setting_files import lock_file, metrics_folder
from placement.core.syslog_settings import Syslog
from placement.doctor.figures import FIGURES, registry_of
from placement.storage import hash_chain, job_failures, store_records
from placement.storage.database import Database
from placement.storage.watch import Check, watch_of
from placement.tables import JobRun
from tests.support.audit_log import write_lines
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store
from tests.support.town import AT

LATER = AT + timedelta(hours=1)


def figures(town, settings):
    families = text_string_to_metric_families(generate_latest(registry_of(town.database, settings, LATER)).decode())
    samples = [one for family in families for one in family.samples]
    return {(one.name, *one.labels.values()): one.value for one in samples}


@pytest.fixture
def settings(town, tmp_path):
    return changed(town.settings, syslog=Syslog("localhost", 6514, tmp_path / "ca.pem"), run=tmp_path / "run")


@both_stores
def test_each_figure_shows_its_state(town, settings):
    write_lines(town, 3)
    town.database.seal_log()
    with town.database.transaction() as session:
        session.add(JobRun(job="expire_holds", slot=AT + timedelta(minutes=50), finished_at=AT))
        store_records.record(session, StoreFact.BACKUP_MADE, AT)
        job_failures.note(session, "make_report", LATER, AT)
        head = hash_chain.head(session)[0]
    check = Check(1, AT.isoformat(), doubted=("hold/H-1", "hold/H-2"))
    watch_of(town.database.engine.dialect).state(town.database.audit_keys, check)
    metrics_folder(settings.run).mkdir(parents=True)
    lock_file(settings.run).touch()
    for process in ("1", "999999999"):
        (metrics_folder(settings.run) / f"{process}.json").write_text("[]")
    found = figures(town, settings)
    expected = {
        ("placement_messages", "failed"): 0,
        ("placement_message_age_seconds",): 0,
        ("placement_job_age_seconds", "expire_holds"): 600,
        ("placement_job_age_seconds", "move_counts"): float("inf"),
        ("placement_job_interval_seconds", "expire_holds"): 30,
        ("placement_backup_age_seconds",): 3600,
        ("placement_log_unsealed_seconds",): 0,
        ("placement_log_unsent",): head,
        ("placement_doubtful_rows",): 2,
        ("placement_check_age_seconds",): 3600,
        ("placement_started_seconds",): lock_file(settings.run).stat().st_mtime,
        ("placement_processes_ended",): 1,
    }
    assert {name: found[name] for name in expected} == expected
    assert found["placement_job_failing_seconds",] > 0
    assert found["placement_log_unsent_seconds",] > 0
    assert found["placement_disk_free_bytes", "var"] > 0
    is_server = town.database.engine.dialect.name == "postgresql"
    assert (found.get(("placement_database_connections", "active"), 0) > 0) is is_server
    assert (found.get(("placement_database_connections_most",), 0) > 0) is is_server
    server_only = {one.name for one in FIGURES if "connections" in one.name and not is_server}
    assert {name for name, *_ in found} == {one.name for one in FIGURES} - server_only


@one_store
def test_figure_that_cannot_be_read_is_left_out(town, settings, monkeypatch):
    def fail(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    found = {name for name, *_ in figures(town, settings)}
    assert "placement_disk_free_bytes" not in found
    assert {"placement_messages", "placement_processes_ended"} <= found


@one_store
def test_figures_without_a_database_are_left_out(town, settings, monkeypatch):
    def fail(*_):
        raise OperationalError("SELECT", {}, psycopg.errors.AdminShutdown("it goes"))

    monkeypatch.setattr(hash_chain, "head", fail)
    found = {name for name, *_ in figures(town, settings)}
    assert "placement_messages" in found
    monkeypatch.setattr(Database, "transaction", fail)
    assert figures(town, settings) == {}
