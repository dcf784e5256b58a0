"""Strict reading: each fault with its exact path, several at once, and never anything else than ProblemInvalid."""

import copy
import json

import pytest

from matching import (
    DEFAULT_POLICY,
    Invalid,
    ProblemInvalid,
    SolutionInvalid,
    match,
    problem_of,
    read_problem,
    read_solution,
    write_problem,
    write_solution,
)
from tests.support.matching.problem_parts import person, problem, registration, room, unit
from tests.support.matching.random_problems import second, small


def faults(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    with pytest.raises(ProblemInvalid) as refused:
        read_problem(data)
    return [(fault.path, fault.message) for fault in refused.value.faults]


def base():
    rows = [registration("A1"), registration("A2", languages=[{"code": "nl", "level": "basic"}])]
    housed = [{"registration": "X1", "gender": "female"}]
    rooms = [room("R1", beds=3, free_beds=1, occupants=housed), room("R2")]
    raw = problem(rows, [unit("U1"), unit("U2")], rooms, fixed=[("A1", "U1")]) | {"format": "placement-problem/1"}
    raw["registrations"][0]["threats"] = [{"lat": 52.1, "lon": 5.1, "min_km": 10}]
    raw["registrations"][0]["near"] = {"lat": 52.1, "lon": 5.1}
    raw["units"][0]["children"] = {"max_age": 12}
    return raw


# where, what is put there (a function drops or repeats something), and words that the message holds
TABLE = [
    ("$.format", "placement-problem/3", "placement-problem/1, placement-problem/2"),
    ("$.as_of", "24-11-2026", "a date"),
    ("$.as_of", "2026-02-30", "a date"),
    ("$.as_of", "2026-11-24T00:00:00Z", "a date"),
    ("$.as_of", "2026-1-4", "a date"),
    ("$.as_of", 20261124, "a date"),
    ("$.as_of", None, "null"),
    ("$.extra", 1, "unknown key"),
    ("$.locations", {}, "a list"),
    ("$.locations[0].lat", 90.5, "from -90 to 90"),
    ("$.locations[0].lon", "5.0", "a number"),
    ("$.locations[0].lat", True, "found true"),
    ("$.locations[0].id", "", "non-empty"),
    ("$.locations[0].provider", 5, "non-empty string"),
    ("$.locations[0].city", "x", "unknown key"),
    ("$.units[1].location", "L9", "'L9'"),
    ("$.units[1].scheme", "COSM", "one of"),
    ("$.units[1].admits", [], "at least 1"),
    ("$.units[1].admits", "female", "a list"),
    ("$.units[1].admits[0]", "woman", "one of female"),
    ("$.units[1].min_age", 18.0, "an integer"),
    ("$.units[1].max_age", 121, "0 to 120"),
    ("$.units[0].children.max_age", -1, "0 to 120"),
    ("$.units[0].children.girls_max_age", 12, "unknown key"),
    ("$.units[0].children", [], "an object"),
    ("$.units[1].languages", [""], "language code"),
    ("$.units[1].languages", ["*"], "language code"),
    ("$.units[1].interpreter_languages", ["nl", "n l"], "language code"),
    ("$.units[1].specialisms", ["Psychiatric"], "a code"),
    ("$.units[1].specialisms", ["psychiatric\n"], "a code"),
    ("$.units[1].high_care_limit", -1, "an integer from 0"),
    ("$.units[1].high_care_limit", True, "found true"),
    ("$.rooms[0].beds", 0, "an integer from 1"),
    ("$.rooms[0].free_beds", 3, "0 to 2"),
    ("$.rooms[0].free_beds", -1, "an integer from 0"),
    ("$.rooms[0].free_beds", True, "found true"),
    ("$.rooms[0].free_beds", None, "found null"),
    ("$.rooms[0].free_from", None, "a date"),
    ("$.rooms[0].unit", "U9", "'U9'"),
    ("$.rooms[0].occupants[0].gender", "f", "one of"),
    ("$.rooms[0].occupants[0].minor", 0, "true or false"),
    ("$.rooms[0].occupants[0].registration", "A2", "'A2'"),
    ("$.registrations[0].persons", [], "1 to 20 rows"),
    ("$.registrations[0].persons", [person()] * 21, "found 21"),
    ("$.registrations[0].persons[0].age", 121, "0 to 120"),
    ("$.registrations[0].persons[0].age", 1e2, "found 100.0"),
    ("$.registrations[0].persons[0].name", "x", "unknown key"),
    ("$.registrations[0].schemes", [], "at least 1"),
    ("$.registrations[0].schemes[1]", "cosm", "again"),
    ("$.registrations[0].urgency", 5, "1 to 4"),
    ("$.registrations[0].urgency", "1", "an integer"),
    ("$.registrations[0].waiting_days", -1, "from 0"),
    ("$.registrations[0].language_required", "yes", "true or false"),
    ("$.registrations[0].languages", "nl", "a list"),
    ("$.registrations[1].languages[0].level", "good", "one of"),
    ("$.registrations[1].languages[0].code", "nl_NL", "language code"),
    ("$.registrations[0].needs", ["a b"], "a code"),
    ("$.registrations[0].threats[0].min_km", -5, "from 0"),
    ("$.registrations[0].near.lat", None, "a number"),
    ("$.registrations[0].near", 5, "an object"),
    ("$.registrations[0].keep_apart", [7], "non-empty string"),
    ("$.registrations[0].nationality", "NL", "unknown key"),
    ("$.fixed[0].registration", "A9", "'A9'"),
    ("$.fixed[0].unit", "U9", "'U9'"),
    ("$.fixed[0].room", "R1", "unknown key"),
    ("$.policy", [], "an object"),
    ("$.policy.waiting_day", 10**9 + 1, "0 to 1000000000, found 1000000001"),
    ("$.policy.waiting_cap", 36_501, "0 to 36500"),
    ("$.policy", {"serve": {"1": 2**62}}, "0 to 1000000000"),
    ("$.policy", {"scarce": {"pregnancy": 10**30}}, "0 to 1000000000"),
    ("$.policy.serve", {"1": -1}, "from 0"),
    ("$.policy.serve", {"5": 1}, "unknown key"),
    ("$.policy.language", {"good": 1}, "unknown key"),
    ("$.policy.scarce", {"Legal": 1}, "unknown key"),
    ("$.policy.blocked_bed", 1.5, "an integer"),
    ("$.policy.weight", 1, "unknown key"),
    ("$.policy", None, "an object"),
]


def base_2():
    """The same in format 2, with every key that it adds."""
    raw = base() | {"format": "placement-problem/2"}
    raw["policy"] = {"stale": {"never": 5}, "together": 3}
    raw["units"][0]["freshness"] = "ageing"
    raw["registrations"].append(registration("A3", within=[{"lat": 52.1, "lon": 5.1, "max_km": 10.5}]))
    raw["together"] = [{"id": "G1", "registrations": ["A1", "A2"], "where": "unit", "must": True}]
    return raw


TABLE_2 = [
    ("$.units[0].freshness", "old", "one of ageing, fresh"),
    ("$.units[1].freshness", None, "null"),
    ("$.registrations[2].within", {}, "a list"),
    ("$.registrations[2].within[0].max_km", 0, "above 0"),
    ("$.registrations[2].within[0].max_km", -1.5, "above 0"),
    ("$.registrations[2].within[0].min_km", 5, "unknown key"),
    ("$.policy.stale", {"fresh": 0}, "unknown key"),
    ("$.policy.stale", {"never": -1}, "from 0"),
    ("$.policy.together", -1, "from 0"),
    ("$.together[0].registrations", ["A1"], "2 to 60"),
    ("$.together[0].registrations", [f"A{i}" for i in range(61)], "2 to 60"),
    ("$.together[0].registrations[1]", "A9", "'A9'"),
    ("$.together[0].registrations[2]", "A1", "again"),
    ("$.together[0].where", "city", "one of location, region, unit"),
    ("$.together[0].must", 1, "true or false"),
    ("$.together[0].name", "x", "unknown key"),
    ("$.together[1]", {"id": "G1", "registrations": ["A3", "A9"], "where": "unit", "must": True}, ""),
    ("$.together[1]", {"id": "G2", "registrations": ["A3", "A1"], "where": "unit", "must": True}, "one group only"),
]


@pytest.mark.parametrize(("path", "value", "words"), TABLE_2, ids=lambda part: str(part)[:40])
def test_fault_of_format_2_is_named_by_its_path(path, value, words):
    raw = base_2()
    assert read_problem(json.dumps(raw).encode()).together
    put(raw, path, value)
    found = faults(raw)
    assert all(where.startswith(path) for where, _ in found), found
    assert words in found[0][1]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.together", []),
        ("$.units[0].freshness", "fresh"),
        ("$.registrations[1].within", []),
        ("$.policy.stale", {}),
        ("$.policy.together", 700),
    ],
)
def test_key_of_format_2_is_unknown_in_format_1(path, value):
    raw = base()
    put(raw, path, value)
    [(found, message)] = faults(raw)
    assert (found, "unknown key" in message) == (path, True)
    assert path.rpartition(".")[2] not in message
    key = path.rpartition(".")[2]
    escaped = json.dumps(raw).replace(f'"{key}"', f'"\\u{ord(key[0]):04x}{key[1:]}"')
    assert faults(escaped.encode()) == [(found, message)]


