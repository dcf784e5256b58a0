"""An attacker with all releases, public figures and all facts of a person stays within the bounds of the guide.
Two weaker forms of a release fall.
"""

from random import Random

import pytest

from bench.count_years import five_years
from bench.releases import NAMES, attacks, released
from tests.support.releases.few_codes import CODES, records
from tests.support.releases.release_attack import Learned

OURS, FLOOR_ALONE, ROUNDED_ALONE = NAMES


def check(found):
    ours = found[OURS]
    assert ours.attacked > 10
    assert (ours.exact, ours.narrow) == (0, 0)
    assert ours.share <= 0.9
    assert ours.codes >= 2
    assert ours.sure <= 0.75
    assert ours.gain <= 0.25
    assert ours.odds <= 2
    assert found[FLOOR_ALONE].exact > 0


@pytest.mark.wide
def test_attack_on_a_year_with_few_codes_learns_nothing():
    found = attacks(released(2026, records(Random(1), 600), CODES), CODES)
    check(found)


@pytest.mark.wide
def test_attack_on_five_years_breaks_weak_forms_alone():
    total = {name: Learned() for name in NAMES}
    for year, everybody in five_years().items():
        for name, learned in attacks(released(year, everybody)).items():
            total[name].add(learned)
    check(total)
    assert total[ROUNDED_ALONE].narrow > 0
    assert min(total[name].share for name in (FLOOR_ALONE, ROUNDED_ALONE)) > 0.9
