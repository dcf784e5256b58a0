"""Foreign and unknown ids take equally long, however often one asks: their times are compared by ranks.

Mann and Whitney's test, with its p divided by the number of comparisons (Bonferroni): together they err once in a
hundred. That the answers are equal: `test_operations.py`.
"""

import random
import time
from statistics import NormalDist

import pytest

from placement.core.ids import new_id
from tests.support.proof import FULL

TIMED = 1_000 if FULL else 60
LEAST_P = 0.01


@pytest.mark.long
@pytest.mark.parametrize("shared", ["sqlite", "postgresql"] if FULL else ["sqlite"], indirect=True)
def test_pairs_take_equally_long(contract):
    rng, found = random.Random(2), {}
    cases = [(one, *pair) for one in contract.operations.values() if not one.public for pair in contract.pairs(one)]
    for operation, role, foreign, unknown in cases:
        times = {foreign: [], unknown: []}
        for turn in range(5 + TIMED):  # the first five warm up
            for path in rng.sample(sorted(times), 2):
                began = time.perf_counter()
                contract.of_another(operation, role, path.replace("-2222-2222-2222", new_id("X")[1:]))
                times[path] += [time.perf_counter() - began] if turn >= 5 else []
        found[f"{role} {operation.name}"] = chance(times[foreign], times[unknown])
    print(f"{len(found)} comparisons of {TIMED} pairs; least p: {sorted(found.items(), key=lambda one: one[1])[:4]}")  # noqa: T201  (with -s)
    assert {name: p for name, p in found.items() if p <= LEAST_P / len(cases)} == {}


def chance(ones, others):
    """Returns p of Mann and Whitney's test, both sides: how often chance alone would rank them so far apart."""
    ranked = sorted([(one, True) for one in ones] + [(other, False) for other in others])
    ranks = sum(rank for rank, (_, mine) in enumerate(ranked, start=1) if mine)
    n, m = len(ones), len(others)
    larger = ranks - n * (n + 1) / 2
    apart = (larger - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(apart))


def test_rank_test_detects_differing_times_only():
    rng = random.Random(3)
    same = [chance(*([rng.gauss() for _ in range(200)] for _ in range(2))) for _ in range(200)]
    assert 0.02 < sum(p < 0.1 for p in same) / len(same) < 0.2
    apart = [chance([rng.gauss() for _ in range(1000)], [rng.gauss(0.3) for _ in range(1000)]) for _ in range(20)]
    assert max(apart) < LEAST_P / 100
