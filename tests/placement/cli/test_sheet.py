"""`placement sheet`: the encrypted sheet as a file, and nothing in clear."""

import pyrage
import pytest
from sqlmodel import select
from typer.testing import CliRunner

from placement.cli import app
from placement.core.errors import Misconfigured
from placement.tables import Unit
from tests.support.audit_log import logged
from tests.support.stores import one_store

pytestmark = one_store
KEY = pyrage.x25519.Identity.generate()


@pytest.fixture
def run(country, command_over, monkeypatch):
    command_over(country)
    monkeypatch.setenv("PLACEMENT_SHEET_FOR", str(KEY.to_public()))
    return lambda *written: CliRunner().invoke(app, ["sheet", *written])


def test_sheet_is_written_encrypted_with_every_unit(run, country, tmp_path):
    done = run("--to", str(tmp_path), "--lang", "en")
    assert done.exit_code == 0, done.output
    [file] = tmp_path.glob("*.age")
    assert done.stdout.strip() == str(file)
    text = pyrage.decrypt(file.read_bytes(), [KEY]).decode()
    with country.database.transaction() as session:
        assert all(unit.name in text for unit in session.exec(select(Unit)))
    assert "Of the desk:" in text
    assert logged(country)[-1].event == "sheet:made"


@pytest.mark.parametrize("keys", ["", "age1wrong"])
def test_sheet_without_a_key_is_refused_and_not_written(run, tmp_path, monkeypatch, keys):
    monkeypatch.setenv("PLACEMENT_SHEET_FOR", keys)
    done = run("--to", str(tmp_path))
    assert isinstance(done.exception, Misconfigured)
    assert list(tmp_path.rglob("*.age")) == []
