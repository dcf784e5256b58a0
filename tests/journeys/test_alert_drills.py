"""Each alert of the service fires by its drill, and ends after the repair. The table is in `build/alert-drills.md`."""

import pytest

from tests.support.alert_drills.drills import DRILLS
from tests.support.alert_drills.runner import Drills
from tests.support.proof import FULL


@pytest.mark.long
def test_alert_fires_by_its_drill_and_ends_after_the_repair(capsys):
    """At small size only the drills of a few minutes. A drill that passed at this commit is not run again."""
    table = Drills(one for one in DRILLS.values() if FULL or not one.long).run()
    with capsys.disabled():
        print(f"\n{table}")  # noqa: T201
