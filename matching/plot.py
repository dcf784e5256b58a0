"""Figures of problems and solutions, drawn with matplotlib (extra `plot`). Each function returns a figure.

`import matching` does not import this module.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from math import floor
from typing import TYPE_CHECKING, Any

from matching.format.problem import Problem, Registration
from matching.format.solution import Solution
from matching.prepared_problem import PreparedProblem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TAKEN, GIVEN, FREE = "#9aa5b1", "#1b6ca8", "#dcebf5"


def beds(problem: Problem, solution: Solution, days: int = 14) -> "Figure":
    """Returns a Gantt chart of the beds: taken, given to a registration, free, or free from a later day.

    `days`: the number of days from `as_of` on. Raises nothing for a valid problem and its solution.
    """
    guests: defaultdict[str, list[str]] = defaultdict(list)  # by room: the registration in each given bed
    for placement in solution.placements:
        for use in placement.rooms:
            guests[use.room] += [placement.registration] * use.persons
    bars: list[tuple[str, int, str, str]] = []  # the bed's label, first day, colour and text
    for room in sorted(problem.rooms, key=lambda room: (room.unit, room.id)):
        first = min(days, max(0, (room.free_from - problem.as_of).days))
        here = [(0, TAKEN, "")] * (room.beds - room.free_beds) + [(first, GIVEN, name) for name in guests[room.id]]
        here += [(first, FREE, "")] * (room.beds - len(here))
        bars += [(f"{room.unit} {room.id} {bed}", *bar) for bed, bar in enumerate(here, 1)]
    figure, axes = _figure(max(2.0, 0.25 * len(bars)))
    for row, (_, first, colour, words) in enumerate(bars):
        axes.barh(row, first, color="white", edgecolor=TAKEN, hatch="//", linewidth=0.3)
        axes.barh(row, days - first, left=first, color=colour, edgecolor="white")
        axes.text(first + 0.1, row, words, va="center", fontsize=7, color="white")
    axes.set_yticks(range(len(bars)), [bar[0] for bar in bars], fontsize=7)
    ticks = range(0, days + 1, max(1, days // 7))
    axes.set_xticks(ticks, [f"{problem.as_of + timedelta(days=day):%d %b}" for day in ticks], fontsize=7)
    axes.invert_yaxis()
    axes.set_title("Beds: taken (grey), given (blue), free (light), free later (hatched)")
    return figure


def cells(problem: Problem, solution: Solution, degrees: float = 0.25) -> "Figure":
    """Returns a map of cells with the numbers of placed persons and of free beds. The map contains no address.

    `degrees`: the size of a cell. Raises nothing for a valid problem and its solution.
    """
    cell = {row.id: (floor(row.lat / degrees), floor(row.lon / degrees)) for row in problem.locations}
    of_unit = {unit.id: cell[unit.location] for unit in problem.units}
    free, placed = dict.fromkeys(cell.values(), 0), Counter[tuple[int, int]]()
    for room in problem.rooms:
        free[of_unit[room.unit]] += room.free_beds
    for row in solution.placements:
        placed[of_unit[row.unit]] += sum(use.persons for use in row.rooms)
    figure, axes = _figure(6.0)
    for (north, east), number in free.items():
        left, right, low, high = (side * degrees for side in (east, east + 1, north, north + 1))
        share = placed[north, east] / max(1, number)
        axes.fill([left, right, right, left], [low, low, high, high], alpha=share, color=GIVEN)
        axes.plot([left, right, right, left, left], [low, low, high, high, low], color=TAKEN)
        words = f"{placed[north, east]}/{number}"
        axes.text((left + right) / 2, (low + high) / 2, words, ha="center", va="center", fontsize=7)
    axes.set_aspect(1.6)  # a degree of latitude is about 1.6 times as long as a degree of longitude at 52 degrees north
    axes.set_title("Persons placed, of free beds, by cell")
    return figure


def loss_by_group(
    problem: Problem,
    solutions: dict[str, Solution],
    group: Callable[[Registration], str] = lambda row: f"urgency {row.urgency}",
) -> "Figure":
    """Returns a bar chart of the mean loss (points) of each group of registrations, for each of the named `solutions`.

    The loss of a registration: its points in the best unit open to it, minus its points in the solution (0 if it is
    unplaced). `group`: a function that returns the name of a registration's group. Raises nothing for a valid problem.
    """
    prepared = PreparedProblem(problem)
    best = {row.id: max([0, *(points for points, _ in prepared.options(row.id))]) for row in problem.registrations}
    names, width = sorted({group(row) for row in problem.registrations}), 0.8 / len(solutions)
    figure, axes = _figure(3.5)
    for number, (title, solution) in enumerate(solutions.items()):
        points = {row.registration: row.points for row in solution.placements}
        losses: defaultdict[str, list[int]] = defaultdict(list)
        for row in problem.registrations:
            losses[group(row)].append(best[row.id] - points.get(row.id, 0))
        heights = [sum(losses[name]) / len(losses[name]) for name in names]
        axes.bar([place + width * number for place in range(len(names))], heights, width, label=title)
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(names))], names)
    axes.set_ylabel("points lost, mean")
    axes.legend()
    return figure


def _figure(height: float) -> tuple["Figure", Any]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow to import

    figure = Figure(figsize=(8.0, height), layout="constrained")
    return figure, figure.subplots()
