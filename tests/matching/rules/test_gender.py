import pytest

from tests.support.matching.problem_parts import broken, person, placed, problem, registration, room, unit


@pytest.mark.parametrize("gender", ["female", "male", "other"])
def test_admitted_gender_is_allowed(gender):
    assert broken(problem([registration(persons=[person(gender)])], [unit(admits=[gender])])) == {}


def test_gender_not_admitted_forbids():
    raw = problem([registration(persons=[person("male")])], [unit(admits=["other", "female"])])
    assert broken(raw) == {"gender": {"genders": ["male"], "admits": ["female", "other"]}}


def test_every_adult_counts_and_no_accompanied_child():
    couple = registration(persons=[person("female"), person("male")])
    with_son = registration(persons=[person("female"), person("male", 3)])
    units = [unit(admits=["female"], children={})]
    assert list(broken(problem([couple], units, [room(beds=2)]))) == ["gender"]
    assert broken(problem([with_son], units, [room(beds=2)])) == {}


def test_a_minor_without_an_adult_counts():
    raw = problem([registration(persons=[person("male", 17)])], [unit(admits=["female"], min_age=16)])
    assert list(broken(raw)) == ["gender"]


def test_the_gender_alone_decides():
    # U1, worth 60000, admits women only; a man goes to U2: 60000 - 900 (wheelchair stands idle) = 59100
    he = registration(persons=[person("male")])
    raw = problem([he], [unit("U1", admits=["female"]), unit("U2", specialisms=["wheelchair"])])
    assert placed(raw) == (59100, {"A1": "U2"})
    raw["units"][0]["admits"] = ["female", "male"]
    assert placed(raw) == (60000, {"A1": "U1"})
