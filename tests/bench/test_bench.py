"""The benchmark at a tiny size: it generates, measures, compares, and draws."""

import json
import subprocess
import sys

from bench import log
from bench.generator import SIZES, generate, size_for
from bench.picture import picture
from bench.rivals import first_come, value_first
from matching import match, read_problem


def test_the_same_seed_gives_the_same_problem_and_another_seed_another():
    first = generate(SIZES["tiny"], 1)
    assert generate(SIZES["tiny"], 1) == first
    assert generate(SIZES["tiny"], 2) != first


def test_the_simple_ways_are_never_better_than_the_best():
    for seed in range(10):
        problem = read_problem(generate(SIZES["tiny"], seed))
        best = match(problem)
        assert best.status == "optimal"
        for way in (first_come, value_first):
            assert sum(placement.points for placement in way(problem)) <= best.objective


def test_a_run_writes_a_table_and_json(tmp_path):
    command = [sys.executable, "-m", "bench.run", "--sizes", "tiny,60", "--seeds", "1", "--limit", "3"]
    done = subprocess.run([*command, "--output", str(tmp_path)], capture_output=True, text=True, check=True)
    rows = json.loads((tmp_path / "results.json").read_text())
    assert [row["size"] for row in rows] == ["tiny", "60"]
    assert rows[0]["optimal"] == rows[0]["naive_optimal"] == 1
    assert 0 <= rows[1]["left_%"] <= 100
    assert rows[1]["peak_mb"] > 10
    assert done.stdout.count("median of 1") == 2


def test_a_size_between_grows_with_its_number():
    assert size_for(400).beds == 600
    assert picture("a", [[[0.0, 50.0], [1.0, 2.0]]]).count("<polyline") == 1


def test_the_log_is_measured(tmp_path):
    told = dict(log.measured(f"sqlite:///{tmp_path}/log.db", tmp_path, 200))
    assert {"made 200 lines", "verified 200 lines", "who looked at a case"} <= set(told)
