"""One test for each operation: its roles, keys, fields, versions, things of others, a right request, and its replay."""

import pytest

from placement.audit.events import Event
from placement.core.codes import Action, Role
from tests.support.api.operations import REFUSED
from tests.support.api.resources import FOREIGN, OWN
from tests.support.api.route_roles import MAY
from tests.support.audit_log import logged

pytestmark = pytest.mark.parametrize("shared", ["sqlite"], indirect=True)

PUBLIC = [
    "POST /invitations/join", "POST /invitations/look", "POST /invitations/passkey",
    "POST /invitations/passkey/options", "POST /invitations/password", "POST /session", "POST /session/code",
    "POST /session/passkey", "POST /session/sso", "POST /session/sso/code", "POST /token",
]  # fmt: skip
"""Operations without a role: how one comes in."""

SEARCHES = {"POST /registrations/search", "POST /registrations/duplicates"}
ELSEWHERE = {
    Event.ADDRESS_READ, Event.ADDRESS_HELD_BACK, Event.ANSWER_REPEATED, Event.GLASS_BROKEN, Event.MUNICIPALITIES_TRIED,
    Event.NEEDS_READ, Event.OPENED_BY_TASK, Event.OPENED_WITH_REASON, Event.PAGE_SHOWN, Event.POLICY_TRIED,
    Event.PROFILE_TRIED, Event.RULES_TRIED,
}  # fmt: skip
"""Events of pages, of trials, and of reads that need a state: each has a test of its own."""


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
def test_event_of_each_read_is_stored_by_an_operation(contract):
    contract.restore()
    for operation in contract.operations.values():
        if (operation.method == "GET" or operation.name in SEARCHES) and not operation.public:
            role = contract.owners(operation)[0]
            body = contract.body(operation, role) if operation.method == "POST" else None
            contract.ask(operation, contract.callers[role], contract.address(operation, role, OWN), body)
    stored = {line.event for line in logged(contract.service)}
    assert {event for event in Event if event.action in {Action.READ, Action.SEARCH}} - stored == ELSEWHERE


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
