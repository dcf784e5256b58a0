"""A share of the files of tests, which changes with each commit: for CI, in which all of `make wide` takes too long.

With `TEST_SHARE=4` one file of four is tried. The share of a file does not depend on the others, and four commits in a
row try them all.
"""

import os
import subprocess
from zlib import crc32

from tests.support.paths import ROOT


def turn():
    """Returns the number of commits up to this commit, so that the next commit has the next number."""
    command = ["/usr/bin/env", "git", "rev-list", "--count", "HEAD"]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def divided(items, of, at):
    """Divides the tests in two: those whose file has its turn among so many shares, and the rest."""
    chosen, rest = [], []
    for item in items:
        name = item.nodeid.partition("::")[0]
        (chosen if (crc32(name.encode()) + at) % of == 0 else rest).append(item)
    return chosen, rest


def deselect(config, items):
    of = int(os.environ.get("TEST_SHARE", "1"))
    if of > 1:
        items[:], rest = divided(items, of, turn())
        config.hook.pytest_deselected(items=rest)
