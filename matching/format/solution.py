"""The types of a solution: everything that the engine returns (docs: placement-solution/2). They are immutable."""

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
    """The engine failed to answer. The problem itself is valid."""


class RoomUse(Shape, frozen=True):
    """The use of a room by a registration: the number of its `persons` in the room."""

    room: Id
    persons: Annotated[int, Meta(ge=1)]


class Placement(Shape, frozen=True):
    """A registration in a unit, with its rooms. `points`: its part of the objective, less the points for waste."""

    registration: Id
    unit: Id
    rooms: tuple[RoomUse, ...]
    points: int


class GroupPoints(Shape, frozen=True):
    """The `points` that a group without `must` earns for being together. No placement contains these points."""

    id: Id
    points: int


class Broken(Shape, frozen=True):
    """A hard rule that a fixed registration breaks because of the other fixed registrations or its unit."""

    registration: Id
    unit: Id
    rule: str
    facts: Facts


class Seconds(Shape, frozen=True):
    """The time that each stage of the answer took, in seconds."""

    read: float = 0.0
    eligibility: float = 0.0
    build: float = 0.0
    solve: float = 0.0
    check: float = 0.0
    total: float = 0.0


class Engine(Shape, frozen=True, kw_only=True):
    """The versions and the seed. With them and the problem, the solution can be reproduced."""

    name: Literal["placement"] = "placement"
    version: str = ENGINE_VERSION
    ortools: str
    seed: int = SEED


class Solution(Shape, frozen=True, kw_only=True):
    """A solution: an answer for all registrations.

    `objective`: the points of all placements and groups. `bound`: the proven number of points that no solution can
    exceed; `None` only if `degraded`. `together`: the points of groups, only in format 2. `status`:

    - `optimal`: no solution has more points (proven).
    - `feasible`: the search was stopped before a proof.
    - `degraded`: a simple method answered; `why` gives the reason.
    - `infeasible`: the fixed registrations break hard rules; `broken` lists them.
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
    """Returns the solution as JSON. Equal solutions give equal bytes. Raises nothing."""
    return msgspec.json.encode(solution, order="deterministic")