def test_group_without_one_of_its_keys_is_a_fault():
    for key in ("id", "registrations", "where", "must"):
        raw = base_2()
        del raw["together"][0][key]
        assert [path for path, _ in faults(raw)] == [f"$.together[0].{key}"]


def test_written_problem_of_format_1_has_no_key_of_format_2():
    raw = json.loads(write_problem(read_problem(json.dumps(base()).encode())))
    assert "together" not in raw
    assert not {"stale", "together"} & raw["policy"].keys()
    assert all("freshness" not in unit for unit in raw["units"])
    assert all("within" not in row for row in raw["registrations"])


def test_written_problem_of_format_2_has_every_default():
    raw = {"format": "placement-problem/2"} | {key: base()[key] for key in base() if key != "format"}
    written = json.loads(write_problem(read_problem(json.dumps(raw).encode())))
    assert (written["together"], written["policy"]["together"]) == ([], 700)
    assert written["policy"]["stale"] == {"ageing": 20, "never": 100, "stale": 60}
    assert written["units"][0]["freshness"] == "fresh"
    assert written["registrations"][0]["within"] == []


def test_solution_has_groups_in_format_2_and_only_there():
    for raw, has in ((base(), False), (base_2(), True)):
        data = write_solution(match(read_problem(json.dumps(raw).encode())))
        assert read_solution(data)
        said = json.loads(data)
        assert (said["format"], "together" in said) == (raw["format"].replace("problem", "solution"), has)
        spoiled = {key: said[key] for key in said if key != "together"} if has else said | {"together": []}
        with pytest.raises(SolutionInvalid) as refused:
            read_solution(json.dumps(spoiled).encode())
        assert [fault.path for fault in refused.value.faults] == ["$.together"]


