"""Many problems at once: in order, the same answers by every executor, and a fault stays with its problem."""

import subprocess
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from multiprocessing.pool import ThreadPool

import pytest
from msgspec.structs import replace

from matching import EngineFault, Fixed, match, match_many, read_solution, write_problem, write_solution
from matching.format.solution import Seconds
from tests.support.matching.problem_parts import problem, read
from tests.support.matching.random_problems import second, small
from tests.support.paths import ROOT

PROBLEMS = [read(second(seed) if seed % 2 else small(seed)) for seed in range(12)]


def plain(solution):
    return write_solution(replace(solution, seconds=Seconds()))


class Here:
    """The smallest executor: one after the other, in this process."""

    def map(self, call, problems):
        return map(call, problems)


@pytest.mark.parametrize(
    "executor", [lambda: nullcontext(Here()), lambda: ThreadPoolExecutor(2), lambda: ThreadPool(2)]
)
def test_many_answers_are_those_of_each_problem_in_order(executor):
    with executor() as pool:
        found = match_many(PROBLEMS, pool)
    assert [plain(solution) for solution in found] == [plain(match(asked)) for asked in PROBLEMS]


def test_without_an_executor_processes_answer():
    done = []
    found = match_many(PROBLEMS, progress=done.append)
    assert [plain(solution) for solution in found] == [plain(match(asked)) for asked in PROBLEMS]
    assert done == list(range(1, len(PROBLEMS) + 1))


def test_a_pool_of_ones_own_is_left_open():
    with ProcessPoolExecutor(1) as pool:
        assert [found.status for found in match_many(PROBLEMS[:2], pool)] == [match(p).status for p in PROBLEMS[:2]]
        assert match_many([], pool) == []


def test_a_fault_is_returned_in_its_place():
    good = read(problem())
    wrong = replace(good, fixed=(Fixed("A1", "NOPE"),))
    first, fault, last = match_many([good, wrong, good], Here())
    assert first.status == last.status == "optimal"
    assert isinstance(fault, EngineFault)
    assert "$.fixed[0].unit" in str(fault)


BY_RAY = """
import sys
from pathlib import Path
from bench.many import local_cluster
from matching import match_many, read_problem, write_solution

folder = Path(sys.argv[1])
problems = [read_problem(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
with local_cluster(2) as pool:
    for number, found in enumerate(match_many(problems, pool)):
        (folder / f"{number:02}.answer").write_bytes(write_solution(found))
"""


@pytest.mark.wide
def test_a_cluster_of_two_workers_has_the_same_answers(tmp_path):
    python = ROOT / "build" / "cluster" / "bin" / "python"
    if not python.exists():
        pytest.fail("the environment is not installed: make build/cluster/installed")
    for number, asked in enumerate(PROBLEMS):
        (tmp_path / f"{number:02}.json").write_bytes(write_problem(asked))
    subprocess.run([python, "-c", BY_RAY, tmp_path], cwd=ROOT, check=True, capture_output=True)
    answers = [path.read_bytes() for path in sorted(tmp_path.glob("*.answer"))]
    assert [plain(read_solution(answer)) for answer in answers] == [plain(match(asked)) for asked in PROBLEMS]


def test_a_limit_is_for_each_problem():
    found = match_many(PROBLEMS, Here(), time_limit=30.0)
    assert [row.objective for row in found] == [match(asked).objective for asked in PROBLEMS]
