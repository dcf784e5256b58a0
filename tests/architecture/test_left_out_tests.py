"""Tests run on a machine without a browser, beside other users of the machine, and name what they left out."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.paths import ROOT

OF_A_RUN = "TEST_OF_A_RUN"
TESTS = ("tests/browser/test_menu.py", "tests/architecture/test_left_out_tests.py")


def run(tmp_path, *options, **environment):
    """Collects these tests as somebody whose path has no browser, and who has no browser of Playwright's."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CI", "TMPDIR", "TEST_SHARE"} and "PYTEST" not in name
    }
    bare |= {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path), OF_A_RUN: "yes", **environment}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *TESTS]
    return subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)


@pytest.mark.wide
def test_run_without_a_browser_names_what_was_left_out(tmp_path):
    for processes in ((), ("-n", "1")):
        done = run(tmp_path, *processes, "-k", "menu or folder_of_its_own")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 passed" in done.stdout
        assert "tests were left out, because they need a browser:" in done.stdout
        assert "of tests/browser/test_menu.py" in done.stdout
        assert "apt install chromium" in done.stdout


@pytest.mark.wide
def test_ci_leaves_nothing_out(tmp_path):
    done = run(tmp_path, "--collect-only", CI="true")
    assert "left out" not in done.stdout
    assert "tests/browser/test_menu.py" in done.stdout


def test_a_run_has_a_folder_of_its_own():
    # another user of the machine cannot open a file with a fixed name
    if OF_A_RUN in os.environ:
        folder = Path(tempfile.gettempdir())
        assert folder.name.startswith("pt-")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711
