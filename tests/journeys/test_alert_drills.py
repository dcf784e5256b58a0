"""Each alert of the service fires by its drill, and ends after the repair. The table is in `build/alert-drills.md`."""

import pytest

from tests.support.alert_drills.drills import DRILLS, Drill
from tests.support.alert_drills.runner import Drills
from tests.support.ledger import Ledger
from tests.support.proof import FULL


def test_drill_that_passed_at_this_commit_is_not_run_again(tmp_path):
    def begin(_):
        pytest.fail("it begins again")
        yield

    Ledger("drills", "a1", tmp_path).add(["| `PlacementDown` | of an earlier run |"])
    drill = Drill("PlacementDown", "", "", begin)
    assert "of an earlier run" in Drills([drill], tmp_path / "table.md", Ledger("drills", "a1", tmp_path)).run()
    with pytest.raises(pytest.fail.Exception, match="begins again"):
        Drills([drill], tmp_path / "table.md", Ledger("drills", "a2", tmp_path)).run()


@pytest.mark.long
def test_alert_fires_by_its_drill_and_ends_after_the_repair(capsys):
    """At small size only the drills of a few minutes. A drill that passed at this commit is not run again."""
    table = Drills(one for one in DRILLS.values() if FULL or not one.long).run()
    with capsys.disabled():
        print(f"\n{table}")  # noqa: T201
