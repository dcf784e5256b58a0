"""Reading takes time by the size of a problem."""

import json
import sys
from collections import Counter

import pytest

from matching import read_problem
from tests.support.matching.problem_parts import problem, registration, room, unit


@pytest.mark.wide
def test_reading_makes_steps_by_the_size_and_not_its_square():
    """The steps are those of Python's interpreter; `make bench` measures the work of a C function within a step."""

    def steps(number):
        rows = [registration(f"A{i}", avoided_units=[f"U{k}" for k in range(30)]) for i in range(number)]
        data = json.dumps(problem(rows, [unit("U1"), unit("U2")], [room("R1"), room("R2")])).encode()
        counted = Counter()

        def count(frame, event, _about):
            frame.f_trace_opcodes = True
            counted[event] += 1
            return count

        before = sys.gettrace()
        sys.settrace(count)
        try:
            read_problem(data)
        finally:
            sys.settrace(before)
        return counted["opcode"]

    small, large = steps(200), steps(2_000)
    assert small > 200
    assert large < 11 * small  # ten times as many registrations; by the square a hundred times as many steps
