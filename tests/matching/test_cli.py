"""The six commands: answers on standard output, messages on standard error, exit codes 0, 1, 2 and 3."""

import json
import re
import subprocess
import sys

import pytest

import matching
from matching.cli import MOMENT
from placement.cli import app
from tests.support.matching.commands import run
from tests.support.matching.problem_parts import problem, registration, unit
from tests.support.matching.random_problems import small
from tests.support.paths import ROOT

CASES = sorted((ROOT / "fixtures" / "cases").glob("*.json"))


@pytest.fixture
def file(tmp_path):
    """Writes bytes, or anything as JSON, to a file."""

    def write(content, name="problem.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


@pytest.mark.wide
def test_every_named_case_is_matched_and_checked_by_command(file):
    for path in CASES:
        case = json.loads(path.read_bytes())
        asked = file(case["problem"])
        answered = run("match", asked)
        assert answered.exit_code == case["expected"].get("exit", 0)
        if "refused" in case["expected"]:
            refused = [line.split(": ")[1] for line in answered.stderr.splitlines()]
            assert all(any(path.startswith(one) for path in refused) for one in case["expected"]["refused"]), refused
            continue
        answer = json.loads(answered.stdout)
        assert answer["objective"] == case["expected"]["objective"], path.stem
        assert answer["seconds"].keys() == {"read", "eligibility", "build", "solve", "check", "total"}
        checked = run("check", asked, file(answer, "solution.json"))
        assert checked.exit_code == 0
        assert json.loads(checked.stdout) == {"ok": True, "objective": answer["objective"], "violations": []}
        for registration_row in case["problem"]["registrations"]:
            explained = run("explain", asked, "--registration", registration_row["id"])
            assert len(json.loads(explained.stdout)["units"]) == len(case["problem"]["units"])
            listed = run("alternatives", asked, "--registration", registration_row["id"], "--top", 2)
            is_fixed = any(row["registration"] == registration_row["id"] for row in case["problem"].get("fixed", []))
            assert listed.exit_code == (2 if is_fixed else 0)
            if not is_fixed:
                assert json.loads(listed.stdout)["best"] == answer["objective"]
        assert json.loads(run("bottlenecks", asked).stdout)["best"] == answer["objective"]


@pytest.mark.wide
def test_the_installed_command_answers_from_standard_input():
    command = [sys.executable, "-c", "from placement.cli import main; main()", "match", "-"]
    done = subprocess.run(command, input=json.dumps(problem()).encode(), capture_output=True, check=True)
    assert json.loads(done.stdout)["objective"] == 60000
    assert done.stderr == b""


def test_the_shapes_are_those_of_the_contract(file):
    asked = file(problem([registration(), registration("A2")], [unit(), unit("U2", scheme="crisis")]))
    explained = json.loads(run("explain", asked, "--registration", "A1").stdout)
    facts = {"scheme": "crisis", "schemes": ["cosm"]}
    assert explained == {
        "registration": "A1",
        "units": [
            {"unit": "U1", "allowed": True, "broken": []},
            {"unit": "U2", "allowed": False, "broken": [{"rule": "scheme", "facts": facts}]},
        ],
    }
    listed = json.loads(run("alternatives", asked, "--registration", "A1").stdout)
    [row] = listed["alternatives"]
    assert (listed["registration"], listed["best"], row["loss"], set(row)) == (
        "A1", 60000, 0, {"unit", "objective", "loss", "displaces"},
    )  # fmt: skip
    found = json.loads(run("bottlenecks", asked, "--top", "1").stdout)
    [row] = found["bottlenecks"]
    assert found["best"] == 60000
    assert (row["unit"], row["extra"], row["gain"], len(row["serves"])) == ("U1", "room_1", 60000, 1)
    opened = json.loads(run("ways-out", asked, "--registration", "A1", "--top", "1").stdout)
    change = {"rule": "scheme", "what": "waived", "unit": "U2", "agree": ["desk"], "safety": False, "facts": facts}
    place = {"unit": "U2", "persons": 1, "rooms": [{"room": "R2", "persons": 1}]}
    way = {"unit": "U2", "agree": ["desk"], "changes": [change], "places": [place]}
    assert opened == {
        "registration": "A1",
        "best": 60000,
        "ways_out": [way | {"objective": 120000, "loss": 0, "displaces": []}],
    }


def test_output_goes_to_a_file_where_asked(file, tmp_path):
    target = tmp_path / "answer.json"
    done = run("match", file(problem()), "--output", target)
    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads(target.read_bytes())["status"] == "optimal"
    assert run("match", file(problem()), "--output", tmp_path).exit_code == 1


@pytest.mark.wide
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\x00\x01" * 1000, b"x" * 10_000_000, b"[" * 1_000_000, json.dumps(small(1)).encode()[:-9]],
    ids=["empty", "truncated", "binary", "10 MB of garbage", "deep", "cut off"],
)
def test_a_bad_file_is_exit_2_and_a_message_for_every_command(file, content):
    path = file(content)
    for args in (
        ["match"],
        ["explain", "--registration", "A1"],
        ["alternatives", "--registration", "A1"],
        ["bottlenecks"],
        ["ways-out", "--registration", "A1"],
    ):
        done = run(args[0], path, *args[1:])
        assert (done.exit_code, done.stdout) == (2, "")
        assert "$" in done.stderr
        assert "Traceback" not in done.stderr
    assert run("check", path, path).exit_code == 2
    assert run("check", file(problem(), "good.json"), path).exit_code == 2


def test_unreadable_file_exits_2(tmp_path):
    for path in (tmp_path / "nowhere.json", tmp_path):
        done = run("match", path)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "cannot be read" in done.stderr


def test_faults_are_listed_with_path_ten_at_most(file):
    raw = problem()
    raw["rooms"][0]["free_beds"] = True
    raw["registrations"][0]["needs"] = ["A"] * 20
    lines = run("match", file(raw)).stderr.splitlines()
    assert len(lines) == 10
    assert "$.rooms[0].free_beds: expected an integer from 0, found true" in lines[0]


def test_unknown_or_fixed_registration_exits_2(file):
    asked = file(problem(fixed=[("A1", "U1")]))
    for command in ("explain", "alternatives", "ways-out"):
        assert run(command, asked, "--registration", "A9").exit_code == 2
    assert run("explain", asked, "--registration", "A1").exit_code == 0
    refused = run("alternatives", asked, "--registration", "A1")
    assert (refused.exit_code, "fixed" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    "option", [["--time-limit", "0"], ["--time-limit", "nan"], ["--workers", "0"], ["--workers", "x"]]
)
def test_invalid_option_exits_2(file, option):
    assert run("match", file(problem()), *option).exit_code == 2


def test_options_that_make_sense_are_taken(file):
    done = run("match", file(problem()), "--time-limit", "5", "--workers", "2")
    assert json.loads(done.stdout)["status"] == "optimal"


def test_a_wrong_solution_is_exit_3(file):
    asked = file(problem())
    answer = json.loads(run("match", asked).stdout)
    answer["placements"][0]["points"] += 1
    done = run("check", asked, file(answer, "solution.json"))
    assert done.exit_code == 3
    [violation] = json.loads(done.stdout)["violations"]
    assert (violation["rule"], violation["registration"]) == ("points", "A1")


def test_a_fault_of_the_engine_is_exit_1_without_a_traceback(file, monkeypatch):
    def fails(*_args, **_options):
        raise RuntimeError("something broke")

    for command, args in (("match", []), ("bottlenecks", []), ("alternatives", ["--registration", "A1"])):
        monkeypatch.setattr(matching, command, fails)
        done = run(command, file(problem()), *args)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "something broke" in done.stderr


def test_match_warns_of_terms_below_one_point_on_stderr(file):
    # a blocked bed costs 60000 here: alone in a room of two, 60000 - 60000 = 0
    raw = problem([registration(private_room=True)], policy={"blocked_bed": 60000})
    raw["rooms"][0].update(beds=2, free_beds=2)
    warned = run("match", file(raw))
    assert warned.exit_code == 0
    assert "A1" in warned.stderr
    assert "less than one point" in warned.stderr
    raw["policy"]["blocked_bed"] = 59999
    assert run("match", file(raw)).stderr == ""


def test_match_degraded_answers_and_gives_the_cause_on_stderr(file, monkeypatch):
    from matching.exact import solve  # noqa: PLC0415 - imports ortools, which only this test replaces

    def fails(*_args, **_options):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(solve, "solve", fails)
    done = run("match", file(problem()))
    assert (done.exit_code, json.loads(done.stdout)["status"]) == (0, "degraded")
    assert "the solver failed" in done.stderr
    assert "out of memory" not in done.stdout


def test_the_commands_in_the_documentation_run(file, monkeypatch):
    commands = re.findall(r"^placement (.*)$", (ROOT / "docs" / "guide" / "matching.md").read_text(), re.MULTILINE)
    assert len(commands) == 6
    monkeypatch.chdir(file(problem()).parent)
    for command in commands:
        assert run(*command.split()).exit_code == 0, command


def loaded_by(*arguments):
    """The packages that a process has loaded at its end which ran `placement` with these arguments."""
    program = (
        "import sys\nfrom placement.cli import app\n"
        f"app({list(arguments)!r}, standalone_mode=False)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    return set(done.stderr.split())


@pytest.mark.wide
def test_commands_of_the_engine_load_no_database(file):
    loaded = loaded_by("match", str(file(problem())))
    assert {"ortools", "matching"} <= loaded
    unwanted = {"sqlalchemy", "sqlmodel", "litestar", "cryptography", "alembic", "babel", "rich", "pydantic_settings"}
    assert not unwanted & loaded


def loading_takes(seconds, limit):
    """Status, seconds, bound: in a process in which loading the solver takes so long, by a clock of its own."""
    program = (
        "import sys, time, matching\n"
        "now = [0.0]\n"
        "time.monotonic = lambda: now[0]\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        f"        now[0] += {seconds} * (name == 'ortools')\n"
        "sys.meta_path.insert(0, Slow())\n"
        f"solution = matching.match(matching.read_problem(sys.stdin.buffer.read()), time_limit={limit})\n"
        "print(solution.status, solution.seconds.total, solution.bound is not None)"
    )
    two_for_one_bed = problem([registration("A1"), registration("A2")])
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(two_for_one_bed), capture_output=True, check=True, text=True
    )
    return done.stdout.split()


@pytest.mark.wide
def test_loading_the_solver_counts_in_total_and_limit():
    assert loading_takes(100.0, limit=None) == ["optimal", "100.0", "True"]
    assert loading_takes(100.0, limit=1.0) == ["degraded", "100.0", "True"]


def test_time_limit_counts_starting_the_process(file, monkeypatch):
    given = []
    real = matching.match
    monkeypatch.setattr(matching, "match", lambda read, **options: given.append(options["time_limit"]) or real(read))
    monkeypatch.setattr("matching.cli.time.monotonic", lambda: 50.0)
    for began in (50.0, 48.0, 30.0):
        app(["match", str(file(problem())), "--time-limit", "5"], obj=began, standalone_mode=False)
    assert given == [5.0, 3.0, MOMENT]


def test_time_limit_counts_reading_the_problem(file, monkeypatch):
    given = []
    real = matching.match
    monkeypatch.setattr(matching, "match", lambda read, **options: given.append(options["time_limit"]) or real(read))
    for reading in (0.0, 3.0, 40.0):
        moments = iter([50.0, 50.0])
        after = 50.0 + reading
        monkeypatch.setattr("matching.cli.time.monotonic", lambda _m=moments, _a=after: next(_m, _a))
        app(["match", str(file(problem())), "--time-limit", "5"], standalone_mode=False)
    assert given == [5.0, 2.0, MOMENT]


def test_lists_take_a_time_limit(file):
    wanted = ["--registration", "A1"]
    for command, args in (("bottlenecks", []), ("alternatives", wanted), ("ways-out", wanted)):
        assert run(command, file(problem()), *args, "--time-limit", "60").exit_code == 0
        assert run(command, file(problem()), *args, "--time-limit", "0").exit_code == 2
