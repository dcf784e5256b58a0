import pytest

from tests.support.matching.problem_parts import broken, location, placed, problem, registration, unit

# one degree of latitude is 6371.0088 x pi / 180 = 111.195 km
FROM_52_TO_52_3 = 33.358


def afraid(*threats):
    return registration(threats=[{"lat": lat, "lon": 5.0, "min_km": km} for lat, km in threats])


def test_client_without_threats_allows_every_place():
    assert broken(problem()) == {}


@pytest.mark.parametrize(("min_km", "allowed"), [(33.35, True), (33.359, False), (0, True), (500, False)])
def test_the_distance_must_be_at_least_the_minimum(min_km, allowed):
    assert (broken(problem([afraid((52.3, min_km))])) == {}) is allowed


def test_the_distance_shown_is_rounded_down_to_a_tenth():
    assert broken(problem([afraid((52.3, 50))])) == {"threat_distance": {"km": 33.3, "min_km": 50}}


def test_the_nearest_failing_threat_is_the_fact():
    # 11.12 km away and far enough (10); 22.24 km and not (30); 33.36 km and not (40)
    raw = problem([afraid((52.1, 10), (52.3, 40), (52.2, 30.5))])
    assert broken(raw) == {"threat_distance": {"km": 22.2, "min_km": 30.5}}


def test_threat_at_the_same_place_forbids():
    assert broken(problem([afraid((52.0, 0.001))])) == {"threat_distance": {"km": 0.0, "min_km": 0.001}}


def test_the_distance_alone_decides():
    # L1 is 33.4 km away, under 34; at L2, far away, psychiatric stands idle: 60000 - 500 = 59500
    places = [location("L1"), location("L2", lat=51.0)]
    raw = problem(
        [afraid((52.3, 34))], [unit("U1"), unit("U2", location="L2", specialisms=["psychiatric"])], locations=places
    )
    assert placed(raw) == (59500, {"A1": "U2"})
    raw["registrations"][0]["threats"][0]["min_km"] = 33
    assert placed(raw) == (60000, {"A1": "U1"})
