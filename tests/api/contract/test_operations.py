"""One test for each operation: its roles, keys, fields, versions, things of others, a right request, and its replay."""

import pytest

from placement.core.codes import Role
from tests.support.api.operations import REFUSED
from tests.support.api.resources import FOREIGN, OWN
from tests.support.api.route_roles import MAY

pytestmark = pytest.mark.parametrize("shared", ["sqlite"], indirect=True)

PUBLIC = [
    "POST /invitations/join", "POST /invitations/look", "POST /invitations/passkey",
    "POST /invitations/passkey/options", "POST /invitations/password", "POST /session", "POST /session/code",
    "POST /session/passkey", "POST /session/sso", "POST /session/sso/code", "POST /token",
]  # fmt: skip
"""Operations without a role: how one comes in."""


def test_description_has_the_operations_of_the_second_table(contract):
    table = sorted([*MAY, *PUBLIC])
    assert sorted(contract.operations) == table, "a new route needs a row in tests/support/api/route_roles.py"
    assert set(REFUSED) <= set(MAY)
    assert {one.name for one in contract.operations.values() if one.public} == set(PUBLIC)


@pytest.mark.parametrize("name", sorted([*MAY, *PUBLIC]))
def test_operation_does_what_its_description_promises(contract, name):
    assert list(contract.broken(contract.operations[name])) == []


@pytest.mark.wide
@pytest.mark.parametrize("name", sorted(MAY))
def test_every_role_of_an_operation_carries_it_out(contract, name):
    assert list(contract.others(contract.operations[name])) == []


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
