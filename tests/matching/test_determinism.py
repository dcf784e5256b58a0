"""The same problem gives the same answer, byte for byte but for `seconds`, whatever the order of its rows."""

import json
import random

import pytest

from matching import match, write_solution
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small


def answer(raw, **options):
    solution = json.loads(write_solution(match(read(raw), **options)))
    del solution["seconds"]
    return json.dumps(solution)


@pytest.mark.wide
@pytest.mark.parametrize("easy", [False, True])
def test_the_order_of_the_rows_does_not_matter(easy):
    shuffled = random.Random(1)
    for seed in range(4000, 4080):
        raw = second(seed, easy=easy) if seed % 2 else small(seed, easy=easy)
        first = answer(raw)
        assert answer(raw) == first
        for name in ("locations", "units", "rooms", "registrations", "fixed", "together"):
            shuffled.shuffle(raw.get(name, []))
        assert answer(raw) == first, seed


@pytest.mark.wide
def test_several_workers_are_deterministic_with_equal_objective():
    for seed in range(4100, 4110):
        raw = small(seed, easy=True)
        two = answer(raw, workers=2)
        assert answer(raw, workers=2) == two
        assert json.loads(two)["objective"] == json.loads(answer(raw))["objective"]
