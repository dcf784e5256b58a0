"""The benchmark at a tiny size: it generates, measures, compares, and draws."""

import json
import subprocess
import sys

import pytest

from bench import acts, keys, log, pages, snapshot
from bench.adversarial import KINDS
from bench.generator import SIZES, generate, size_for
from bench.picture import picture
from bench.run import exponent
from bench.time_limit import commands_over_limit, seconds_over_limit
from bench.ways_out import grouped, multiples
from matching import read_problem
from matching.eligibility import pair_rows
from matching.index import Index
from tests.support.softhsm import token_of_test
from tests.support.stores import new_database

token = pytest.fixture(token_of_test)


def test_generator_same_seed_same_problem_other_seed_other():
    first = generate(SIZES["tiny"], 1)
    assert generate(SIZES["tiny"], 1) == first
    assert generate(SIZES["tiny"], 2) != first


@pytest.mark.wide
def test_a_run_writes_a_table_and_json(tmp_path):
    command = [sys.executable, "-m", "bench.run", "--sizes", "tiny,60", "--seeds", "1", "--limits", "3"]
    command += ["--characters", "plain", "--output", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [json.loads(line)["row"] for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [row["size"] for row in rows] == ["tiny", "60"]
    assert rows[0]["optimal"] == 1
    assert all(rows[0][name] > 0 for name in ("match_s", "model_s", "highs_whole_s", "explain_all_s"))
    assert 0 <= rows[1]["left_%"] <= 100
    assert rows[1]["peak_mb"] > 10
    assert done.stdout.count("median (worst) of 1") == 2
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (again.stdout, again.stderr) == (done.stdout, "")


def test_generator_registration_is_eligible_in_few_units():
    size = SIZES["national"]
    problem = read_problem(generate(size, 3))
    place = {unit.id: unit.location for unit in problem.units}
    [(_, rows)] = pair_rows(Index(problem), list(problem.registrations), len(problem.registrations))
    units = sorted(place)
    for registration, allowed in zip(problem.registrations, rows, strict=True):
        share = len({place[unit] for unit, fine in zip(units, allowed, strict=True) if fine}) / size.locations
        assert 0.05 <= share <= 0.4, registration.id


def test_growth_is_fitted_where_there_are_three_sizes():
    rows = [{"size": str(n), "registrations": n, "first_s": 0.001 * n**1.5} for n in (25, 100, 400)]
    assert round(exponent(rows, "first_s"), 6) == 1.5
    assert exponent(rows[:2], "first_s") is None


def test_a_size_between_grows_with_its_number():
    assert size_for(400).beds == 600
    assert picture("a", [[[0.0, 50.0], [1.0, 2.0]]]).count("<polyline") == 1


@pytest.mark.wide
def test_the_log_is_measured(tmp_path):
    measured_times = dict(log.measured(f"sqlite:///{tmp_path}/log.db", tmp_path, 200))
    assert {"made 200 lines", "verified 200 lines", "who looked at a case"} <= set(measured_times)


@pytest.mark.wide
def test_a_page_is_measured_beside_the_answer_of_the_api():
    found = pages.measured(times=1, size="small")
    for what in ("proposal", "report"):
        assert found[f"{what}_api_ms"] > 0
        assert found[f"{what}_ratio"] == found[f"{what}_page_ms"] / found[f"{what}_api_ms"]


@pytest.mark.wide
def test_each_act_is_measured_in_reads_of_one_bare_row(postgresql):
    found = acts.measured(new_database(postgresql), times=1, block=1, size="small")
    assert acts.MOST.keys() < found.keys()
    assert found["one bare row"].statements == 1
    assert all(cost.milliseconds > 0 for cost in found.values())


@pytest.mark.wide
def test_the_time_limit_is_measured_on_every_hard_problem():
    assert seconds_over_limit(0.01, limit=60, times=1) == dict.fromkeys(KINDS, 0.0)


@pytest.mark.wide
def test_ways_out_are_measured_as_multiples_of_match():
    for problem in (read_problem(generate(SIZES["tiny"], 1)), grouped(read_problem(generate(SIZES["tiny"], 1)))):
        found = multiples(problem, times=1)
        assert found.match_ms > 0
        assert found.slowest >= found.median > 0


def test_groups_of_three_are_added_to_a_problem():
    groups = grouped(read_problem(generate(SIZES["tiny"], 1))).together
    assert [(len(group.registrations), group.must) for group in groups] == [(3, True), (3, False)]


@pytest.mark.wide
def test_the_time_limit_is_measured_on_every_command():
    rows = commands_over_limit("tiny", (60.0,), range(1, 2))
    assert [row.command for row in rows] == ["match", "alternatives", "bottlenecks", "ways-out"]
    assert all(row.is_kept and row.least < 0 for row in rows)


@pytest.mark.system
def test_keys_in_a_file_and_in_a_token_are_measured(tmp_path, token):
    assert token
    found = keys.measured({"file": keys.in_file(tmp_path), "token": keys.in_token(tmp_path)}, 3, 1)
    assert sorted(found) == ["file, cold", "file, warm", "token, cold", "token, warm"]


@pytest.mark.wide
def test_the_snapshot_is_measured_beside_its_statements():
    found = snapshot.measured(times=2, size="small")
    assert found["ratio"] == found["snapshot_ms"] / found["statements_ms"] > 1
    assert all(found[f"{what}_cpu_ms"] > 0 for what in ("snapshot", "anew", "statements"))
