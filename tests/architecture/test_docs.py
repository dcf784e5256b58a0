"""The links, anchors, paths and decision records of the documents, which must exist. Each check
finds a planted fault.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.paths import ROOT

HEADINGS = ["Status", "Date", "Context", "Decision", "Alternatives", "Consequences", "Enforced by"]
LONGEST_RECORD = 600
"""Words: a page."""

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`(\.?[\w-][\w./-]*)`")
_NUMBER = re.compile(r"docs/decisions/(\d{4})")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_RUN_TIME = ("var/", "build/", "keys/")
"""Folders that the service or a command makes."""


def pages(root: Path) -> list[Path]:
    beside = [root / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "fixtures/README.md")]
    return [page for page in beside if page.exists()] + sorted((root / "docs").rglob("*.md"))


def records(root: Path) -> list[Path]:
    return sorted((root / "docs" / "decisions").glob("[0-9]*.md"))


def prose(page: Path) -> str:
    """Returns the page without its blocks of code."""
    return _FENCE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """Returns the anchors of the headings, which GitHub and the generated site build in the same way."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken_links(root: Path) -> list[str]:
    found = []
    for page in pages(root):
        for link in _LINK.findall(prose(page)):
            file, _, anchor = link.partition("#")
            target = (page.parent / file).resolve() if file else page
            outside = link.startswith(("http://", "https://", "mailto:"))
            if not outside and (not target.exists() or (anchor and anchor not in anchors(target))):
                found.append(f"{page.relative_to(root)}: {link}")
    return found


def missing_paths(root: Path) -> list[str]:
    return [
        f"{page.relative_to(root)}: {path}"
        for page in pages(root)
        for path in _paths(_PATH.findall(prose(page)))
        if not (root / path).exists()
    ]


def _paths(words: Iterable[str]) -> list[str]:
    """Returns the words that name a file or a folder of the repository."""
    return [
        word
        for word in words
        if "/" in word and word.endswith((".py", ".md", ".toml", "/")) and not word.startswith(_RUN_TIME)
    ]


def faulty_records(root: Path) -> list[str]:
    found = []
    for record in records(root):
        text = record.read_text()
        number = record.name[:4]
        if not re.match(rf"# {number} \S", text):
            found.append(f"{record.name}: its first line is not '# {number} title'")
        if re.findall(r"^## (.+)$", text, re.MULTILINE) != HEADINGS:
            found.append(f"{record.name}: its headings are not {', '.join(HEADINGS)}")
            continue
        parts = dict(zip(HEADINGS, re.split(r"^## .+$", text, flags=re.MULTILINE)[1:], strict=True))
        if parts["Status"].strip() not in {"Accepted", "Superseded"}:
            found.append(f"{record.name}: status")
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", parts["Date"].strip()):
            found.append(f"{record.name}: date")
        holding = _PATH.findall(parts["Enforced by"])
        if not holding:
            found.append(f"{record.name}: nothing that enforces it")
        found += [f"{record.name}: {path} enforces nothing" for path in holding if not (root / path).exists()]
        if len(text.split()) > LONGEST_RECORD:
            found.append(f"{record.name}: longer than a page")
    return found


def records_missing_in_the_index(root: Path) -> list[str]:
    index = (root / "docs" / "decisions" / "index.md").read_text()
    rows = {
        file: (number, title, status, date)
        for number, title, file, status, date in re.findall(
            r"^\| (\d{4}) \| \[(.+?)\]\((\S+)\) \| (\w+) \| (\S+) \|", index, re.MULTILINE
        )
    }
    return [record.name for record in records(root) if rows.get(record.name) != _row(record.read_text())]


def _row(text: str) -> tuple[str, str, str, str]:
    [(number, title)] = re.findall(r"^# (\d{4}) (.+)$", text, re.MULTILINE)
    status, date = (re.findall(rf"^## {part}\n\n(\S+)$", text, re.MULTILINE)[0] for part in ("Status", "Date"))
    return number, title, status.lower(), date


def unknown_records(root: Path) -> list[str]:
    """Numbers of decisions that the code names and that are no record."""
    known = {record.name[:4] for record in records(root)}
    files = [file for folder in ("api", "matching", "placement", "tests") for file in (root / folder).rglob("*.py")]
    return [
        f"{file.relative_to(root)}: {number}"
        for file in sorted(files)
        for number in _NUMBER.findall(file.read_text())
        if number not in known
    ]


CHECKS = [broken_links, missing_paths, faulty_records, records_missing_in_the_index, unknown_records]


@pytest.mark.parametrize("check", CHECKS)
def test_documents_as_they_are_have_no_fault(check):
    assert check(ROOT) == []


def test_documents_have_pages_and_a_dozen_records():
    assert len(pages(ROOT)) > 30
    assert 10 <= len(records(ROOT)) <= 12


RECORD = """# 0001 First

## Status

Accepted

## Date

2026-11-24

## Context

## Decision

## Alternatives

## Consequences

## Enforced by

- `tests/test_it.py`
"""
INDEX = "| number |\n|---|\n| 0001 | [First](0001-first.md) | accepted | 2026-11-24 | |\n"
PAGE = (
    "# Page\n\n## One more, please\n\n[there](#one-more-please), `tests/test_it.py`, `docs/`, `var/keys/`, `/health/`\n"
)


@pytest.fixture
def tree(tmp_path):
    """Makes a small project whose documents have no fault."""
    files = {
        "README.md": "[docs](docs/page.md#one-more-please), [elsewhere](https://example.org/x)\n",
        "docs/page.md": PAGE,
        "docs/decisions/index.md": INDEX,
        "docs/decisions/0001-first.md": RECORD,
        "tests/test_it.py": '"""Holds docs/decisions/0001."""\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert [check(tmp_path) for check in CHECKS] == [[]] * len(CHECKS)
    return tmp_path


@pytest.mark.parametrize(
    ("check", "file", "before", "after"),
    [
        (broken_links, "README.md", "docs/page.md#", "docs/other.md#"),
        (broken_links, "README.md", "#one-more-please", "#one-less-please"),
        (broken_links, "docs/page.md", "(#one-more-please)", "(#two)"),
        (missing_paths, "docs/page.md", "`tests/test_it.py`", "`tests/test_that.py`"),
        (missing_paths, "docs/page.md", "`docs/`", "`doc/`"),
        (faulty_records, "docs/decisions/0001-first.md", "# 0001 First", "# 0002 First"),
        (faulty_records, "docs/decisions/0001-first.md", "## Alternatives\n", ""),
        (faulty_records, "docs/decisions/0001-first.md", "Accepted", "Perhaps"),
        (faulty_records, "docs/decisions/0001-first.md", "2026-11-24", "in November"),
        (faulty_records, "docs/decisions/0001-first.md", "test_it", "test_that"),
        (faulty_records, "docs/decisions/0001-first.md", "- `tests/test_it.py`", "- a test"),
        (faulty_records, "docs/decisions/0001-first.md", "## Decision\n", f"## Decision\n{'word ' * LONGEST_RECORD}\n"),
        (records_missing_in_the_index, "docs/decisions/index.md", "[First]", "[Last]"),
        (records_missing_in_the_index, "docs/decisions/index.md", "accepted", "superseded"),
        (unknown_records, "tests/test_it.py", "0001", "0002"),
    ],
)
def test_planted_fault_in_a_document_is_found(tree, check, file, before, after):
    text = (tree / file).read_text()
    assert before in text
    (tree / file).write_text(text.replace(before, after))
    assert len(check(tree)) == 1