def put(raw, path, value):
    steps = path[2:].replace("[", ".[").split(".")
    at = raw
    for step in steps[:-1]:
        at = at[int(step[1:-1])] if step.startswith("[") else at[step]
    last = steps[-1]
    if not last.startswith("["):
        at[last] = value
    elif int(last[1:-1]) == len(at):
        at.append(value)
    else:
        at[int(last[1:-1])] = value


@pytest.mark.parametrize(("path", "value", "words"), TABLE, ids=lambda part: str(part)[:40])
def test_a_fault_is_named_by_its_path(path, value, words):
    raw = base()
    put(raw, path, value)
    [(found, message)] = faults(raw)
    # a fault inside a list or table that was put there is deeper
    assert found.startswith(path), message
    assert words in message


REQUIRED = {
    "$": ["format", "as_of", "locations", "units", "rooms", "registrations"],
    "$.locations[0]": ["id", "provider", "region", "lat", "lon"],
    "$.units[0]": ["id", "location", "scheme", "admits"],
    "$.rooms[0]": ["id", "unit", "beds", "free_beds"],
    "$.rooms[0].occupants[0]": ["registration", "gender"],
    "$.registrations[0]": ["id", "persons", "schemes"],
    "$.registrations[0].persons[0]": ["gender", "age"],
    "$.registrations[1].languages[0]": ["code", "level"],
    "$.registrations[0].threats[0]": ["lat", "lon", "min_km"],
    "$.registrations[0].near": ["lat", "lon"],
    "$.fixed[0]": ["registration", "unit"],
}


@pytest.mark.parametrize(("path", "key"), [(path, key) for path, keys in REQUIRED.items() for key in keys])
def test_a_required_key_that_is_absent_is_named(path, key):
    raw = base()
    at = raw
    for step in [step for step in path[2:].replace("[", ".[").split(".") if step]:
        at = at[int(step[1:-1])] if step.startswith("[") else at[step]
    del at[key]
    [(found, message)] = faults(raw)
    assert (found, "required" in message) == (f"{path}.{key}", True)


@pytest.mark.parametrize("name", ["locations", "units", "rooms", "registrations"])
def test_duplicate_id_is_named_at_its_second_place(name):
    raw = base()
    raw[name].append(copy.deepcopy(raw[name][0]))
    assert faults(raw)[0][0] == f"$.{name}[{len(raw[name]) - 1}].id"


def test_a_registration_is_fixed_at_most_once():
    raw = base()
    raw["fixed"].append({"registration": "A1", "unit": "U2"})
    assert [path for path, _ in faults(raw)] == ["$.fixed[1].registration"]


def test_languages_may_be_empty_only_where_none_is_required():
    raw = base()
    raw["registrations"][0]["language_required"] = True
    assert [path for path, _ in faults(raw)] == ["$.registrations[0].languages"]
    del raw["registrations"][0]["language_required"]  # false without a language
    del raw["registrations"][1]["language_required"]  # true with a language
    read_back = read_problem(write_problem(read_problem(json.dumps(raw).encode())))
    assert [row.language_required for row in read_back.registrations] == [False, True]


