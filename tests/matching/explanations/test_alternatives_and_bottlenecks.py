"""Exact losses and gains, against solving every exchange and every extra by trying everything."""

import pytest

from matching import RegistrationFixed, UnknownRegistration, alternatives, bottlenecks, explain, match
from tests.support.matching import problem_parts as parts
from tests.support.matching.brute_force import Brute
from tests.support.matching.extras import with_extra
from tests.support.matching.problem_parts import read
from tests.support.matching.random_problems import second, small

CHUNKS = [0, *(pytest.param(chunk, marks=pytest.mark.wide) for chunk in (1, 2, 3))]


@pytest.mark.wide
@pytest.mark.parametrize("chunk", CHUNKS)
def test_alternatives_are_the_best_units_with_their_exact_loss(chunk):
    lists = ties = 0
    for seed in range(2000 + 60 * chunk, 2060 + 60 * chunk):
        raw = second(seed) if seed % 2 else small(seed, easy=True)
        problem, brute = read(raw), Brute(raw)
        best = brute.best()
        for registration in raw["registrations"]:
            rid = registration["id"]
            if any(row["registration"] == rid for row in raw["fixed"]) or best is None:
                continue
            rows = []
            for unit in raw["units"]:
                total = brute.best((rid, unit["id"]))
                if total is not None:
                    rows.append((best - total, unit["id"], total))
            found = alternatives(problem, rid, top=3)
            assert found.best == best
            assert [(row.loss, row.unit, row.objective) for row in found.alternatives] == sorted(rows)[:3], (seed, rid)
            lists += len(rows) > 1
            ties += len({loss for loss, _, _ in rows}) < len(rows)
    assert lists >= 20
    assert ties >= 1


def test_unit_without_a_place_for_the_group_is_left_out():
    # one bed in U1 at L1, two in U2 at L2: A1 is allowed in U1, but A2 must be at the same location
    places = [parts.location("L1"), parts.location("L2")]
    units = [parts.unit("U1"), parts.unit("U2", location="L2")]
    rows = [parts.registration("A1"), parts.registration("A2")]
    raw = parts.problem(rows, units, [parts.room("R1", "U1"), parts.room("R2", "U2", beds=2)], locations=places)
    raw["together"] = [{"id": "G1", "registrations": ["A1", "A2"], "where": "location", "must": True}]
    assert explain(read(raw), "A1").units[0].allowed
    found = alternatives(read(raw), "A1")
    assert [(row.unit, row.loss) for row in found.alternatives] == [("U2", 0)]


@pytest.mark.wide
def test_displaced_are_those_placed_in_the_match_and_not_then():
    displaced = 0
    for seed in range(2300, 2360):
        raw = small(seed, easy=True)
        problem = read(raw)
        solution = match(problem)
        placed = {row.registration: row.unit for row in solution.placements}
        for rid, where in placed.items():
            if solution.status != "optimal" or any(row["registration"] == rid for row in raw["fixed"]):
                continue
            for row in alternatives(problem, rid).alternatives:
                assert set(row.displaces) <= set(placed) - {rid}
                if where == row.unit:
                    assert (row.loss, row.displaces) == (0, ())
                displaced += bool(row.displaces)
    assert displaced >= 3


@pytest.mark.wide
@pytest.mark.parametrize("chunk", CHUNKS)
def test_bottlenecks_are_the_extras_with_the_largest_exact_gain(chunk):
    gains = high_care = 0
    for seed in range(3000 + 60 * chunk, 3060 + 60 * chunk):
        raw = second(seed) if seed % 2 else small(seed, easy=True)
        best = Brute(raw).best()
        if best is None:
            continue
        rows = []
        for unit in raw["units"]:
            for extra in ("high_care", "room_1", "room_4"):
                total = Brute(with_extra(raw, unit["id"], extra)).best()
                if total > best:
                    rows.append((best - total, unit["id"], extra))
        found = bottlenecks(read(raw), top=4)
        assert found.best == best
        assert [(-row.gain, row.unit, row.extra) for row in found.bottlenecks] == sorted(rows)[:4], seed
        gains += len(rows)
        high_care += any(row[2] == "high_care" for row in rows)
    assert gains >= 60
    assert high_care >= 1


@pytest.mark.wide
def test_bottleneck_serves_registrations_not_placed_before():
    served = 0
    for seed in range(3300, 3340):
        problem = read(small(seed, easy=True))
        before = {row.registration for row in match(problem).placements}
        for row in bottlenecks(problem).bottlenecks:
            assert not set(row.serves) & before
            served += bool(row.serves)
    assert served >= 20


def test_fixed_or_unknown_registration_has_no_alternatives():
    raw = small(1)
    raw["fixed"] = []
    with pytest.raises(UnknownRegistration):
        alternatives(read(raw), "nobody")
    raw["fixed"] = [{"registration": "A0", "unit": "U0"}]
    with pytest.raises(RegistrationFixed):
        alternatives(read(raw), "A0")


def test_time_limited_list_is_a_prefix_of_the_exact_one():
    problem = read(small(3001, easy=True) | {"fixed": []})
    exact = alternatives(problem, "A0").alternatives
    assert exact
    assert alternatives(problem, "A0", time_limit=60.0).alternatives == exact[:5]
