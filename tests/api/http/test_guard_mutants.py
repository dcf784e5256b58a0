"""Mutation test of access guards: every guard is removed in turn, and the tests must detect it.

Three kinds: the permission of a route, a row of the table of grants, and conditions in the code (`mutants.py`). The
first two are detected by a second, independent table of who may what (`route_roles.py`); the third by the tests of
that guard, each mutant in a process of its own.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.http.openapi import is_person_only
from placement.access import permissions
from placement.access.permissions import Permission, Reach
from placement.core.codes import Role
from tests.support.api.bodies import CONFIRM
from tests.support.api.mutants import GUARDS, mutants
from tests.support.api.route_roles import ASKED, EVERYONE, MAY, PERSONS_ONLY, ROLES, WITH_SCOPE_REGISTER
from tests.support.api.service import API
from tests.support.paths import ROOT
from tests.support.proof import FULL
from tests.support.stores import one_store

SAMPLE = slice(None, None, 1 if FULL else 12)
PATIENCE = 600

_WITHOUT = """
import inspect, sys, pytest

class Without:
    def pytest_collection_finish(self):  # not earlier: pytest must import its own first
        from tests.support.api.mutants import mutants
        if sys.argv[1] != "none":
            one = mutants()[int(sys.argv[1])]
            inspect.unwrap(one.function).__code__ = one.code

