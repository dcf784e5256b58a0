"""Greedy heuristics for comparison: they obey every hard rule, and place one registration at a time."""

from matching import Problem
from matching.format.solution import Placement
from matching.index import Index
from matching.large.construction import for_nothing
from matching.large.prices import Auction
from matching.large.problem_arrays import ProblemArrays
from matching.objective import Valuation


def first_come(problem: Problem) -> tuple[Placement, ...]:
    """The longest waiting registration first, each to the best remaining place."""
    auction = _auction(problem)
    rows = auction.arrays.registrations
    return for_nothing(auction, sorted(range(len(rows)), key=lambda row: (-rows[row].waiting_days, rows[row].id)))


def value_first(problem: Problem) -> tuple[Placement, ...]:
    """The highest serve per person first, each to the best remaining place."""
    auction = _auction(problem)
    rows, serve = auction.arrays.registrations, auction.arrays.serve
    each = [int(points) // len(row.persons) for points, row in zip(serve, rows, strict=True)]
    return for_nothing(auction, sorted(range(len(rows)), key=lambda row: (-each[row], rows[row].id)))


def _auction(problem: Problem) -> Auction:
    index = Index(problem)
    return Auction(ProblemArrays(index, Valuation(index)))
