"""`placement match --many DIR`: a line for each problem of a folder, and clear words for what is wrong."""

import json

import pytest

from matching import match
from tests.support.matching.commands import run
from tests.support.matching.problem_parts import problem, read
from tests.support.matching.random_problems import second, small


@pytest.fixture
def folder(tmp_path):
    """Three problems, and a file that is no problem."""
    for seed in range(3):
        raw = second(seed) if seed % 2 else small(seed)
        (tmp_path / f"p{seed}.json").write_text(json.dumps(raw))
    (tmp_path / "notes.txt").write_text("no problem")
    return tmp_path


def rows(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_problem_of_a_folder_is_answered_in_order(folder):
    done = run("match", "--many", folder, "--workers", "2")
    assert (done.exit_code, done.stderr) == (0, "")
    found = rows(done)
    assert [row["file"] for row in found] == ["p0.json", "p1.json", "p2.json"]
    for row in found:
        asked = read(json.loads((folder / row["file"]).read_text()))
        assert row["solution"]["objective"] == match(asked).objective


def test_a_broken_file_is_named_and_the_others_are_answered(folder):
    raw = problem()
    raw["rooms"][0]["beds"] = 0
    (folder / "p1.json").write_text(json.dumps(raw))
    done = run("match", "--many", folder, "--workers", "1", "--output", folder / "out.jsonl")
    assert done.exit_code == 2
    assert f"{folder / 'p1.json'}: $.rooms[0].beds: expected an integer from 1, found 0" in done.stderr
    found = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [sorted(row.keys() - {"file"}) for row in found] == [["solution"], ["faults"], ["solution"]]


@pytest.mark.parametrize("args", [[], ["--many", "nowhere"], ["PROBLEM", "--many", "."]])
def test_no_folder_no_problem_or_both_exit_2(args, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("match", *args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_an_empty_folder_exits_2(tmp_path):
    done = run("match", "--many", tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "has no problem" in " ".join(done.stderr.split())
