"""The matching engine: a pure function from a problem to an answer with its reasons.

Reads no database, no clock (but to keep a time limit) and no environment. The formats are described in
docs/matching.md. Importing this does not import ortools: only what solves does, when it is called.
"""

from matching.advice import Advice, UnitAdvice, advise, read_advice, write_advice
from matching.alternatives import Alternative, Alternatives, alternatives
from matching.answer import Progress, degraded, match
from matching.bottlenecks import Bottleneck, Bottlenecks, bottlenecks
from matching.changes import Change
from matching.check import Report, Violation, check, write_report
from matching.eligibility import BrokenRule
from matching.explain import (
    Explanation,
    Refused,
    RegistrationFixed,
    UnitExplanation,
    UnknownRegistration,
    explain,
    explain_all,
)
from matching.faults import Fault, Invalid, ProblemInvalid, SolutionInvalid
from matching.objective import Points
from matching.pair import choose_rooms, points
from matching.phrases import say, say_change, say_term
from matching.poor import poor_choices
from matching.problem import (
    DEFAULT_POLICY,
    PROBLEM_FORMAT,
    ChildLimits,
    Fixed,
    Location,
    Occupant,
    Person,
    Point,
    Policy,
    Problem,
    Registration,
    Room,
    SpokenLanguage,
    Threat,
    Unit,
)
from matching.reading import read_problem, read_solution, write_problem
from matching.rolling import Rolling
from matching.rules import HARD_RULES
from matching.solution import (
    ENGINE_VERSION,
    SOLUTION_FORMAT,
    EngineFault,
    Placement,
    RoomUse,
    Solution,
    write_solution,
)

__version__ = ENGINE_VERSION
RULES: tuple[str, ...] = tuple(rule.code for rule in HARD_RULES)

__all__ = [
    "DEFAULT_POLICY",
    "ENGINE_VERSION",
    "PROBLEM_FORMAT",
    "RULES",
    "SOLUTION_FORMAT",
    "Advice",
    "Alternative",
    "Alternatives",
    "Bottleneck",
    "Bottlenecks",
    "BrokenRule",
    "Change",
    "ChildLimits",
    "EngineFault",
    "Explanation",
    "Fault",
    "Fixed",
    "Invalid",
    "Location",
    "Occupant",
    "Person",
    "Placement",
    "Point",
    "Points",
    "Policy",
    "Problem",
    "ProblemInvalid",
    "Progress",
    "Refused",
    "Registration",
    "RegistrationFixed",
    "Report",
    "Rolling",
    "Room",
    "RoomUse",
    "Solution",
    "SolutionInvalid",
    "SpokenLanguage",
    "Threat",
    "Unit",
    "UnitAdvice",
    "UnitExplanation",
    "UnknownRegistration",
    "Violation",
    "advise",
    "alternatives",
    "bottlenecks",
    "check",
    "choose_rooms",
    "degraded",
    "explain",
    "explain_all",
    "match",
    "points",
    "poor_choices",
    "read_advice",
    "read_problem",
    "read_solution",
    "say",
    "say_change",
    "say_term",
    "write_advice",
    "write_problem",
    "write_report",
    "write_solution",
]
