"""Mutants of the access guards: each is the code without a single guard, for `test_guard_mutants.py`.

A guard is a condition under which a function refuses, or a part of this condition. It can also be a part of a filter by
owner or validity, a call of a `require` function, or a comparison with the actor.
"""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from api.http import authentication
from api.http.context import Acts
from placement.access import case_access, fresh_factor, permissions, scoped_queries
from placement.accounts import accounts, api_keys, approvals, invitations, sessions
from placement.audit import anomaly_review
from placement.audit import log as audit_log
from placement.audit import search as audit_search
from placement.placements import address_disclosure
from placement.placements.decisions import decisions, present_problem
from placement.registrations import break_glass, inference_guard, registrations
from placement.second_person import persons, requests
from placement.shelters import key_requests

INNER_GUARDS = "tests/api/v1/test_inner_guards.py"
SIGNING_IN = [INNER_GUARDS, "tests/placement/accounts/test_sessions.py", "tests/api/v1/test_session.py"]
KEPT_APART = ["tests/placement/registrations/test_keep_apart.py"]
COMING_IN = [
    "tests/placement/accounts/test_invitations.py",
    "tests/placement/accounts/test_approvals.py",
    "tests/api/v1/test_accounts.py",
]
KEYS = [
    INNER_GUARDS,
    "tests/placement/accounts/test_api_keys.py",
    "tests/api/v1/test_accounts.py",
    "tests/placement/accounts/test_approvals.py",
]
SECOND_PERSON = [
    "tests/placement/second_person/test_requests.py",
    "tests/placement/accounts/test_second_person.py",
    *COMING_IN,
]
OVERRIDES = [
    "tests/placement/placements/decisions/test_overrides.py",
    "tests/placement/placements/decisions/test_override_requests.py",
]
REGISTER_KEYS = ["tests/api/v1/test_register_keys.py"]
OPENING = ["tests/placement/registrations/test_break_glass.py", "tests/api/contract/test_operations.py"]
ADDRESSES = ["tests/placement/placements/test_address_disclosure.py", "tests/api/v1/test_address_disclosure.py"]
WHOSE = [
    "tests/api/contract/test_operations.py",
    "tests/api/v1/test_permissions.py",
    "tests/placement/access/test_scoped_queries.py",
]

GUARDS: dict[FunctionType, list[str]] = {
    permissions.require: ["tests/placement/access/test_permissions.py", *WHOSE],
    key_requests.ask: REGISTER_KEYS,
    key_requests._check: REGISTER_KEYS,
    authentication.permitted: WHOSE,
    authentication.Authentication.authenticate_request: [*SIGNING_IN, *WHOSE],
    scoped_queries.shelter_of: WHOSE,
    scoped_queries.unit_of: WHOSE,
    scoped_queries.registrations_of: WHOSE,
    scoped_queries.decisions_of: WHOSE,
    scoped_queries.holds_of: WHOSE,
    scoped_queries.stays_of: WHOSE,
    scoped_queries.proposal_of: [*OPENING, *WHOSE],
    registrations.lift_avoidance: ["tests/placement/registrations/test_registrations.py", *WHOSE],
    audit_search.accesses: ["tests/placement/audit/test_log.py", "tests/api/http/test_audit_events.py"],
    sessions.actor_of: SIGNING_IN,
    sessions._alive: SIGNING_IN,
    sessions.active: SIGNING_IN,
    sessions.require_csrf_token: SIGNING_IN,
    fresh_factor.require_fresh: ["tests/placement/accounts/test_totp.py"],
    api_keys.listed: KEYS,
    api_keys._theirs: [*KEYS, *WHOSE],
    api_keys._may_for_shelter: KEYS,
    api_keys.issue_token: KEYS,
    api_keys.actor_of: KEYS,
    api_keys._alive: KEYS,
    invitations.active: COMING_IN,
    approvals.require_not_let_in: COMING_IN,
    persons.require_another: SECOND_PERSON,
    persons.require_other_browser: SECOND_PERSON,
    persons.require_second_person: SECOND_PERSON,
    requests.grant: SECOND_PERSON,
    requests.refuse: SECOND_PERSON,
    requests.withdraw: SECOND_PERSON,
    requests.require_waiting: SECOND_PERSON,
    requests.is_open: SECOND_PERSON,
    accounts.other_account: COMING_IN,
    accounts.require_new: COMING_IN,
    decisions.answer_decision: [*OVERRIDES, "tests/placement/placements/decisions/test_required_agreement.py"],
    decisions._kept_in_time: OVERRIDES,
    decisions._agree: OVERRIDES,
    decisions._needs_factor: OVERRIDES,
    present_problem.problem_as_kept: OVERRIDES,
    decisions._require_choice: KEPT_APART,
    inference_guard.require_place_not_found_by_desk: KEPT_APART,
    anomaly_review.acknowledge: ["tests/placement/audit/test_anomaly_review.py"],
    case_access.opened_by: OPENING,
    case_access.require_reason_given: OPENING,
    case_access._needing_reason: [*OPENING, *WHOSE],
    break_glass._of_a_coordinator: OPENING,
    break_glass.open_case: OPENING,
    break_glass._behind_glass: OPENING,
    address_disclosure.address_of: ADDRESSES,
    address_disclosure._desk_agreed: ADDRESSES,
    audit_log.require_event: ["tests/placement/audit/test_log.py", "tests/api/http/test_audit_events.py"],
    Acts._answer: ["tests/api/http/test_audit_events.py", "tests/api/http/test_readers.py"],
}
"""Each with the tests that detect its mutants."""

