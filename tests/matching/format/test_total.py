"""The total of all points is at most 2^53, which every program that reads JSON holds exactly."""

import json

import pytest

from matching import ProblemInvalid, read_problem
from tests.support.matching.problem_parts import person, problem, registration


def faults(raw):
    with pytest.raises(ProblemInvalid) as refused:
        read_problem(json.dumps(raw).encode())
    return [(fault.path, fault.message) for fault in refused.value.faults]


def at_the_limit():
    """A problem whose total is 2^53.

    13 households of 20 for 36500 days: 260 x (serve + 36500 x waiting_day); each best language 7; two preferred needs
    of 11 for A0; the groups without `must` 5 x (1 + 2); the rest is what B1 alone is worth.
    """
    rows = [registration(f"A{number}", persons=[person()] * 20, waiting_days=10**9) for number in range(13)]
    rows[0]["preferred_needs"] = ["pregnancy", "infant"]
    rows.append(registration("B1", urgency=1))
    serve, rest = divmod(2**53 - 260 * 36_500 * 949_120_000 - 14 * 7 - 2 * 11 - 5 * 3, 260)
    raw = problem(
        rows,
        policy={
            "serve": {"1": rest, "3": serve},
            "waiting_day": 949_120_000,
            "waiting_cap": 36_500,
            "language": {"native": 7, "fluent": 6, "basic": 5},
            "preferred_need": 11,
            "together": 5,
        },
    )
    raw["together"] = [
        {"id": "G1", "registrations": ["A1", "A2"], "where": "unit", "must": False},
        {"id": "G2", "registrations": ["A3", "A4", "A5"], "where": "unit", "must": False},
        {"id": "G3", "registrations": ["A6", "A7"], "where": "unit", "must": True},
    ]
    return raw


def test_a_total_above_two_to_the_53_is_refused_with_the_total():
    raw = at_the_limit()
    read_problem(json.dumps(raw).encode())
    raw["policy"]["serve"]["1"] += 1
    said = "expected weights by which all points together are at most 9007199254740992, found 9007199254740993"
    assert faults(raw) == [("$.policy", said)]
    first = raw | {"format": "placement-problem/1", "policy": dict(raw["policy"])}
    del first["together"], first["policy"]["together"]
    first["policy"]["serve"] = raw["policy"]["serve"] | {"1": 10**9}
    assert [path for path, _ in faults(first)] == ["$.policy"]