def test_more_occupants_than_beds_is_a_fault():
    raw = base()
    raw["rooms"][0].update(beds=1, free_beds=0, occupants=raw["rooms"][0]["occupants"] * 2)
    assert [path for path, _ in faults(raw)] == ["$.rooms[0].occupants"]


def test_several_faults_come_at_once_and_ten_at_most():
    raw = base()
    raw["rooms"][0]["beds"] = raw["rooms"][1]["free_beds"] = "2"
    raw["units"][1]["scheme"] = "none"
    assert [path for path, _ in faults(raw)] == ["$.units[1].scheme", "$.rooms[0].beds", "$.rooms[1].free_beds"]
    raw["registrations"][0]["needs"] = ["A"] * 40
    assert len(faults(raw)) == 10
    raw = base()
    raw["units"][1]["location"] = raw["rooms"][1]["unit"] = raw["fixed"][0]["unit"] = "nowhere"
    assert [path for path, _ in faults(raw)] == ["$.units[1].location", "$.rooms[1].unit", "$.fixed[0].unit"]


@pytest.mark.parametrize(
    "data",
    [
        b"", b" ", b"{", b'{"format": "placement-problem/1"', b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b'{"a": NaN}',
        b'{"a": Infinity}', b"{'a': 1}", b'{"a": 1,}', b"[" * 100_000, b'{"a":' * 100_000, b'"\\ud800"', b"\x00" * 1000,
        b'{"as_of": ' + b"9" * 5000 + b"}", b'{"as_of": 1e999}', b"{} {}",
    ],
    ids=lambda data: repr(data[:20]),
)  # fmt: skip
def test_input_that_is_no_problem_is_a_fault(data):
    found = faults(data)
    assert found
    assert all(path.startswith("$") for path, _ in found)


def test_truncated_problem_is_a_fault():
    data = json.dumps(base()).encode()
    for end in range(0, len(data) - 1, 7):
        assert faults(data[:end])


def test_duplicate_key_is_named_text_like_a_key_is_not():
    text = json.dumps(base())
    twice = text.replace('"beds": 3', '"beds": 3, "beds": 4')
    assert faults(twice.encode()) == [("$.rooms[0].beds", "the key stands twice in one object")]
    raw = base()
    raw["registrations"][0]["keep_apart"] = ['":', 'a "b": c', ":"]
    assert read_problem(json.dumps(raw).encode()).registrations[0].keep_apart == ('":', 'a "b": c', ":")


def test_written_problem_is_read_back_equal():
    for seed in range(100):
        problem = read_problem(json.dumps(small(seed) if seed % 2 else second(seed)).encode())
        assert read_problem(write_problem(problem)) == problem
    minimal = read_problem(json.dumps(base()).encode())
    assert read_problem(write_problem(minimal)) == minimal
    assert json.loads(write_problem(minimal))["rooms"][1]["free_from"] == "2026-11-24"


def test_policy_is_merged_into_the_default_key_by_key():
    raw = base() | {"policy": {"serve": {"2": 7}, "scarce": {"legal": 1}, "near_km": 0}}
    policy = read_problem(json.dumps(raw).encode()).policy
    assert policy.serve == DEFAULT_POLICY.serve | {"2": 7}
    assert policy.scarce == DEFAULT_POLICY.scarce | {"legal": 1}
    assert (policy.near_km, policy.near_cap) == (0, 600)


def test_a_solution_is_read_strictly_too():
    solution = match(read_problem(json.dumps(base()).encode()))
    data = write_solution(solution)
    assert read_solution(data) == solution
    raw = json.loads(data)
    raw["placements"][0]["rooms"][0]["persons"] = 0
    raw["note"] = "x"
    with pytest.raises(SolutionInvalid) as refused:
        read_solution(json.dumps(raw).encode())
    assert {fault.path for fault in refused.value.faults} == {"$.placements[0].rooms[0].persons", "$.note"}
    with pytest.raises(Invalid):
        read_solution(b"{")


def test_rows_of_a_program_are_read_as_their_json_is():
    rows = base()
    assert problem_of(rows) == read_problem(json.dumps(rows).encode())
    rows["units"][0]["location"] = "L9"
    rows["rooms"][0]["beds"] = "three"
    for wrong in (rows, rows | {"rooms": []}, base() | {"later": 1}):
        with pytest.raises(ProblemInvalid) as refused:
            problem_of(wrong)
        assert [(fault.path, fault.message) for fault in refused.value.faults] == faults(wrong)
