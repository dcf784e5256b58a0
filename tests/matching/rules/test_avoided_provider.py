from tests.support.matching.problem_parts import broken, location, placed, problem, registration, unit


def test_avoiding_none_is_no_obstacle():
    assert broken(problem([registration(avoided_providers=[])])) == {}


def test_avoiding_this_provider_forbids():
    assert broken(problem([registration(avoided_providers=["P9", "P1"])])) == {"avoided_provider": {"provider": "P1"}}


def test_avoiding_another_provider_that_may_be_nowhere_allows():
    assert broken(problem([registration(avoided_providers=["P9", "P1x"])])) == {}


def test_avoiding_the_provider_alone_decides():
    # U1 is avoided; in U2 the pregnancy specialism stands idle: 60000 - 250 = 59750
    places = [location("L1"), location("L2", provider="P2", region="gelderland")]
    units = [unit("U1"), unit("U2", location="L2", specialisms=["pregnancy"])]
    raw = problem([registration(avoided_providers=["P1"])], units, locations=places)
    assert placed(raw) == (59750, {"A1": "U2"})
    raw["registrations"][0]["avoided_providers"] = []
    assert placed(raw) == (60000, {"A1": "U1"})
