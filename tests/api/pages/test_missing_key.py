"""Every page and every read with the keys of waiting and housed cases gone: what can be read is, and nothing fails."""

from collections import Counter

import pytest

from api.pages.routes import PAGES
from api.v1.routes import ROUTES
from placement.core.codes import Role
from placement.core.ids import new_id
from tests.support.api.callers import callers_of
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import CASES, PARAMETERS, things_of
from tests.support.api.service import API, Browser
from tests.support.stores import one_store

STREAMS = {"/changes"}
"""These do not end."""


def paths(things):
    """Yields every page and read by address, for each role, with the ids of cases whose key is gone."""
    for router, before in ((PAGES, ""), (ROUTES, API)):
        for template, methods in router.route_handler_method_map.items():
            if "GET" not in methods or template in STREAMS:
                continue
            for role in Role:
                if role is not Role.SYSTEM:
                    yield before, template, role, address(template, role, things)


def address(template, role, things):
    template = template.replace("{kind:str}/{place_id:str}", "unit/{unit_id:str}")
    for name, kind in PARAMETERS.items():
        found = things.get((kind, role, "own")) or things.get((kind, role, "foreign")) or new_id(kind[0].upper())
        template = template.replace(f"{{{name}:str}}", found)
    return template


def headers(caller):
    if isinstance(caller, Browser):
        return {"Cookie": "; ".join(f"{name}={one}" for name, one in caller.cookies.items())}
    return caller.authorization()


@pytest.mark.wide
@one_store
def test_missing_keys_of_cases_fail_no_page_and_no_read(service):
    callers = callers_of(service)
    things = things_of(service, callers)
    lost = {found for (kind, _, _), found in things.items() if kind == "registration"}
    for case in lost:
        (service.country.settings.key_store / f"{case}.key").unlink(missing_ok=True)
    assert {kind for kind, _, _ in things} >= set(CASES)
    seen, failed = Counter(), []
    for before, template, role, path in paths(things):
        got = path.removeprefix(before)
        answer = service.client.get(f"{before}{got}", headers=headers(callers[role]), follow_redirects=False)
        seen[answer.status_code] += 1
        if answer.status_code >= 500:
            failed.append((role.value, f"{before}{template}", answer.status_code))
    assert failed == []
    assert min(seen[200], seen[409]) > 10, seen
    tasks = service.desk.get("/tasks").json()["items"]
    assert {task["registration"] for task in tasks if task["kind"] == "unreadable"} == lost
    assert "the key of the case is missing" in words_of(signed_in(service, "desk").get("/"))
