"""`python -m tests.support.alert_drills [ALERT ...]`: runs all drills or these, and prints the table of what they did,
which is also written to `build/alert-drills.md`. All together take an hour and a half, mostly waiting.
"""

import argparse
import signal
import sys

from tests.support.alert_drills.drills import DRILLS
from tests.support.alert_drills.runner import Drills

if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("alert", nargs="*", choices=[*DRILLS, []], default=[])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the installations end too
    names = given.parse_args().alert or DRILLS
    print(Drills(DRILLS[name] for name in names).run())  # noqa: T201
