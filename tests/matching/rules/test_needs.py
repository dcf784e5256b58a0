from tests.support.matching.problem_parts import broken, placed, problem, registration, unit


def test_client_without_needs_allows_any_unit():
    assert broken(problem([registration(needs=[])])) == {}


def test_missing_need_forbids_and_every_missing_one_is_a_fact():
    raw = problem([registration(needs=["psychiatric", "legal", "addiction"])], [unit(specialisms=["legal"])])
    assert broken(raw) == {"needs": {"missing": ["addiction", "psychiatric"]}}


def test_unit_with_all_needs_and_more_allows():
    assert broken(problem([registration(needs=["legal", "legal"])], [unit(specialisms=["infant", "legal"])])) == {}


def test_a_preferred_need_forbids_nothing():
    assert broken(problem([registration(preferred_needs=["legal"])])) == {}


def test_the_need_alone_decides():
    # U1 has no psychiatric care; U2 has, needed and so not idle, but wheelchair is: 60000 - 900 = 59100
    raw = problem(
        [registration(needs=["psychiatric"])], [unit("U1"), unit("U2", specialisms=["psychiatric", "wheelchair"])]
    )
    assert placed(raw) == (59100, {"A1": "U2"})
    raw["registrations"][0]["needs"] = []
    assert placed(raw) == (60000, {"A1": "U1"})
