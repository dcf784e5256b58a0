"""One test for each operation: its roles, keys, fields, versions, things of others, a right request, and its replay."""

import re
from pathlib import Path

import pytest

from placement.audit.events import Event
from placement.core.codes import Role
from tests.support.api.operations import REFUSED
from tests.support.api.resources import FOREIGN, OWN
from tests.support.api.route_roles import MAY
from tests.support.paths import ROOT

pytestmark = pytest.mark.parametrize("shared", ["sqlite"], indirect=True)

PUBLIC = [
    "POST /invitations/join", "POST /invitations/look", "POST /invitations/passkey",
    "POST /invitations/passkey/options", "POST /invitations/password", "POST /session", "POST /session/code",
    "POST /session/passkey", "POST /session/sso", "POST /session/sso/code", "POST /token",
]  # fmt: skip
"""Operations without a role: how one comes in."""

OTHER_TESTS = "\n".join(
    path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py")) if path != Path(__file__).resolve()
)


def is_named(event):
    """Returns whether another test names the event, by its code or by its name."""
    return f'"{event.value}"' in OTHER_TESTS or re.search(rf"\bEvent\.{event.name}\b", OTHER_TESTS) is not None


def test_description_has_the_operations_of_the_second_table(contract):
    table = sorted([*MAY, *PUBLIC])
    assert sorted(contract.operations) == table, "a new route needs a row in tests/support/api/route_roles.py"
    assert set(REFUSED) <= set(MAY)
    assert {one.name for one in contract.operations.values() if one.public} == set(PUBLIC)


@pytest.mark.each_case
@pytest.mark.parametrize("name", sorted([*MAY, *PUBLIC]))
def test_operation_does_what_its_description_promises(contract, name):
    assert list(contract.broken(contract.operations[name])) == []


@pytest.mark.wide
@pytest.mark.parametrize("name", sorted(MAY))
def test_every_role_of_an_operation_carries_it_out(contract, name):
    assert list(contract.others(contract.operations[name])) == []


@pytest.mark.wide
def test_event_is_stored_by_an_operation_or_named_by_a_test(contract):
    stored = {event for operation in contract.operations.values() for event in contract.stored_by(operation)}
    assert {event for event in Event if event not in stored and not is_named(event)} == set()


@pytest.mark.parametrize(
    ("role", "kind", "path"),
    [
        (Role.COORDINATOR, "registration", "/registrations?limit=200"),
        (Role.COORDINATOR, "decision", "/decisions"),
        (Role.COORDINATOR, "hold", "/holds"),
        (Role.SHELTER, "hold", "/holds"),
        (Role.SHELTER, "stay", "/stays"),
        (Role.SHELTER_STAFF, "hold", "/holds"),
    ],
)
def test_list_holds_own_things_only(contract, role, kind, path):
    listed = contract.callers[role].get(path).text
    assert contract.things[kind, role, OWN] in listed
    assert contract.things[kind, role, FOREIGN] not in listed
