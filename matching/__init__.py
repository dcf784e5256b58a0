"""The matching engine: a pure function from a problem to a solution with explanations.

The engine reads no database and no environment. It reads the clock only for time limits and the duration of its stages.
docs/guide/library.md shows how to use it; docs/guide/matching.md describes the model. `import matching` does not load a
solver. A function loads the solver that it needs.

`DEFAULT_POLICY`: the weights (points) for a problem that contains no weights. `ENGINE_VERSION`: the version of this
engine, which each solution names. `HARD_RULES`: the rules in order of evaluation, with their sentences; `RULES`: their
codes. `PROBLEM_FORMAT` and `SOLUTION_FORMAT`: the newest formats. The types of problems and answers are immutable.
"""

from matching.answer import degraded, match
from matching.check import Report, Violation, check, write_report
from matching.distance import distance_km
from matching.eligibility import BrokenRule
from matching.explanations.advice import Advice, Exchange, UnitAdvice, advise, advise_each, read_advice, write_advice
from matching.explanations.alternatives import Alternative, Alternatives, alternatives
from matching.explanations.bottlenecks import Bottleneck, Bottlenecks, bottlenecks
from matching.explanations.explain import (
    Explanation,
    Refused,
    RegistrationFixed,
    UnitExplanation,
    UnknownRegistration,
    explain,
    explain_all,
)
from matching.explanations.more_places import MorePlaces, more_places
from matching.explanations.pair import broken_in_pairs, choose_rooms, points
from matching.explanations.phrases import say, say_change, say_term
from matching.explanations.policy_warnings import policy_warnings
from matching.explanations.ways_out.search import WayOut, WaysOut, ways_out
from matching.explanations.ways_out.vocabulary import Step
from matching.format.faults import Fault, Invalid, ProblemInvalid, SolutionInvalid
from matching.format.parts import ChildLimits, Occupant, Person, Point, SpokenLanguage, Threat, Within
from matching.format.policy import DEFAULT_POLICY, Policy
from matching.format.problem import PROBLEM_FORMAT, Fixed, Location, Problem, Registration, Room, Together, Unit
from matching.format.read import problem_of, read_problem, read_solution, write_problem
from matching.format.schema import json_schema
from matching.format.solution import (
    ENGINE_VERSION,
    SOLUTION_FORMAT,
    EngineFault,
    GroupPoints,
    Placement,
    RoomUse,
    Solution,
    write_solution,
)
from matching.many import match_many
from matching.objective import Points
from matching.progress import Progress
from matching.rules import HARD_RULES
from matching.rules.changes import Change

__version__ = ENGINE_VERSION
RULES: tuple[str, ...] = tuple(rule.code for rule in HARD_RULES)

# fmt: off
__all__ = [
    "DEFAULT_POLICY", "ENGINE_VERSION", "HARD_RULES", "PROBLEM_FORMAT", "RULES", "SOLUTION_FORMAT", "Advice",
    "Alternative", "Alternatives", "Bottleneck", "Bottlenecks", "BrokenRule", "Change", "ChildLimits",
    "EngineFault", "Exchange", "Explanation", "Fault", "Fixed", "GroupPoints", "Invalid", "Location", "MorePlaces",
    "Occupant", "Person", "Placement", "Point", "Points", "Policy", "Problem", "ProblemInvalid", "Progress",
    "Refused", "Registration", "RegistrationFixed", "Report", "Room", "RoomUse", "Solution", "SolutionInvalid",
    "SpokenLanguage", "Step", "Threat", "Together", "Unit", "UnitAdvice", "UnitExplanation", "UnknownRegistration",
    "Violation", "WayOut", "WaysOut", "Within", "advise", "advise_each", "alternatives", "bottlenecks",
    "broken_in_pairs", "check", "choose_rooms", "degraded", "distance_km", "explain", "explain_all", "json_schema",
    "match", "match_many", "more_places", "points", "policy_warnings", "problem_of", "read_advice", "read_problem",
    "read_solution", "say", "say_change", "say_term", "ways_out", "write_advice", "write_problem", "write_report",
    "write_solution",
]
# fmt: on
