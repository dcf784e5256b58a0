import pytest

from tests.support.matching.problem_parts import broken, person, placed, problem, registration, room, unit


def mother(*ages, gender="female"):
    return registration(persons=[person(), *(person(gender, age) for age in ages)])


def test_client_without_children_is_not_restricted():
    assert broken(problem([registration()], [unit(children=None)])) == {}


def test_unit_without_children_forbids_even_a_newborn():
    raw = problem([mother(0, 4)], [unit(children=None)], [room(beds=3)])
    assert broken(raw) == {"children": {"ages": [0, 4], "max_age": None, "boys_max_age": None}}


@pytest.mark.parametrize(
    ("gender", "age", "allowed"),
    [
        ("female", 14, True),
        ("female", 15, False),
        ("male", 12, True),
        ("male", 13, False),
        ("other", 14, True),
        ("male", 15, False),
    ],
)
def test_limits_are_inclusive_and_boys_have_one_more(gender, age, allowed):
    raw = problem([mother(age, gender=gender)], [unit(children={"max_age": 14, "boys_max_age": 12})], [room(beds=2)])
    assert (broken(raw) == {}) is allowed


def test_a_limit_left_out_is_seventeen():
    assert broken(problem([mother(17)], [unit(children={"boys_max_age": 3})], [room(beds=2)])) == {}
    assert broken(problem([mother(17, gender="male")], [unit(children={"max_age": 17})], [room(beds=2)])) == {}


def test_only_the_failing_ages_are_facts():
    raw = problem([mother(3, 16, 12)], [unit(children={"max_age": 11})], [room(beds=4)])
    assert broken(raw)["children"] == {"ages": [12, 16], "max_age": 11, "boys_max_age": 17}


def test_children_alone_decide():
    # mother and child, 2 x 60000 = 120000; U1 takes no child; in U2 family stands idle on 2 beds: 120000 - 800 = 119200
    rooms = [room("R1", "U1", 2), room("R2", "U2", 2)]
    raw = problem([mother(3)], [unit("U1"), unit("U2", children={}, specialisms=["family"])], rooms)
    assert placed(raw) == (119200, {"A1": "U2"})
    raw["units"][0]["children"] = {}
    assert placed(raw) == (120000, {"A1": "U1"})
