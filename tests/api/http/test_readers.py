"""An output model is readable by the roles of its routes and by no other, in answers and on pages."""

import pytest

from api import access_table
from api.app import ROUTES
from api.http.context import Input, Output
from api.http.models import input_of, output_of, parts_of
from api.http.openapi import _below
from api.http.readers import ANYBODY, NotReadable, handlers_of, readers_of, require_readable, roles_of
from api.v1.holds import AddressOut, HoldOut
from api.v1.registrations import RegistrationOut, ThreatOut
from placement.core.codes import Role
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store


@pytest.fixture(scope="module")
def readers():
    return readers_of(ROUTES)


def test_every_route_returns_a_model_and_takes_one_or_none():
    found = list(handlers_of(ROUTES))
    assert len(found) > 50
    for handler in found:
        assert issubclass(output_of(handler), Output), handler
        assert input_of(handler) is None or issubclass(input_of(handler), Input), handler
        assert (input_of(handler) is not None) == ("data" in handler.parsed_fn_signature.parameters), handler


@pytest.mark.parametrize(("base", "model_of"), [(Output, output_of), (Input, input_of)])
def test_every_model_is_used_by_a_route(base, model_of):
    used = {part for handler in handlers_of(ROUTES) if model_of(handler) for part in parts_of(model_of(handler))}
    assert {model.__name__ for model in _below(base)} - {model.__name__ for model in used} == set()


def test_readers_are_the_roles_of_the_routes(readers):
    placers = {Role.DESK, Role.COORDINATOR}
    assert readers[RegistrationOut] == readers[ThreatOut] == readers[AddressOut] == placers
    assert readers[HoldOut] == placers | {Role.SHELTER, Role.SHELTER_STAFF}
    assert len(readers) > 80


@pytest.mark.parametrize(
    ("role", "model"), [(Role.SHELTER, RegistrationOut), (Role.ADMIN, AddressOut), (Role.READER, HoldOut)]
)
def test_model_of_no_own_route_is_not_readable(readers, role, model):
    require_readable(readers, Role.DESK, model)
    with pytest.raises(NotReadable):
        require_readable(readers, role, model)


def test_model_within_a_model_must_be_readable_too(readers):
    without = {**readers, ThreatOut: frozenset({Role.DESK})}
    require_readable(without, Role.DESK, RegistrationOut)
    with pytest.raises(NotReadable, match="ThreatOut to coordinator"):
        require_readable(without, Role.COORDINATOR, RegistrationOut)


@one_store
def test_answer_with_a_model_of_others_is_not_sent(service, monkeypatch):
    client = service.coordinator.made("/registrations", somebody(alias="Kanarie"))["id"]
    changed = {**service.app.state.readers, RegistrationOut: frozenset({Role.DESK})}
    monkeypatch.setitem(service.app.state._state, "readers", changed)
    refused = service.coordinator.get(f"/registrations/{client}")
    assert refused.status_code == 500
    assert "Kanarie" not in refused.text
    service.opened(client)
    assert service.desk.get(f"/registrations/{client}").json()["alias"] == "Kanarie"


@one_store
def test_page_with_a_model_of_others_is_not_shown(service, monkeypatch):
    desk = signed_in(service, "desk")
    assert desk.get("/country").status_code == 200
    [country] = [model for model in service.app.state.readers if model.__name__ == "CountryUnitOut"]
    changed = {**service.app.state.readers, country: frozenset({Role.COORDINATOR})}
    monkeypatch.setitem(service.app.state._state, "readers", changed)
    assert desk.get("/country").status_code == 500


def test_page_has_the_access_table_as_it_is_now():
    page = access_table.PAGE.read_text()
    assert access_table.with_table(page) == page, "run: python -m api.access_table"


@pytest.mark.wide
def test_openapi_operation_names_its_roles(shared):
    described = shared.client.get("/schema/openapi.json").json()["paths"]
    seen = 0
    for path, methods in ROUTES.route_handler_method_map.items():
        for method, handler in methods.items():
            if method == "OPTIONS":
                continue
            roles_listed = described[path.replace(":str}", "}")][method.lower()]["x-roles"]
            if roles_of(handler) == ANYBODY:
                assert roles_listed == {"anybody": "all"}
            else:
                reach = handler.opt["permission"].reach
                assert roles_listed == {role.value: found.value for role, found in reach.items()}
            seen += 1
    assert seen > 50
