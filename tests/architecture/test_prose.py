"""The linter for plain English finds each kind of fault, in each kind of text, and its list only shrinks."""

import importlib.util
import json
import shutil
import subprocess
import sys

import pytest

from tests.support.paths import ROOT


@pytest.fixture
def prose(monkeypatch, tmp_path):
    """Loads the linter, over an empty tree with one guide."""
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


def test_entries_of_the_changelog_have_a_length(prose):
    half = f"{'word ' * 19}word."
    entries = f"- A fault is gone.\n- {half} {half}\n- {half}\n  Word {half}\n"
    assert list(prose.of_changelog(entries)) == ["words"]


def test_fragments_have_a_kind_and_a_length(prose):
    prose.KNOWN.write_text(json.dumps({"since": "0" * 40, "faults": {}}))
    (prose.ROOT / "docs/changes").mkdir()
    for name in ("+good.added.md", "+good.upgrade.md", "+without.md", "+other.news.md"):
        (prose.ROOT / "docs/changes" / name).write_text("A fault is gone.\n")
    (prose.ROOT / "docs/changes/+long.fixed.md").write_text(f"{'word ' * 20}. {'word ' * 21}.\n")
    assert prose.counted("0" * 40) == {
        "docs/changes/+without.md: entry": 1,
        "docs/changes/+other.news.md: entry": 1,
        "docs/changes/+long.fixed.md: words": 1,
    }


@pytest.mark.wide
def test_fragments_become_a_section_of_the_changelog(tmp_path):
    """The sections of a release stand above those of earlier releases."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    (tmp_path / "docs/changes").mkdir(parents=True)
    for kind in ("added", "changed", "fixed", "upgrade"):
        (tmp_path / f"docs/changes/+a.{kind}.md").write_text(f"The entry {kind}.\n")
    command = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", "1.0.1", "--date", "2027-01-04"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    before, _, after = (tmp_path / "CHANGELOG.md").read_text().partition("## 1.0.1 (2027-01-04)")
    assert "\n## " not in before
    section = [line for line in after.partition("\n## ")[0].split("\n") if line]
    kinds = [("### Added", "added"), ("### Changed", "changed"), ("### Fixed", "fixed"), ("### Upgrade", "upgrade")]
    assert section == [line for heading, kind in kinds for line in (heading, f"- The entry {kind}.")]
    assert list((tmp_path / "docs/changes").iterdir()) == []


def test_sentences_of_pages_and_of_the_catalogue_are_read(prose):
    dutch = '\nmsgid "Where it is said"\nmsgstr "Waar"\n\nmsgctxt "error"\nmsgid "where_it_is"\nmsgstr "where it is"\n'
    assert sorted(prose.of_sentences_of_pages(dutch)) == ["say", "where"]
    assert list(prose.of_catalogue('msgctxt "error"\nmsgid "x"\nmsgstr "The service tells you."\n')) == ["say"]


def test_what_a_program_wrote_into_a_document_is_not_read(prose):
    made = "<!-- made by: python -m made -->\n| where it says |\n<!-- end of what is made -->\n"
    assert list(prose.of_page(f"{made}\nAs it says.\n\n```bash\nsay\n```\n")) == ["say"]


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
