"""Every documented command exists, and what can be run here is run."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.documented_steps import run_steps, steps_of
from tests.support.paths import ROOT

PAGES = sorted(
    [ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md"), ROOT / "fixtures" / "README.md"]
)
GUIDE = ROOT / "docs" / "guide"
RUN_ELSEWHERE = {
    GUIDE / name for name in ("begin.md", "journey.md", "accounts.md", "takeover.md", "supplier.md", "keys.md")
}  # test_documented_journeys.py, test_documented_keys.py

RUN_HERE = [
    pytest.param(page, marks=() if page.parent == ROOT else pytest.mark.wide, id=str(page.relative_to(ROOT)))
    for page in PAGES
    if steps_of(page) and page not in RUN_ELSEWHERE
]


@pytest.mark.parametrize("page", RUN_HERE)
def test_the_commands_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    environment = {"PATH": "/usr/bin:/bin", "PLACEMENT_VAR": str(tmp_path / "var"), "HOME": str(tmp_path)}
    run_steps(steps_of(page), environment)


def test_every_documented_make_target_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`?make (?:-C \S+ )?([a-z-]+)`?\b", _commands(page))}
    assert {"run", "test"} <= named <= targets


def test_make_run_starts_the_service_as_the_journeys_do():
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE")
    }  # we may be run by make
    said = subprocess.run(
        ["make", "--dry-run", "run"],  # noqa: S607  (the reader's own make)
        cwd=ROOT,
        env=outside,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.splitlines()[-1] == ".venv/bin/placement serve --demo"


def test_every_linked_file_exists():
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert links == []


def _commands(page: Path) -> str:
    """Returns the code of the page, in blocks or between backticks."""
    return "\n".join(re.findall(r"```.*?```|`[^`]+`", page.read_text(), re.DOTALL))
