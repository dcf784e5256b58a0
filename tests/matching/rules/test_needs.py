from parts import broken, placed, problem, registration, unit


def test_without_needs_a_unit_without_specialisms_will_do():
    assert broken(problem([registration(needs=[])])) == {}


def test_a_need_that_the_unit_lacks_forbids_and_all_that_lack_are_facts():
    raw = problem([registration(needs=["psychiatric", "legal", "addiction"])], [unit(specialisms=["legal"])])
    assert broken(raw) == {"needs": {"missing": ["addiction", "psychiatric"]}}


def test_a_unit_that_offers_all_and_more_allows():
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