options = ["-x", "-q", "-p", "no:cacheprovider", "-k", "not postgresql", "-m", "not long"]
sys.exit(pytest.main([*sys.argv[2:], *options], plugins=[Without()]))
"""

EXPLAINED = {
    "api.http.authentication.Authentication.authenticate_request: not token": "an empty token is nobody's: refused",
    "placement.audit.search.accesses: not log_index.find(act.session, Wanted(case=registration_id), 1)": (
        "for the auditor alone, who sees the whole log: then an empty list is told instead of 404"
    ),
    "placement.placements.address_disclosure.address_of: held.status is not HoldStatus.CONFIRMED": (
        "a hold that is not confirmed has no stay, and that of one which is over has ended: both refuse by themselves"
    ),
    "placement.placements.address_disclosure._desk_agreed: beforehand": (
        "without it the desk has confirmed every hold in COSM and OMM, and then `second_by` has answered already"
    ),
}
"""Guards in the code that no test misses, and why that is no hole."""


def unexpected(service, routes):
    """Returns the routes whose answer differs from the table, by role. The requests are for things that do not exist.

    They are sent with keys, so that no session ends. If only a person may use a route, the key must be refused.
    """
    found = []
    for route in routes:
        method, path = route.split()
        for role in ROLES:
            body = {} if method == "GET" else {"json": {}}
            headers = getattr(service, role).software.authorization()
            answer = service.client.request(method, API + path.replace("{}", "X-0"), headers=headers, **body)
            shut = answer.status_code == 403 and answer.json()["type"] == "urn:placement:problem:role_may_not"
            if shut == (role in MAY[route]):
                found.append(f"{role} {'may not' if shut else 'may'} {route}")
    return found


def shape(template):
    while "{" in template:
        template = template[: template.index("{")] + "\0" + template[template.index("}") + 1 :]
    return template.replace("\0", "{}").removeprefix(API)


@pytest.fixture
def routes(service):
    return {
        f"{method} {shape(template)}": handler
        for template, methods in service.app.route_handler_method_map.items()
        for method, handler in methods.items()
        if handler.opt.get("permission") and template.startswith(API)
    }


@pytest.mark.wide
@one_store
def test_route_opened_to_every_role_is_detected(service, routes, monkeypatch):
    """Gives each handler a permission that every role has, instead of its own; verbs check no permission."""
    monkeypatch.setattr(permissions, "require", lambda *_, **__: None)
    survived = set()
    for name in sorted(MAY)[SAMPLE]:
        kept, routes[name].opt["permission"] = routes[name].opt["permission"], Permission.VOCABULARY_READ
        if not unexpected(service, [name]):
            survived.add(name)
        routes[name].opt["permission"] = kept
    assert survived <= {route for route, roles in MAY.items() if roles == set(EVERYONE.split())}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("POST /holds/{}/answer", CONFIRM),
        ("POST /holds/{}/address", None),
        ("POST /stays/{}/end", {"reason": "moved_on"}),
        ("POST /registrations/{}/close", {"reason": "entered_in_error"}),
    ],
)
def test_verb_behind_an_opened_route_refuses_by_itself(service, routes, monkeypatch, name, body):
    """The verb refuses a request that the route lets through."""
    monkeypatch.setitem(routes[name].opt, "permission", Permission.VOCABULARY_READ)
    method, path = name.split()
    refused = service.signed_in(Role.READER).ask(method, path.replace("{}", "X-0"), body)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:placement:problem:role_may_not")


@pytest.mark.wide
@one_store
def test_grant_opened_to_every_role_or_to_none_is_detected(service, routes, monkeypatch):
    of_permission = {handler.opt["permission"]: name for name, handler in routes.items()}
    everyone = frozenset(Role) - {Role.SYSTEM}
    tried = 0
    for permission in sorted(Permission)[SAMPLE]:
        for roles in {everyone, frozenset()} - {frozenset(permission.reach)}:
            with monkeypatch.context() as changed:
                changed.setattr(permissions, "require", lambda *_, **__: None)
                changed.setattr(permission, "reach", dict.fromkeys(roles, Reach.ALL))
                assert unexpected(service, [of_permission[permission]]), (permission, roles)
            tried += 1
    assert tried >= 4


@pytest.mark.wide
@one_store
def test_person_only_route_opened_to_a_key_is_detected(service, routes, monkeypatch):
    """`tests/api/contract/test_operations.py` tests that a signed-in person can use these routes."""
    monkeypatch.setattr(permissions, "require", lambda *_, **__: None)
    assert {name for name, handler in routes.items() if is_person_only(handler.opt)} == PERSONS_ONLY
    assert {name for name, handler in routes.items() if handler.opt.get("asked")} == ASKED
    for route in sorted(PERSONS_ONLY | WITH_SCOPE_REGISTER):
        method, path = route.split()
        caller = next(getattr(service, role) for role in reversed(ROLES) if role in MAY[route])
        answer = caller.software.ask(method, path.replace("{}", "X-0"), {})
        assert answer.json()["type"] == "urn:placement:problem:sign_in_needed", route


def detected(number, tests):
    """Checks whether any of these tests fails without this guard."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(number), *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    output = done.stdout[-2000:] + done.stderr[-2000:]
    assert re.search(r"\d+ failed" if done.returncode else r"\d+ passed", output), output
    return done.returncode != 0


@pytest.mark.long
def test_guard_removed_from_the_code_is_detected():
    found = mutants()
    chosen = list(enumerate(found))[:: 1 if FULL else 15]
    with ThreadPoolExecutor(2) as pool:
        whole = list(
            pool.map(lambda tests: detected("none", tests), {tuple(GUARDS[one.function]) for _, one in chosen})
        )
        assert not any(whole)  # with every guard in its place they pass
        results = list(pool.map(lambda one: detected(one[0], GUARDS[one[1].function]), chosen))
    survived = {str(mutant) for (_, mutant), was in zip(chosen, results, strict=True) if not was}
    print(f"{len(chosen)} of {len(found)} guards taken away; survived: {sorted(survived)}")  # noqa: T201  (with -s)
    assert survived <= set(EXPLAINED)


@pytest.mark.wide
def test_every_listed_guard_has_a_mutant():
    names = [str(mutant) for mutant in mutants()]
    assert len(names) == len(set(names)) > 50
    assert {mutant.function for mutant in mutants()} == set(GUARDS)
    assert set(EXPLAINED) <= set(names)
