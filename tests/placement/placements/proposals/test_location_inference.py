"""A shelter cannot be located: an attacker with the rights of a coordinator fits positions to all answers.

The attacker chooses danger points, distances and wished-for places for what they reveal, and reads all of every
proposal: eligible units, distances in the reasons, points by term. Against exact coordinates every shelter is found.
Against cells the attack finds only the middle of the cell.
"""

import json
import math
import random
from dataclasses import asdict, dataclass, field

import numpy as np
import pytest
from sqlmodel import select

from matching import advise
from placement.core.geography import _HIGH, _WIDE, HALF_DIAGONAL_KM, Cell, Point, places
from placement.placements.proposals import broken_rule_words, presentation, proposals
from placement.registrations import registrations
from placement.registrations.case import PointInput, ThreatInput
from placement.solver import snapshot
from placement.tables import Location, Proposal
from tests.support.proof import FULL
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, SHELTER_OF

pytestmark = pytest.mark.wide
REGISTRATIONS = 500 if FULL else 40
NEAR_KM, NEAR_CAP = 4, 600
"""Of the policy, which anybody can read: points for each km from a wished-for place, and at most."""
KM_NORTH, KM_EAST = 111.2, 68.0  # in a degree, at 52 degrees north
MIDDLE = Point(52.2, 5.3)
"""Middle of the country: the search begins here."""
SHELTERS = {"S1": "alkmaar", "S2": "zwolle", "S3": "tilburg"}


def km(lat, lon, point):
    """From an array of positions to a point; the engine's own measure (haversine on a sphere of 6,371 km)."""
    one, other = np.radians(lat), math.radians(point.lat)
    across = np.radians(lon - point.lon)
    found = np.sin((one - other) / 2) ** 2 + np.cos(one) * math.cos(other) * np.sin(across / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(found))


@dataclass
class Known:
    """Answers about a shelter: its least and greatest distance from each point, and the best guess from them."""

    half: float
    rows: list[tuple[Point, float, float]] = field(default_factory=list)
    guess: Point = MIDDLE

    def hear(self, registration, unit):
        """`registration`: its danger point, its distance, its wished-for place. `half`: what was added to it."""
        danger, min_km, wish = registration
        broken = {one["rule"]: one["facts"] for one in unit["broken"]}.get("threat_distance")
        if broken is None:
            self.rows.append((danger, min_km + self.half, 500.0))
        else:
            least = broken["km"] + self.half if broken["km"] else 0.0  # the shown distance is never negative
            self.rows.append((danger, least - 0.1, min(broken["km"] + self.half + 1.1, min_km + self.half)))
        if unit["terms"] is not None:
            near = -sum(term["points"] for term in unit["terms"] if term["term"] == "near")
            self.rows.append((wish, near / NEAR_KM, near / NEAR_KM + 1 if near < NEAR_CAP else 500.0))

    def fit(self):
        """Sets the guess to the middle of the positions that contradict the answers least, by ever finer grids."""
        lat, lon = self.guess.lat, self.guess.lon
        for wide in (*((200.0, 40.0) if len(self.rows) < 20 else (20.0,)), 8.0, 2.0, 0.4):
            north, east = np.meshgrid(np.linspace(-wide, wide, 41), np.linspace(-wide, wide, 41))
            lats, lons = lat + north.ravel() / KM_NORTH, lon + east.ravel() / KM_EAST
            wrong = np.zeros(lats.shape)
            for point, least, most in self.rows[-400:]:
                far = km(lats, lons, point)
                wrong += np.maximum(0, least - far) ** 2 + np.maximum(0, far - most) ** 2
            best = wrong <= wrong.min() + 1e-9
            lat, lon = lats[best].mean(), lons[best].mean()
        self.guess = Point(float(lat), float(lon))


def attack(town, half, seed=1):
    """Returns all answers, and the position that the attacker infers for each shelter."""
    rng = random.Random(seed)
    known = {shelter: Known(half) for shelter in SHELTERS}
    presented = []
    for number in range(REGISTRATIONS):
        aim = known[sorted(known)[number % len(known)]].guess
        danger, wish = (_somewhere(rng, aim) for _ in range(2))
        min_km = max(1, round(km(np.array(aim.lat), np.array(aim.lon), danger) - half))  # yes or no: as likely
        answer = ask(town, danger, min_km, wish)
        presented.append(answer)
        for unit in answer:
            known[SHELTER_OF[unit["unit"]]].hear((danger, min_km, wish), unit)
        if number % (50 if FULL and number > 50 else 5) == 4:
            for one in known.values():
                one.fit()
    return json.dumps(presented), {shelter: one.guess for shelter, one in known.items()}