_WHOSE = {"actor", "act", "at", "own", "session_id", "revoked_at", "disabled_at", "withdrawn_at", "accepted_at"}


@dataclass(frozen=True)
class Mutant:
    function: FunctionType
    taken: str
    """What was taken away, as it stands in the code."""
    code: CodeType

    def __str__(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}: {self.taken}"


def mutants() -> list[Mutant]:
    return [one for function in GUARDS for one in _mutants_of(function)]


def _mutants_of(function: FunctionType) -> Iterator[Mutant]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    tree.body[0].decorator_list = []  # type: ignore[attr-defined]
    for number, node in enumerate(ast.walk(tree)):
        for taken, change in _ways(node):
            changed = copy.deepcopy(tree)
            change(list(ast.walk(changed))[number])
            ast.fix_missing_locations(changed)
            module = compile(changed, f"<without {taken}>", "exec")
            yield Mutant(function, taken, next(one for one in module.co_consts if isinstance(one, CodeType)))


def _ways(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Yields the parts that can be removed from this node: each in words, with a function that removes it."""
    if isinstance(node, ast.If) and any(isinstance(step, ast.Raise) or _says_no(step) for step in node.body):
        yield from _without_refusal(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "where":
        for place, part in enumerate(node.args):
            if _names(part) & _WHOSE:
                yield ast.unparse(part), lambda found, place=place: found.args.__setitem__(place, _true_column())
    if isinstance(node, ast.Expr) and "require" in ast.unparse(node).split("(")[0]:
        yield ast.unparse(node), lambda found: setattr(found, "value", ast.Constant(None))
    if isinstance(node, ast.comprehension):
        for number, part in enumerate(node.ifs):
            yield from _without_condition(number, part)
    if isinstance(node, ast.Return):
        yield from _without_answer(node)


def _without_answer(node: ast.Return) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Takes out what is returned, or each part of it in turn."""
    if isinstance(node.value, ast.Compare):
        yield ast.unparse(node), lambda found: setattr(found, "value", ast.Constant(True))
    if isinstance(node.value, ast.BoolOp):
        for place, part in enumerate(node.value.values):
            yield (
                ast.unparse(part),
                lambda found, place=place: found.value.values.__setitem__(place, ast.Constant(True)),
            )


def _without_condition(number: int, part: ast.expr) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Takes out each part of a condition of a comprehension in turn."""
    if isinstance(part, ast.BoolOp) and isinstance(part.op, ast.And):
        for place, one in enumerate(part.values):
            yield ast.unparse(one), lambda found, place=place: _put(found.ifs[number].values, place, value=True)
    else:
        yield ast.unparse(part), lambda found: _put(found.ifs, number, value=True)


def _without_refusal(node: ast.If) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """A part that asks whether something is there at all is no guard, but what keeps the rest from failing."""
    if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
        for place, part in enumerate(node.test.values):
            if not ast.unparse(part).endswith(" is None"):
                yield ast.unparse(part), lambda found, place=place: _put(found.test.values, place, value=False)
    elif isinstance(node.test, ast.BoolOp) or not ast.unparse(node.test).endswith(" is None"):
        yield ast.unparse(node.test), lambda found: setattr(found, "test", ast.Constant(False))


def _says_no(step: ast.stmt) -> bool:
    return isinstance(step, ast.Return) and ast.unparse(step) in {"return False", "return set()"}


def _put(parts: list[ast.expr], place: int, *, value: bool) -> None:
    parts[place] = ast.Constant(value)


def _true_column() -> ast.expr:
    """Returns the SQL condition that is true for every row."""
    return ast.parse("__import__('sqlalchemy').true()", mode="eval").body


def _names(node: ast.AST) -> set[str]:
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found | {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
