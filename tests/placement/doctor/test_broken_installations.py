"""Broken installations: the doctor finds the cause and no other, and its next step does no harm."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.cli.doctor import _in_words
from placement.core import run_folder
from placement.core.context import SYSTEM
from placement.core.errors import Misconfigured
from placement.doctor import exposition
from placement.doctor.findings import Finding, Found, Level
from placement.text.catalogue import languages
from tests.support.broken_installations import ROWS, SQLITE, TABLE, Hands
from tests.support.broken_installations.drills import OTHERS, drill_of

_FIRES = re.compile(r'^placement_finding\{.*found="(\w+)".*\} 1\.0$', re.MULTILINE)
_HARM = {
    "placement migrate": {Found.SCHEMA_OLDER, Found.SCHEMA_SHARED},
    "keys rotate": {Found.KEYS_OLDER},
    "keys new": {Found.KEYS_UNUSABLE},
    "seed": set(),
    "accept-rows": set(),
    "audit prune": set(),
}
"""By words of a next step, the only causes for which it does no harm; `keys new` is named there for a new service."""


@pytest.fixture
def hands(well, stores, monkeypatch):
    with ExitStack() as ends:
        yield Hands(well, stores, monkeypatch, ends)


@pytest.mark.wide
@pytest.mark.parametrize(("stores", "row"), ROWS, indirect=["stores"])
def test_broken_installation_has_its_cause_and_a_harmless_step(row, well, hands, tmp_path):
    """The metrics of exactly these alerts are 1, too."""
    row.breaks(hands)
    found = [one for one in well.findings() if one.found.level is not Level.WELL]
    assert {one.found for one in found} == row.found
    exposition.write(found, tmp_path / "placement.prom")
    assert set(_FIRES.findall((tmp_path / "placement.prom").read_text())) == {one.value for one in row.found}
    for one in found:
        for language in languages():
            _require_no_harm(one, _in_words(one, language))


def _require_no_harm(one: Finding, words: str) -> None:
    assert one.found.value not in words
    for step, causes in _HARM.items():
        assert step not in words or one.found in causes, (one.found, words)


def test_table_has_at_least_forty_different_installations():
    assert len({row.breaks for row in TABLE}) >= 40
    assert len({row.breaks.__name__ for row in TABLE}) == len({row.breaks for row in TABLE})


def test_each_alert_of_a_finding_has_a_drill():
    assert all(drill_of(one) for one in Found if one.level is not Level.WELL)
    assert not {one for row in TABLE for one in row.found} & set(OTHERS)
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py")).split("\ndef ")
    for finding, name in OTHERS.items():
        [test] = [one for one in tests if one.startswith(f"{name}(")]
        assert f"Found.{finding.name}" in test


@pytest.mark.wide
@pytest.mark.parametrize("stores", [SQLITE], indirect=True)
def test_what_cannot_be_known_of_the_last_lines_is_named(well, hands):
    """A line that followed the last head, and changed nothing that gives access, leaves no trace."""
    before = well.findings()
    with hands.town.act(SYSTEM) as act:
        audit_log.write(act, Event.ROWS_CHANGED)
    hands.log_sql("DELETE FROM auditevent WHERE id = (SELECT max(id) FROM auditevent)")
    [log] = [one for one in well.findings() if one.found is Found.LOG_WELL]
    assert log in before
    assert f"missing since {log.facts['at']}" in _in_words(log, "en")


@pytest.mark.parametrize("stores", [SQLITE], indirect=True)
def test_doctor_does_not_make_a_database_that_is_gone(well):
    gone = well.settings.var / "gone.db"
    well.having(database_url=f"sqlite:///{gone}")
    assert Found.STORE_LOST in well.found()
    assert not gone.exists()


@pytest.mark.parametrize("stores", [SQLITE], indirect=True)
def test_what_the_start_refuses_is_refused_with_its_cause(well):
    with pytest.raises(Misconfigured, match="must name different keys"):
        well.having(backup_data_for=well.settings.backup_keys_for)
    with (
        pytest.raises(Misconfigured, match=r"another `placement serve`.* runs with the folder"),
        run_folder.held(well.settings.run),
    ):
        pytest.fail("two services hold one run folder")
