"""Every route and every field of its input and output has a row in the table of permissions, and no row gives more."""

from collections import defaultdict

import pytest

from api import access_table
from api.app import ROUTES
from api.http.context import Input, Output
from api.http.models import input_of, output_of, parts_of
from api.http.openapi import _below
from placement.access import field_permissions
from placement.access.field_permissions import ANYBODY, READ, WRITE, NoRow, require_readable, roles_by_field
from placement.core.codes import Role
from tests.support.api.service import somebody
from tests.support.stores import one_store


def handlers():
    for path, methods in ROUTES.route_handler_method_map.items():
        for method, handler in methods.items():
            if method != "OPTIONS":
                yield f"{method} {path}", handler


def roles_of(handler):
    return ANYBODY if handler.opt.get("public") else frozenset(handler.opt["permission"].reach)


def reached(model_of):
    """By object and field: every role to which some route tells it, or from which one takes it."""
    found = defaultdict(frozenset)
    for _, handler in handlers():
        for part in parts_of(model_of(handler)) if model_of(handler) else ():
            for field in part.model_fields:
                found[part.__name__, field] |= roles_of(handler)
    return dict(found)


def test_every_route_returns_a_model_and_takes_one_or_none():
    found = list(handlers())
    assert len(found) > 50
    for name, handler in found:
        assert issubclass(output_of(handler), Output), name
        assert input_of(handler) is None or issubclass(input_of(handler), Input), name
        assert (input_of(handler) is not None) == ("data" in handler.parsed_fn_signature.parameters), name


@pytest.mark.parametrize(("rows", "model_of"), [(READ, output_of), (WRITE, input_of)], ids=["read", "write"])
def test_every_field_has_one_row_with_the_roles_of_its_routes(rows, model_of):
    table, code = roles_by_field(rows), reached(model_of)
    assert sorted(set(code) - set(table)) == []  # fields without a row
    assert sorted(set(table) - set(code)) == []  # rows of what is not there
    assert {key: (code[key], table[key]) for key in code if code[key] != table[key]} == {}


@pytest.mark.parametrize(("base", "model_of"), [(Output, output_of), (Input, input_of)])
def test_every_model_is_used_by_a_route(base, model_of):
    used = {part for _, handler in handlers() if model_of(handler) for part in parts_of(model_of(handler))}
    assert {model.__name__ for model in _below(base)} - {model.__name__ for model in used} == set()


def test_field_permissions_duplicate_row_is_named():
    with pytest.raises(ValueError, match=r"HoldOut\.needs"):
        roles_by_field((*READ, ("HoldOut", ANYBODY, "needs")))


def test_field_without_row_is_returned_to_no_role():
    require_readable(Role.DESK, "RegistrationOut", "threats")
    for role, thing, field in (
        (Role.SHELTER, "RegistrationOut", "threats"),
        (Role.DESK, "RegistrationOut", "phone"),
        (Role.ADMIN, "AddressOut", "address"),
    ):
        with pytest.raises(NoRow):
            require_readable(role, thing, field)


@one_store
def test_answer_with_a_field_outside_the_table_is_not_sent(service, monkeypatch):
    client = service.coordinator.made("/registrations", somebody(alias="Kanarie"))["id"]
    without = {
        key: roles - {Role.COORDINATOR} if key[1] == "alias" else roles
        for key, roles in field_permissions._readers().items()
    }
    monkeypatch.setattr(field_permissions, "_readers", lambda: without)
    refused = service.coordinator.get(f"/registrations/{client}")
    assert refused.status_code == 500
    assert "Kanarie" not in refused.text
    service.opened(client)
    assert service.desk.get(f"/registrations/{client}").json()["alias"] == "Kanarie"


def test_the_page_has_the_table_as_it_is_now():
    page = access_table.PAGE.read_text()
    assert access_table.with_table(page) == page, "run: python -m api.access_table"


def test_openapi_operation_names_its_roles(shared):
    described = shared.client.get("/schema/openapi.json").json()["paths"]
    seen = 0
    for name, handler in handlers():
        method, path = name.split(" ")
        roles_listed = described[path.replace(":str}", "}")][method.lower()]["x-roles"]
        if handler.opt.get("public"):
            assert roles_listed == {"anybody": "all"}
        else:
            assert roles_listed == {role.value: reach.value for role, reach in handler.opt["permission"].reach.items()}
        seen += 1
    assert seen > 50


@one_store
def test_every_answer_is_checked_against_the_field_table(service, monkeypatch):
    asked = set()
    monkeypatch.setattr("api.http.context.require_readable", lambda role, thing, field: asked.add((role, thing, field)))
    assert service.desk.get("/capacity").status_code == 200
    assert {(Role.DESK, "CountryOut", "free_now"), (Role.DESK, "CountryUnitOut", "free_soon")} <= asked