def _somewhere(rng, aim):
    far, way = rng.uniform(15, 130), rng.uniform(0, 2 * math.pi)
    return Point(aim.lat + far * math.cos(way) / KM_NORTH, aim.lon + far * math.sin(way) / KM_EAST)


def ask(town, danger, min_km, wish):
    """Returns the answer of `POST /registrations/{id}/proposals` to a coordinator, about every unit."""
    parts = {
        "threats": [ThreatInput(PointInput(lat=danger.lat, lon=danger.lon), min_km)],
        "near": PointInput(lat=wish.lat, lon=wish.lon),
    }
    client = town.register(actor=COORDINATOR, parts=parts)
    prepared = town.do(proposals.prepare, client, actor=COORDINATOR)
    advice = advise(prepared.problem, client, solver_works=FULL)
    proposal = town.do(proposals.record, prepared, advice, actor=COORDINATOR).id
    with town.act(COORDINATOR) as act:
        words = presentation.serialize(act, act.session.get_one(Proposal, proposal), "en")
    town.do(registrations.close, client, "entered_in_error", actor=COORDINATOR)
    units = [*([words.chosen] if words.chosen else []), *words.alternatives, *words.others]
    return sorted(
        (
            {
                "unit": unit.unit,
                "kind": unit.kind,
                "terms": None if unit.total is None else [asdict(term) for term in unit.points],
                "broken": [{"rule": one.rule, "facts": dict(one.facts), "words": one.words} for one in unit.broken],
                "change": unit.change and asdict(unit.change),
            }
            for unit in units
        ),
        key=lambda unit: unit["unit"],
    )


def corner(shelter, up, right):
    """A place in the cell of this shelter, near a corner of it."""
    cell = Cell.of(places()[SHELTERS[shelter]].point)
    return Point((cell.row + 0.5 + 0.45 * up) * _HIGH, (cell.column + 0.5 + 0.45 * right) * _WIDE)


def move(town, where):
    """Each shelter lies there; what is stored of it is what `placement` stores of any."""
    with town.database.transaction() as session:
        for location in session.exec(select(Location)):
            cell = Cell.of(where[location.shelter_id])
            location.cell_row, location.cell_column = cell.row, cell.column


def off(guess, true):
    """Returns the distance between guess and true position, in km."""
    return float(km(np.array(guess.lat), np.array(guess.lon), true))


@one_store
def test_shelter_is_located_no_better_than_its_cell(town):
    answers, misses = set(), []
    for way in ((1, 1), (-1, -1)):
        where = {shelter: corner(shelter, *way) for shelter in SHELTERS}
        move(town, where)
        presented, guesses = attack(town, HALF_DIAGONAL_KM)
        answers.add(presented)
        misses += [off(guesses[shelter], where[shelter]) for shelter in SHELTERS]
        for shelter, guess in guesses.items():
            assert off(guess, Cell.of(where[shelter]).centre) < 1.5  # the attack gets as far as the middle of the cell
    print(f"cells: off by {misses} km, with {REGISTRATIONS} registrations")  # noqa: T201  (figures, with -s)
    assert len(answers) == 1  # no answer distinguishes two shelters 13 km apart
    assert min(misses) > 0.75 * 0.9 * HALF_DIAGONAL_KM
    assert len(presented) > REGISTRATIONS * 500


@one_store
def test_shelter_with_exact_coordinates_is_found_by_the_attacker(town, monkeypatch):
    where = {shelter: corner(shelter, 1, -1) for shelter in SHELTERS}
    move(town, where)
    exact = {Cell.of(point): point for point in where.values()}
    monkeypatch.setattr(Cell, "centre", property(exact.__getitem__))
    for module in (snapshot, broken_rule_words):
        monkeypatch.setattr(module, "HALF_DIAGONAL_KM", 0.0)
    _, guesses = attack(town, 0.0)
    misses = [off(guesses[shelter], where[shelter]) for shelter in SHELTERS]
    print(f"exact: off by {misses} km, with {REGISTRATIONS} registrations")  # noqa: T201  (figures, with -s)
    assert max(misses) < 1.0
