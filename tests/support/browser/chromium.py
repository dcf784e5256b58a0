"""Chromium for `make browser`: finds a browser of this family, or installs it if that is possible.

The order is: the path; Playwright's own; Debian's, if packages may be installed; Playwright's, downloaded.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
FLAGS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
FLAGS += ("--disable-component-update", "--disable-sync")
ADVICE = """No browser was found, and none could be installed. One of these gets one:
  sudo apt install chromium                             (Debian)
  .venv/bin/python -m playwright install --with-deps chromium
"""


def find() -> str | None:
    """Returns the path of the program, if it exists."""
    on_the_path = next((path for path in map(shutil.which, NAMES) if path), None)
    if on_the_path:
        return on_the_path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def get() -> str | None:
    """Returns the path of the program, and installs it first if it is missing."""
    return find() or next((found for way in (_of_debian, _of_playwright) if way() and (found := find())), None)


def _of_debian() -> bool:
    """Installs Debian's package as root, or with a `sudo` that needs no password."""
    if not shutil.which("apt-get"):
        return False
    before = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if before and not (shutil.which("sudo") and _does(*before, "true")):
        return False
    quiet = ("--quiet", "--yes", "--no-install-recommends")
    return _does(*before, "apt-get", "update", "--quiet") and _does(*before, "apt-get", "install", *quiet, "chromium")


def _of_playwright() -> bool:
    return _does(sys.executable, "-m", "playwright", "install", "chromium")


def _does(*command: str) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__" and get() is None:
    sys.stderr.write(ADVICE)
    sys.exit(1 if os.environ.get("CI") else 0)  # see tests/support/left_out_tests.py
