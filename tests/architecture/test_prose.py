"""The linter for plain English finds each kind of fault, in each kind of text, and its list only shrinks."""

import importlib.util
import json
import sys

import pytest

from tests.support.paths import ROOT


@pytest.fixture
def prose(monkeypatch, tmp_path):
    """The linter, over an empty tree with one guide."""
    spec = importlib.util.spec_from_file_location("prose", ROOT / ".ci" / "prose.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for file in ("CHANGELOG.md", "placement/text/locale/en.po", "placement/text/locale/nl.po", "docs/guide.md"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "KNOWN", tmp_path / "prose.json")
    return module


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Returns nothing if there is no key.", []),
        ("Returns nothing where there is no key.", ["where"]),
        ("The program says no.", ["say"]),
        ("The first one of all, and none.", ["one", "one"]),
        ("One bed, another one bed.", []),
        (f"{'word ' * 26}.", ["long"]),
        (f"{'word ' * 20}. {'word ' * 20}.", []),
        ("`where it` is code, and so is [this](where-the-link-goes).", []),
    ],
)
def test_each_rule_finds_its_fault_and_no_other(prose, text, rules):
    assert list(prose.faults(text)) == rules


def test_docstrings_and_comments_are_read(prose):
    source = '"""What it holds."""\n\n\ndef f():\n    """Of a case."""\n    return 1  # where it ends\n'
    assert sorted(prose.of_code(source)) == ["first", "first", "where"]
    assert list(prose.of_code('"""Reads it."""\nx = "where it says"\n')) == []


def test_entries_of_the_changelog_have_a_kind_and_a_length(prose):
    entries = f"- Fixed: a fault.\n- A fault is gone.\n- Added: {'word ' * 41}\n"
    assert sorted(prose.of_changelog(entries)) == ["entry", "long", "words"]


def test_sentences_of_pages_and_of_the_catalogue_are_read(prose):
    dutch = '\nmsgid "Where it is said"\nmsgstr "Waar"\n\nmsgctxt "error"\nmsgid "where_it_is"\nmsgstr "where it is"\n'
    assert sorted(prose.of_sentences_of_pages(dutch)) == ["say", "where"]
    assert list(prose.of_catalogue('msgctxt "error"\nmsgid "x"\nmsgstr "The service tells you."\n')) == ["say"]


def test_more_faults_fail_and_the_list_only_shrinks(prose, capsys, monkeypatch):
    guide = prose.ROOT / "docs" / "guide.md"
    prose.KNOWN.write_text(json.dumps({"since": "0" * 40, "faults": {"docs/guide.md: where": 2}}))
    guide.write_text("It ends where it began, where the key is, and where a line is.")
    assert prose.main() == 1
    assert "docs/guide.md: where: 3 times, 2 are known" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["prose.py", "--shrink"])
    assert prose.main() == 1
    assert json.loads(prose.KNOWN.read_text())["faults"] == {"docs/guide.md: where": 2}
    guide.write_text("It ends where it began.")
    assert prose.main() == 0
    assert json.loads(prose.KNOWN.read_text())["faults"] == {"docs/guide.md: where": 1}
    monkeypatch.setattr(sys, "argv", ["prose.py"])
    guide.write_text("It ends where it began, where the key is.")
    assert prose.main() == 1
