from random import Random

import pytest

from matching import explain, ways_out
from matching.check_pair import haversine
from matching.distance import distances_km
from matching.rules import base
from tests.support.matching.problem_parts import broken, location, placed, problem, read, registration, unit

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


def test_many_points_are_compared_unit_by_unit(monkeypatch):
    # 20,000 points against three units: three comparisons for the table, and one each for facts and changes
    counted = []
    monkeypatch.setattr(base, "distances_km", lambda *asked: counted.append(1) or distances_km(*asked))
    spread = [(50 + number / 10_000, 1) for number in range(20_000)]
    places = [location(name, lat=lat) for name, lat in (("L1", 49.0), ("L2", 51.5), ("L3", 53.0))]
    units = [unit(f"U{number}", location=f"L{number}") for number in (1, 2, 3)]
    asked = read(problem([afraid(*spread)], units, locations=places))
    assert [row.allowed for row in explain(asked, "A1").units] == [True, False, True]
    assert 0 < len(counted) <= 2 * len(units)
    counted.clear()
    assert ways_out(asked, "A1").ways_out == ()  # more points than a way out may change, and no waiver
    assert 0 < len(counted) <= 6 * len(units)


@pytest.mark.parametrize("points", [1, 2, 3, 4, 9])
def test_the_table_is_the_same_whichever_are_fewer(points):
    # three units: up to two points go point by point, more of them unit by unit
    seen = set()
    for seed in range(40):
        draw = Random(seed)
        row = registration(
            threats=[
                {"lat": draw.uniform(51, 53), "lon": draw.uniform(4, 6), "min_km": draw.uniform(1, 90)}
                for _ in range(points)
            ]
        )
        places = [location(f"L{number}", lat=draw.uniform(51, 53), lon=draw.uniform(4, 6)) for number in range(3)]
        asked = read(
            problem([row], [unit(f"U{number}", location=f"L{number}") for number in range(3)], locations=places)
        )
        for found, place in zip(explain(asked, "A1").units, asked.locations, strict=True):
            near = [
                haversine(one.lat, one.lon, place.lat, place.lon) < one.min_km for one in asked.registrations[0].threats
            ]
            assert found.allowed is not any(near)
            seen.add(found.allowed)
    assert seen == {True, False}
