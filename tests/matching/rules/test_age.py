import pytest

from tests.support.matching.problem_parts import broken, person, placed, problem, registration, room, unit


def test_unit_without_age_limits_takes_adults():
    assert broken(problem([registration(persons=[person(age=120)])])) == {}
    assert broken(problem([registration(persons=[person(age=17)])])) == {
        "age": {"ages": [17], "min_age": 18, "max_age": 120}
    }


@pytest.mark.parametrize(("age", "allowed"), [(20, False), (21, True), (30, True), (31, False)])
def test_age_limits_are_inclusive(age, allowed):
    raw = problem([registration(persons=[person(age=age)])], [unit(min_age=21, max_age=30)])
    assert (broken(raw) == {}) is allowed


def test_only_the_failing_ages_are_facts():
    raw = problem(
        [registration(persons=[person(age=50), person(age=25), person(age=20)])],
        [unit(min_age=21, max_age=30)],
        [room(beds=3)],
    )
    assert broken(raw) == {"age": {"ages": [20, 50], "min_age": 21, "max_age": 30}}


def test_an_accompanied_child_has_no_part_in_it():
    raw = problem([registration(persons=[person(), person(age=2)])], [unit(children={})], [room(beds=2)])
    assert broken(raw) == {}


def test_the_age_alone_decides():
    # U1 takes from 31, the client is 30; U2: 60000 - 250 (pregnancy stands idle) = 59750
    raw = problem([registration()], [unit("U1", min_age=31), unit("U2", specialisms=["pregnancy"])])
    assert placed(raw) == (59750, {"A1": "U2"})
    raw["units"][0]["min_age"] = 30
    assert placed(raw) == (60000, {"A1": "U1"})
