"""`python -m tests.support.quarter FOLDER [DAYS]`: lives days of a quarter, and prints a table by day, which is also
written to `build/quarter.md`.

`--sqlite`: a store in a file, with a single web process. A run that was interrupted goes on from its last finished day.
"""

import argparse
import signal
import sys
from pathlib import Path

from tests.support.quarter.run import Run

if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("days", type=int, nargs="?", default=3)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--sqlite", action="store_true")
    told = given.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the room ends too
    sys.exit(0 if Run(told.folder, postgres=not told.sqlite, seed=told.seed).lives(told.days) else 1)
