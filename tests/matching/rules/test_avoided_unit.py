from tests.support.matching.problem_parts import broken, placed, problem, registration, unit


def test_avoiding_none_is_no_obstacle():
    assert broken(problem([registration(avoided_units=[])])) == {}


def test_avoiding_this_unit_forbids():
    assert broken(problem([registration(avoided_units=["U9", "U1"])])) == {"avoided_unit": {"unit": "U1"}}


def test_avoiding_another_unit_that_may_be_nowhere_allows():
    assert broken(problem([registration(avoided_units=["U9", "U11"])])) == {}


def test_avoiding_the_unit_alone_decides():
    # U1 is avoided; in U2, at the same location, infant stands idle: 60000 - 250 = 59750
    raw = problem([registration(avoided_units=["U1"])], [unit("U1"), unit("U2", specialisms=["infant"])])
    assert placed(raw) == (59750, {"A1": "U2"})
    raw["registrations"][0]["avoided_units"] = []
    assert placed(raw) == (60000, {"A1": "U1"})
