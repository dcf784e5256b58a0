import pytest

from tests.support.matching.problem_parts import broken, location, person, placed, problem, registration, room, unit


def two_places(first=(), second=(), third=None, **facts):
    """A1 and A2, U1 and U2 at L1, U3 at L2, where psychiatric stands idle (500)."""
    places = [location("L1"), location("L2", lat=52.5)]
    units = [unit("U1"), unit("U2"), unit("U3", location="L2", specialisms=["psychiatric"])]
    both = [registration("A1", keep_apart=list(first)), registration("A2", keep_apart=list(second))]
    return problem(both, units, third, locations=places, **facts)


def lived_in(*who):
    housed = [{"registration": name, "gender": "female"} for name in who]
    return [room("R1", "U1"), room("R2", "U2", 2, free_beds=1, occupants=housed), room("R3", "U3")]


def test_client_without_keep_apart_may_live_with_everyone():
    assert broken(two_places(third=lived_in("X1"))) == {}


def test_keep_apart_client_housed_there_forbids_the_location():
    raw = two_places(first=["X1", "Z9"], third=lived_in("X1"))
    assert broken(raw, "A1", "U1") == {"keep_apart": {"registrations": ["X1"]}}
    assert broken(raw, "A1", "U2") == {"keep_apart": {"registrations": ["X1"]}}
    assert broken(raw, "A1", "U3") == {}


@pytest.mark.parametrize(("first", "second"), [(["A2"], []), ([], ["A1"]), (["A2"], ["A1"])])
def test_naming_once_binds_both(first, second):
    # apart: 60000 + 59500 = 119500, whichever goes to U3; together they would have 120000
    assert placed(two_places(first, second))[0] == 119500
    raw = two_places(first, second, fixed=[("A2", "U2")])
    assert broken(raw, "A1", "U1") == {"keep_apart": {"registrations": ["A2"]}}
    assert broken(raw, "A1", "U3") == {}


def test_client_is_not_kept_apart_from_the_own_registration():
    assert broken(two_places(first=["A1"])) == {}


def test_keeping_apart_alone_decides():
    objective, where = placed(two_places())
    assert (objective, set(where.values())) == (120000, {"U1", "U2"})
    objective, where = placed(two_places(first=["A2"]))
    assert (objective, "U3" in where.values()) == (119500, True)


def test_groups_and_families_are_kept_apart_as_well():
    # two sisters (2 beds of one room) and a family at one location: only the dearer, three persons, is placed
    sisters = registration("A1", persons=[person(), person()], keep_apart=["A2"])
    family = registration("A2", persons=[person(), person(age=3), person(age=4)])
    raw = problem([sisters, family], [unit(children={})], [room("R1", beds=2), room("R2", beds=3)])
    assert placed(raw) == (180000, {"A2": "U1"})
    sisters["keep_apart"] = []
    assert placed(raw) == (300000, {"A1": "U1", "A2": "U1"})
