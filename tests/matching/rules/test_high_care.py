import pytest

from tests.support.matching.problem_parts import broken, placed, problem, registration, room, unit


def three(limit, high_care=(True, True, False)):
    rows = [registration(f"A{i}", high_care=high) for i, high in enumerate(high_care, start=1)]
    return problem(rows, [unit(high_care_limit=limit)], [room(beds=3)])


def test_client_without_high_care_needs_no_high_care_place():
    assert broken(three(0), "A3") == {}


def test_unit_with_limit_zero_forbids():
    assert broken(three(0), "A1") == {"high_care": {"limit": 0}}


@pytest.mark.parametrize(
    ("limit", "objective"),
    [(0, 60000), (1, 120000), (2, 180000), (3, 180000), (None, 180000)],  # 60000 for each who is placed
)
def test_the_limit_counts_high_care_registrations_placed_there(limit, objective):
    assert placed(three(limit))[0] == objective


def test_fixed_high_care_clients_count():
    raw = three(1)
    raw["fixed"] = [{"registration": "A2", "unit": "U1"}]
    assert broken(raw, "A1") == {"high_care": {"limit": 1}}
    raw["units"][0]["high_care_limit"] = 2
    assert broken(raw, "A1") == {}


def test_the_limit_alone_decides():
    # both would be best in U1; U2 loses 500 (addiction stands idle): 60000 + 59500
    both = [registration("A1", high_care=True), registration("A2", high_care=True)]
    units = [unit("U1", high_care_limit=1), unit("U2", specialisms=["addiction"])]
    raw = problem(both, units, [room("R1", "U1", 2), room("R2", "U2")])
    assert placed(raw)[0] == 119500
    units[0]["high_care_limit"] = 2
    assert placed(raw)[0] == 120000
