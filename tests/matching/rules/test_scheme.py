from tests.support.matching.problem_parts import broken, placed, problem, registration, unit


def test_open_scheme_is_allowed():
    assert broken(problem()) == {}


def test_scheme_not_open_forbids():
    raw = problem([registration(schemes=["omm", "womens"])])
    assert broken(raw) == {"scheme": {"scheme": "cosm", "schemes": ["omm", "womens"]}}


def test_the_last_of_its_schemes_is_as_open_as_the_first():
    assert broken(problem([registration(schemes=["omm", "womens", "cosm"])])) == {}


def test_the_scheme_alone_decides():
    # U1 would be worth 60000, but is of a scheme not open here; U2 is: 60000 - 500 (psychiatric stands idle) = 59500
    raw = problem([registration()], [unit("U1", scheme="crisis"), unit("U2", specialisms=["psychiatric"])])
    assert placed(raw) == (59500, {"A1": "U2"})
    raw["units"][0]["scheme"] = "cosm"
    assert placed(raw) == (60000, {"A1": "U1"})
