import pytest

from matching import advise, say, say_change
from tests.support.matching.problem_parts import broken, location, placed, problem, read, registration, unit

# one degree of latitude is 6371.0088 x pi / 180 = 111.195 km; from L1 (52.0) to 52.3 are 33.358 km


def asks(*points):
    within = [{"lat": lat, "lon": 5.0, "max_km": km} for lat, km in points]
    return problem([registration(within=within)])


def test_client_without_points_may_go_anywhere():
    assert broken(asks()) == {}


@pytest.mark.parametrize(("max_km", "allowed"), [(33.359, True), (33.35, False), (500, True), (0.001, False)])
def test_distance_must_be_at_most_the_maximum(max_km, allowed):
    assert (broken(asks((52.3, max_km))) == {}) is allowed


def test_point_at_the_same_place_is_within_reach():
    assert broken(asks((52.0, 0.001))) == {}


def test_distance_shown_is_rounded_up_to_a_tenth():
    assert broken(asks((52.3, 30))) == {"within_reach": {"km": 33.4, "max_km": 30}}


def test_farthest_failing_point_is_the_fact():
    # 44.48 km away and near enough (50); 33.36 km and not (20.5); 22.24 km and not (10)
    assert broken(asks((52.4, 50), (52.2, 10), (52.3, 20.5))) == {"within_reach": {"km": 33.4, "max_km": 20.5}}


def test_every_point_counts_and_decides():
    places = [location("L1"), location("L2", lat=52.3)]
    units = [unit("U1"), unit("U2", location="L2", specialisms=["psychiatric"])]
    within = [{"lat": 52.0, "lon": 5.0, "max_km": 40}, {"lat": 52.3, "lon": 5.0, "max_km": 10}]
    raw = problem([registration(within=within)], units, locations=places)
    assert placed(raw) == (59500, {"A1": "U2"})
    raw["registrations"][0]["within"].pop()
    assert placed(raw) == (60000, {"A1": "U1"})


def test_place_a_little_too_far_has_a_small_change():
    [row] = advise(read(asks((52.3, 30))), "A1").units
    assert row.kind == "nearly"
    assert row.change.facts == {"km": 33.4, "before": 30, "after": 34}
    assert say_change(row.change) == "if 34 km is near enough (now 30; it is 33.4 km)"
    [row] = advise(read(asks((52.3, 27))), "A1").units  # 34 km are more than a quarter farther than 27
    assert (row.kind, row.change) == ("not_eligible", None)


def test_broken_reach_is_said_in_words():
    said = say("within_reach", {"km": 33.4, "max_km": 30})
    assert said == "33.4 km from a place that must be within reach, at most 30 km is allowed"
