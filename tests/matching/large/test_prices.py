"""Prices prove a bound: whole groups, cliques kept apart, and sets of beds are in it, and it is never too low."""

from collections import Counter

import numpy as np
import pytest

from bench.generator import size_for
from matching import check, match
from matching.index import Index
from matching.large import columns
from matching.large.group_places import GroupPlaces
from matching.large.prices import Auction
from matching.large.problem_arrays import ProblemArrays
from matching.large.subgradient import subgradient_prices
from matching.limit import NO_LIMIT, Limit
from matching.objective import Valuation
from tests.support.matching.brute_force import Brute
from tests.support.matching.problem_parts import problem, read, registration, room, unit
from tests.support.matching.random_problems import second


def auction_of(asked):
    index = Index(asked)
    return Auction(ProblemArrays(index, Valuation(index)))


def prices_of(auction, random):
    """Yields prices that prove a bound, from zero to wild, and the last of column generation."""
    start = subgradient_prices(auction, NO_LIMIT, 20)
    best, program = columns.column_prices(auction, start, NO_LIMIT)
    yield from (auction.no_prices(), start.prices, best.prices)
    if program.taken.size:
        yield program.priced(NO_LIMIT)
    for scale in (1_000, 60_000, 2_000_000):
        apart = {(number, 0): int(random.integers(0, scale)) for number in range(len(auction.cliques))}
        free = auction.no_prices()
        bed, care = (random.integers(0, scale, len(of)) for of in (free.bed, free.care))
        yield free._replace(bed=bed, care=np.where(auction.limited, care, 0), apart=apart)


def prove(seeds):
    """Compares bounds at many prices with the best answer, which is found by trying everything."""
    seen, random = Counter(), np.random.default_rng(1)
    for seed in seeds:
        raw = second(seed)
        best = Brute(raw).best()
        if best is None:
            continue
        auction = auction_of(read(raw))
        for prices in prices_of(auction, random):
            bound = auction.wishes(prices).bound
            assert bound >= best, (seed, bound, best)
            seen["tight"] += bound == best
            seen["apart"] += bool(prices.apart)
            seen["bounds"] += 1
        seen["groups"] += len(auction.places.groups)
    return seen


@pytest.mark.wide
def test_no_bound_is_below_the_best_answer():
    seen = prove(range(21_000, 21_040))
    assert seen["bounds"] >= 200, seen
    assert min(seen["tight"], seen["apart"], seen["groups"]) >= 10, seen


@pytest.mark.wide
def test_bounds_hold_if_sets_of_beds_are_too_many_to_list(monkeypatch):
    monkeypatch.setattr("matching.large.rooms.MOST_LISTED", -1)
    assert prove(range(21_040, 21_060))["bounds"] >= 100


@pytest.mark.wide
def test_bounds_hold_if_a_search_for_places_takes_too_many_steps(monkeypatch):
    monkeypatch.setattr("matching.large.group_places.MOST_STEPS", 1)
    monkeypatch.setattr("matching.large.group_places.MOST_CHOICES", 2)
    assert prove(range(21_000, 21_040))["groups"] >= 8


def ignore_groups(monkeypatch):
    monkeypatch.setattr(GroupPlaces, "best", lambda *_: [])


def charge_more_than_counted(monkeypatch):
    real = Auction.worth
    monkeypatch.setattr(Auction, "worth", lambda of, prices: real(of, prices._replace(bed=prices.bed + 1)))


def keep_everybody_apart(monkeypatch):
    monkeypatch.setattr(Index, "cliques", property(lambda index: [tuple(index.registrations)]))


def forget_a_choice(monkeypatch):
    monkeypatch.setattr("matching.large.group_places.MOST_CHOICES", 1)
    real = GroupPlaces._member

    def member(*args):
        found = real(*args)
        return found and found._replace(rest=-(2**60))

    monkeypatch.setattr(GroupPlaces, "_member", member)


@pytest.mark.wide
@pytest.mark.parametrize("broken", [ignore_groups, charge_more_than_counted, keep_everybody_apart, forget_a_choice])
def test_broken_bound_is_detected(broken, monkeypatch):
    broken(monkeypatch)
    with pytest.raises(AssertionError):
        prove(range(21_000, 21_060))


def test_group_that_fits_nowhere_whole_adds_nothing_to_the_bound():
    rows = [registration(f"A{number}") for number in range(5)]
    raw = problem(rows, [unit("U1"), unit("U2")], [room("R1", "U1", 4), room("R2", "U2", 4)])
    raw |= {"format": "placement-problem/2"}
    raw["together"] = [{"id": "G", "registrations": [row["id"] for row in rows], "where": "unit", "must": True}]
    auction = auction_of(read(raw))
    assert auction.wishes(auction.no_prices()).bound == 0


@pytest.mark.usefixtures("everything_is_large")
def test_clique_kept_apart_fills_every_location_and_is_proven():
    names = [f"A{number:02}" for number in range(40)]
    rows = [registration(name, keep_apart=[other for other in names if other < name]) for name in names]
    places = [{"id": f"L{n}", "provider": "P", "region": "R", "lat": 52.0, "lon": 5.0 + n / 10} for n in range(8)]
    units = [unit(f"U{n}", location=f"L{n}") for n in range(8)]
    asked = read(problem(rows, units, [room(f"R{n}", f"U{n}", 4) for n in range(8)]) | {"locations": places})
    found = match(asked)
    assert check(asked, found).ok
    assert (found.status, len(found.placements)) == ("optimal", 8)


def test_program_at_the_limit_has_no_prices():
    auction = auction_of(read(second(21_000)))
    start = subgradient_prices(auction, NO_LIMIT, 20)
    best, program = columns.column_prices(auction, start, Limit(-1))
    assert (best, program.taken.size) == (start, 0)


@pytest.mark.wide
@pytest.mark.usefixtures("everything_is_large")
def test_prices_of_the_program_are_better_than_those_before(monkeypatch):
    from bench.generator import problem as bench_problem  # noqa: PLC0415 - the name is also that of a part

    asked = bench_problem(size_for(150), 1)
    with_program = match(asked)
    monkeypatch.setattr("matching.large.search.MOST_IN_PROGRAM", 0)
    without = match(asked)
    assert without.bound > with_program.bound >= with_program.objective > without.objective
