"""The demo of `make run`: its pages show a past."""

import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from placement.cli.service import _prepare_demo
from placement.core.settings import Settings
from tests.support.paths import ROOT
from tests.support.service_process import environment_for


@pytest.mark.wide
def test_the_demo_has_four_weeks_of_daily_reports(demo):
    with closing(sqlite3.connect(demo / "placement.db")) as store:
        assert store.execute('SELECT count(DISTINCT "on") FROM dailyreport').fetchone()[0] >= 28


@pytest.mark.wide
def test_printed_commands_work_in_another_terminal(demo, tmp_path, monkeypatch, capsys):
    """The commands run as printed: the folder of the demo is not the usual folder, and no variable names it."""
    folder = tmp_path / "an other folder"
    shutil.copytree(demo, folder)
    monkeypatch.setenv("PLACEMENT_VAR", str(folder))
    capsys.readouterr()
    _prepare_demo(Settings.from_environment(), "http://127.0.0.1:8000")
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 6
    for command in (line.removeprefix("The engine:").strip() for line in lines if "bin/placement" in line):
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=ROOT, env=environment_for(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, command + done.stderr
