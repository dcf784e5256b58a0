"""`placement report`: every command of docs/guide/reports.md, and unknown days and roles."""

import csv
import io
import json
import shlex

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from placement.cli import app
from placement.core import clock
from placement.reports import engine_causes
from placement.reports.data_dictionary import DICTIONARY
from placement.tables import DailyReport
from tests.support.paths import ROOT
from tests.support.stores import AT, one_store

pytestmark = one_store
PAGE = ROOT / "docs" / "guide" / "reports.md"
COMMANDS = [line for line in PAGE.read_text().splitlines() if line.startswith("placement report ")]


@pytest.fixture
def run(country, monkeypatch):
    """At 11:00 on 24 November 2026 in Amsterdam: too late to ask the engine (see reports/test_engine_causes.py)."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setenv("PLACEMENT_FIELD_KEYS", country.settings.field_keys[0])
    monkeypatch.setenv("PLACEMENT_KEY_STORE", str(country.settings.key_store))
    monkeypatch.setenv("PLACEMENT_AUDIT_KEY", country.settings.audit_key)
    monkeypatch.setenv("DATABASE_URL", country.settings.database_url)
    assert engine_causes.ask(country.database, country.settings, AT) is None
    return lambda written: CliRunner().invoke(app, shlex.split(written)[1:])


@pytest.mark.wide
def test_documented_report_commands_print_what_they_should(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = [run(command) for command in COMMANDS]
    assert [one.exit_code for one in done] == [0] * 7
    desk, coordinator, shelter, reader, dictionary, _, _ = done
    printed = json.loads(desk.stdout)
    assert (printed["view"], printed["on"], len(printed["shelters"])) == ("all", "2026-11-24", 3)
    assert json.loads(reader.stdout)["shelters"] == []
    for table, region in ((coordinator, "amsterdam"), (shelter, None)):
        rows = list(csv.DictReader(io.StringIO(table.stdout)))
        assert {row["region"] for row in rows if row["figure"] == "region.waiting"} == ({region} if region else set())
    assert {row["shelter"] for row in csv.DictReader(io.StringIO(shelter.stdout))} == {"", "S01"}
    assert [row["figure"] for row in csv.DictReader(io.StringIO(dictionary.stdout))] == list(DICTIONARY)

    paper = PdfReader(tmp_path / "report.pdf")
    assert f"Er zijn {printed['free']['free']} plaatsen vrij" in paper.pages[0].extract_text()
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert f"{printed['free']['free']} places are free" in page


@pytest.mark.wide
def test_correction_by_command_needs_a_difference(run, country):
    command = "placement report --on 2026-11-24 --as desk"
    assert run(command).exit_code == 0
    same = run(f"{command} --correct")
    assert (same.exit_code, same.stdout) == (2, "")
    assert "The report is right already" in same.stderr
    with country.database.transaction() as session:
        session.execute(text("UPDATE room SET features = '[\"wheelchair\"]'"))
    assert run(f"{command} --correct").exit_code == 0
    with country.database.transaction() as session:
        versions = session.exec(select(DailyReport.version).order_by(DailyReport.version)).all()
    assert versions == [1, 2]


@pytest.mark.wide
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--on 2026-11-25 --as desk", "will be made on"),
        ("--on 2020-01-01 --as desk", "The first report is of 2026-11-24"),
        ("--on gisteren --as desk", "not a day"),
        ("--on 2026-02-30 --as desk", "not a day"),
        ("--on 2026-11-24 --as boss", "no reader of the report is called 'boss'"),
        ("--on 2026-11-24 --as admin", "no reader of the report is called 'admin'"),
        ("--on 2026-11-24 --as coordinator", "a coordinator has a region"),
        ("--on 2026-11-24 --as desk --shelter S01", "a shelter has an id"),
    ],
)
def test_report_of_wrong_day_or_role_exits_two_with_one_line(run, words, said):
    assert run("placement report --on 2026-11-24 --as desk").exit_code == 0
    done = run(f"placement report {words}")
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
