"""The types of a solution, immutable: everything that the engine returns (docs: placement-solution/2)."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from matching.format.scalars import Id, Shape

SolutionFormat = Literal["placement-solution/1", "placement-solution/2"]
FIRST_FORMAT: SolutionFormat = "placement-solution/1"
SOLUTION_FORMAT: SolutionFormat = "placement-solution/2"
ENGINE_VERSION = "0.1.0"
SEED = 0

Status = Literal["optimal", "feasible", "degraded", "infeasible"]
Facts = dict[str, Any]


class EngineFault(Exception):
    """A fault of the engine: it cannot answer, and the problem is not the cause."""


class RoomUse(Shape, frozen=True):
    """A part of a registration in a room: the number of its `persons` there."""

    room: Id
    persons: Annotated[int, Meta(ge=1)]


class Placement(Shape, frozen=True):
    """A registration in a unit, with its rooms. `points`: its share of the objective, after waste."""

    registration: Id
    unit: Id
    rooms: tuple[RoomUse, ...]
    points: int


class GroupPoints(Shape, frozen=True):
    """The `points` of a group without `must`, which belong to no placement."""

    id: Id
    points: int


class Broken(Shape, frozen=True):
    """A rule that a fixed registration breaks beside all other fixed registrations."""

    registration: Id
    unit: Id
    rule: str
    facts: Facts


class Seconds(Shape, frozen=True):
    """Seconds by stage."""

    read: float = 0.0
    eligibility: float = 0.0
    build: float = 0.0
    solve: float = 0.0
    check: float = 0.0
    total: float = 0.0


class Engine(Shape, frozen=True, kw_only=True):
    """The versions and the seed, from which together with the problem the solution can be reproduced."""

    name: Literal["placement"] = "placement"
    version: str = ENGINE_VERSION
    ortools: str
    seed: int = SEED


class Solution(Shape, frozen=True, kw_only=True):
    """A solution: an answer for all registrations.

    `status`: `optimal` (proven), `feasible` (stopped before the proof), `degraded` (a simple method, `why` gives the
    reason), `infeasible` (`broken` has the rules that `fixed` breaks). `objective`: the points of all placements and
    groups. `bound`: the proven number of points that no solution can exceed; `None` only if `degraded`. `together`: the
    points of groups, in format 2.
    """

    format: SolutionFormat
    status: Status
    objective: int
    bound: int | None
    placements: tuple[Placement, ...]
    together: tuple[GroupPoints, ...] | UnsetType = UNSET
    unplaced: tuple[Id, ...]
    seconds: Seconds
    engine: Engine
    why: str | UnsetType = UNSET
    broken: tuple[Broken, ...] | UnsetType = UNSET


def write_solution(solution: Solution) -> bytes:
    """Returns the solution as JSON; the same solution gives the same bytes. Raises nothing."""
    return msgspec.json.encode(solution, order="deterministic")
