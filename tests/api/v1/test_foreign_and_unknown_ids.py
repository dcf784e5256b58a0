"""Foreign and unknown ids cannot be told apart, by content or by time, however often one asks.

For each kind of route and each stranger, pairs of a foreign id and one that nothing has, in an order that changes. The
answers are equal to the last byte and header. At full size their times are compared too (Mann and Whitney's test by
ranks, with its p divided by the number of comparisons, as Bonferroni has it: together they err once in a hundred).
"""

import random
import time
from itertools import count
from statistics import NormalDist

import pytest

from placement.core.ids import new_id
from tests.support.api.routes import VERSION, WITH_ID
from tests.support.api.service import API
from tests.support.proof import FULL

PAIRS = 1_000 if FULL else 2
TIMED = 1_000 if FULL else 60
CASES = [(row, who) for row in WITH_ID for who in row[4]]
LEAST_P = 0.01

STORES = pytest.mark.parametrize("shared", ["sqlite", "postgresql"] if FULL else ["sqlite"], indirect=True)
"""The fixture: one of everything."""

_KEYS = count(1)


def ask(shared, facts, row, headers, name):
    method, path, _, body, _ = row
    sent = {} if body is None else {"json": body}
    named = {**VERSION, "Idempotency-Key": f"k-{next(_KEYS)}", **headers}
    url = API + path.replace("%", facts["foreign"]).format(name)
    answer = shared.client.request(method, url, headers=named, **sent)
    return answer.status_code, answer.content, sorted(answer.headers.multi_items())


def pairs(shared, facts, case, number, rng, *, times=None):
    """The answers to foreign ids and to unknown ones; what each took is added to `times`."""
    row, who = case
    thing = row[2]
    foreign = facts.get(thing, thing)
    headers = getattr(shared, who).authorization()
    answers = set()
    for _ in range(number):
        # The ids of shelters and units are given by hand: an unknown one has the same form.
        unknown = new_id(foreign[0]) if thing in facts else foreign.replace("S01", f"S{rng.randint(30, 99)}")
        both = [("foreign", foreign), ("unknown", unknown)]
        rng.shuffle(both)
        for kind, name in both:
            began = time.perf_counter()
            answers.add(repr(ask(shared, facts, row, headers, name)))
            if times is not None:
                times[kind].append(time.perf_counter() - began)
    return answers


@STORES
@pytest.mark.parametrize(("row", "who"), CASES, ids=[f"{who} {row[0]} {row[1]}" for row, who in CASES])
def test_pairs_are_answered_alike_to_the_last_byte_and_header(shared, things, row, who):
    answers = pairs(shared, things, (row, who), PAIRS, random.Random(1))
    assert len(answers) == 1
    assert next(iter(answers)).startswith("(404, ")


@STORES
@pytest.mark.long
def test_pairs_take_equally_long(shared, things):
    rng = random.Random(2)
    found = {}
    for row, who in CASES:
        pairs(shared, things, (row, who), 5, rng)  # to warm up
        times = {"foreign": [], "unknown": []}
        pairs(shared, things, (row, who), TIMED, rng, times=times)
        found[f"{who} {row[0]} {row[1]}"] = chance(times["foreign"], times["unknown"])
    print(f"{len(found)} comparisons of {TIMED} pairs; least p: {sorted(found.items(), key=lambda one: one[1])[:4]}")  # noqa: T201  (with -s)
    assert {name: p for name, p in found.items() if p <= LEAST_P / len(CASES)} == {}


def chance(ones, others):
    """p of Mann and Whitney's test, both sides: how often chance alone would rank them so far apart."""
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
    assert max(apart) < LEAST_P / len(CASES)
