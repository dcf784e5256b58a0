"""The size of the service against its file: a larger number fails, and a smaller number is written."""

import importlib.util
import sys
import tomllib

import pytest

from tests.support.paths import ROOT


@pytest.fixture
def size(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("size", ROOT / ".ci" / "size.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    file = tmp_path / "size.toml"
    file.write_text('[tables]\nmost = 70\nwhy = "today"\n\n[texts]\nmost = 10\nwhy = "today"\n')
    monkeypatch.setattr(module, "FILE", file)
    monkeypatch.setattr(module, "sizes", lambda: {"tables": 71, "texts": 9})
    return module


def test_larger_number_fails_and_a_smaller_one_is_written(size, capsys, monkeypatch):
    assert size.main() == 1
    assert "tables: 71, at most 70" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["size.py", "--shrink"])
    assert size.main() == 1
    written = tomllib.loads(size.FILE.read_text())
    assert {name: row["most"] for name, row in written.items()} == {"tables": 70, "texts": 9}
    assert {row["why"] for row in written.values()} == {"today"}


def test_words_of_a_made_table_are_not_counted(size):
    made = "<!-- made by: python -m made -->\n| a | b |\n<!-- end of what is made -->\n"
    block = "```bash\nplacement doctor\n```\n"
    assert size.written_by_hand(f"One two.\n\n{made}\nThree.\n\n{block}{made}").split() == ["One", "two.", "Three."]


def test_each_number_has_a_reason():
    rows = tomllib.loads((ROOT / ".ci" / "size.toml").read_text())
    assert len(rows) == 10
    assert all(row["why"] and row["most"] > 0 for row in rows.values())
