import pytest

from tests.support.matching.problem_parts import broken, person, placed, problem, registration, room, unit


def test_client_accepting_mixed_is_admitted_to_a_mixed_house():
    assert broken(problem([registration(accepts_mixed=True)])) == {}


def test_client_not_accepting_mixed_is_refused():
    raw = problem([registration(accepts_mixed=False)], [unit(admits=["male", "female"])])
    assert broken(raw) == {"mixed_accepted": {"admits": ["female", "male"]}}


@pytest.mark.parametrize(
    ("gender", "admits", "allowed"),
    [
        ("female", ["female"], True),
        ("female", ["female", "other"], True),  # `other` makes no house mixed
        ("female", ["female", "male"], False),
        ("male", ["male", "other"], True),
        ("other", ["other"], True),
        ("other", ["other", "female"], False),
    ],
)
def test_house_is_mixed_by_other_genders_than_the_clients(gender, admits, allowed):
    raw = problem([registration(persons=[person(gender)], accepts_mixed=False)], [unit(admits=admits)])
    assert (broken(raw) == {}) is allowed


def test_for_a_couple_both_genders_are_their_own():
    couple = registration(persons=[person("female"), person("male")], accepts_mixed=False)
    assert broken(problem([couple], rooms=[room(beds=2)])) == {}


def test_not_accepting_a_mixed_house_alone_decides():
    # U1 is mixed, U2 is not and loses 900 (wheelchair stands idle): 59100
    raw = problem(
        [registration(accepts_mixed=False)], [unit("U1"), unit("U2", admits=["female"], specialisms=["wheelchair"])]
    )
    assert placed(raw) == (59100, {"A1": "U2"})
    raw["registrations"][0]["accepts_mixed"] = True
    assert placed(raw) == (60000, {"A1": "U1"})
