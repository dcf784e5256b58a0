"""Ledger of a long proof: by its name and store, the numbers that passed at this commit.

A proof of hours can be stopped and resumed: numbers that passed are not tried again. If the tree has uncommitted
changes, the ledger is neither read nor written.
"""

import json
import subprocess
from itertools import islice

from tests.support.paths import ROOT


def commit():
    """Returns the commit of the tree; `None` if it has changes, or if there is no git."""
    try:
        changes = _git("status", "--porcelain", "--untracked-files=no")
        return None if changes else _git("rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*said):
    command = ["/usr/bin/env", "git", *said]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


class Ledger:
    """The numbers of one proof that passed, in a file below `build/`. `at`: the commit; `None` if it is unknown."""

    def __init__(self, name, at, folder=ROOT / "build" / "prove"):
        self.file, self.at = folder / f"{name}.json", at
        said = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.passed = set(said["passed"]) if at is not None and said.get("commit") == at else set()

    def left(self, numbers, most):
        """Returns at most so many of these numbers that have not passed."""
        return list(islice((one for one in numbers if one not in self.passed), most))

    def add(self, numbers):
        self.passed.update(numbers)
        if self.at is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        written = self.file.with_suffix(".new")
        written.write_text(json.dumps({"commit": self.at, "passed": sorted(self.passed)}))
        written.replace(self.file)
