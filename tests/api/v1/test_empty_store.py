"""Every route that reads, on a store in which nothing exists yet, by every role and in every form."""

from collections.abc import Iterator
from functools import cache

import pytest

from api.description import description
from placement.core.codes import Role
from tests.support.api.service import API
from tests.support.stores import one_store

DAY = "2026-11-24"
FILLED = {"day": DAY, "kind": "week", "q": "anybody", "name": "anybody"}
"""What stands for a parameter that must be given; `kind` of a period, `day` of a report."""
described = cache(description)


def reads_of(role: Role) -> Iterator[tuple[str, str]]:
    """Yields the paths that this role may read, with each form of the answer."""
    for path, methods in described()["paths"].items():
        operation = methods.get("get", {})
        if role.value not in operation.get("x-roles", ()):
            continue
        given = [one for one in operation.get("parameters", ()) if one["in"] != "header"]
        needed = {one["name"]: one for one in given if one["in"] == "path" or one.get("required")}
        values = {name: FILLED.get(name) or first_of(one["schema"]) for name, one in needed.items()}
        asked = "&".join(f"{name}={values[name]}" for name, one in needed.items() if one["in"] == "query")
        for form in operation["responses"]["200"].get("content", {"*/*": {}}):
            yield f"{API}{path.format(**values)}?{asked}".rstrip("?"), form


def first_of(schema) -> str:
    return str(schema.get("enum", ["none-0"])[0])


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_every_read_answers_on_an_empty_store(begun, role):
    account = begun.account(role, *(["amsterdam"] if role is Role.COORDINATOR else []))
    found = [(path, form, begun.page(account, path, form=form)) for path, form in reads_of(role)]
    failed = [(path, form, answer.text) for path, form, answer in found if answer.status_code >= 500]
    assert [one for one in failed if "report_not_made_yet" not in one[2]] == []
    assert sum(answer.status_code == 200 for _, _, answer in found) > 3
    if role is Role.DESK:
        exports = [answer.status_code for path, _, answer in found if path.endswith("/exports/register")]
        assert exports == [200] * 4
