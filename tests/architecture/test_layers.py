"""The contracts of `make lint` hold, and find an import upwards and a circle that are planted."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import package_diagram
from tests.support.paths import ROOT

PACKAGES = ("api", "fixtures", "matching", "placement")


def lint(folder):
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


FURTHER = (
    ("placement/capacity/report.py", "from placement.placements import decisions"),  # a circle
    ("placement/capacity/report.py", "def f():\n    from placement.placements import decisions"),  # hidden
    ("placement/placements/holds/holds.py", "from placement.placements import timeline"),
    (
        "placement/storage/log_contents.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from placement.storage import hash_chain",
    ),  # a circle by types
    ("matching/check.py", "from placement.core import clock"),
    ("placement/cli/store.py", "import fixtures"),
)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("placement/core/clock.py", "from placement.audit import log"),  # upwards
        *(pytest.param(*case, marks=pytest.mark.wide) for case in FURTHER),
    ],
)
def test_planted_import_upwards_is_found(copy, file, line):
    planted = copy / file
    planted.write_text(f"{planted.read_text()}\n{line}\n")
    found = lint(copy)
    assert found.returncode == 1
    assert "BROKEN" in found.stdout


def test_packages_import_lower_ones_only(copy):
    found = lint(copy)
    assert found.returncode == 0, found.stdout


def test_picture_of_the_packages_is_current():
    page = package_diagram.PAGE.read_text()
    assert page == package_diagram.with_picture(page), "run: python -m tests.support.package_diagram"


def test_files_that_the_guide_for_contributors_names_exist():
    words = re.findall(r"`([\w./]+)`", (ROOT / "CONTRIBUTING.md").read_text() + package_diagram.PAGE.read_text())
    named = [word for word in words if word.split("/")[0] in {*PACKAGES, "docs", "tests"} and "/" in word]
    assert len(named) > 50
    assert [name for name in named if not (ROOT / name).exists()] == []
