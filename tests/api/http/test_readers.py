"""An output model is readable by the roles of its routes and by no other, in answers and on pages."""

import pytest

from api import access_table
from api.http.context import Input, Output
from api.http.models import input_of, output_of, parts_of
from api.http.openapi import _below
from api.http.readers import (
    ANYBODY,
    NotReadable,
    fields_for_some,
    handlers_of,
    readers_of,
    require_fields,
    require_readable,
    roles_of,
)
from api.v1.addresses import AddressOut
from api.v1.holds import HoldOut
from api.v1.registrations import RegistrationOut, ThreatOut
from api.v1.routes import ROUTES
from api.v1.unit_profile import PreviewOut, ProfileEffectOut
from placement.core.codes import Role
from placement.core.telephone_codes import TelephoneUse
from placement.placements.holds import contacts
from placement.placements.holds.contacts import HoldContacts
from tests.support.api.pages import signed_in
from tests.support.api.resources import confirmed_hold
from tests.support.api.service import API, somebody
from tests.support.stores import one_store

NUMBER = "030 000 00 77"


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
    declared = {model.__name__ for model in _below(base) if model.__module__.startswith("api.")}
    assert declared - {model.__name__ for model in used} == set()


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


def test_fields_for_some_readers_are_these(readers):
    found = {f"{model.__name__}.{name}": roles for model in readers for name, roles in fields_for_some(model).items()}
    assert found == {
        "HoldOut.shelter_telephones": {Role.DESK, Role.COORDINATOR},
        "HoldOut.placers": {Role.SHELTER_STAFF},
        "HoldOut.nobody_rings_back": {Role.DESK, Role.COORDINATOR},
        "ShelterNumberOut.former": {Role.DESK},
        "ShelterTelephonesOut.history": {Role.DESK},
        "ShelterTelephonesOut.people": {Role.DESK},
        "TelephoneEntryOut.alone": {Role.DESK},
        "TelephoneEntryOut.entered_by": {Role.DESK},
        "TelephoneEntriesOut.people": {Role.DESK},
        "TaskOut.shelter_telephones": {Role.DESK},
        "PreviewOut.registrations": {Role.DESK},
        "ConsequencesOut.proposals": {Role.DESK},
        "SecondPersonRequestsOut.people": {Role.DESK, Role.ADMIN, Role.AUDITOR},
    }


@pytest.mark.parametrize("role", Role)
def test_field_of_another_role_is_not_readable_at_any_depth(role):
    effect = ProfileEffectOut(
        question="men",
        opens=PreviewOut(clients="few", registrations=[]),
        closes=PreviewOut(clients="few", registrations=["R-1"]),
    )
    if role is Role.DESK:
        require_fields(role, effect)
    else:
        with pytest.raises(NotReadable, match=r"PreviewOut\.registrations to"):
            require_fields(role, effect)
    require_fields(role, ProfileEffectOut(question="men", opens=effect.opens, closes=effect.opens))


@pytest.mark.wide
@one_store
def test_answer_and_page_with_a_field_of_others_are_not_sent(service, monkeypatch):
    confirmed_hold(service, "Kade 1")
    people = signed_in(service, "shelter_staff")
    assert (service.staff.get("/holds").status_code, people.get("/holds").status_code) == (200, 200)
    numbers = HoldContacts(dict.fromkeys(TelephoneUse, NUMBER), [])
    monkeypatch.setattr(contacts, "contacts_of", lambda _, held: {one.id: numbers for one in held})
    assert NUMBER in service.desk.get("/holds").text
    for refused in (service.staff.get("/holds"), people.get("/holds")):
        assert (refused.status_code, NUMBER in refused.text) == (500, False)


@pytest.mark.wide
@one_store
def test_description_says_which_fields_are_for_some(service):
    described = service.client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    marked = {
        (name, field): told["x-readable-by"]
        for name, model in described.items()
        for field, told in model.get("properties", {}).items()
        if "x-readable-by" in told
    }
    assert marked == {
        ("HoldOut", "shelter_telephones"): ["coordinator", "desk"],
        ("HoldOut", "placers"): ["shelter_staff"],
        ("HoldOut", "nobody_rings_back"): ["coordinator", "desk"],
        ("ShelterNumberOut", "former"): ["desk"],
        ("ShelterTelephonesOut", "history"): ["desk"],
        ("ShelterTelephonesOut", "people"): ["desk"],
        ("TelephoneEntryOut", "alone"): ["desk"],
        ("TelephoneEntryOut", "entered_by"): ["desk"],
        ("TelephoneEntriesOut", "people"): ["desk"],
        ("TaskOut", "shelter_telephones"): ["desk"],
        ("PreviewOut", "registrations"): ["desk"],
        ("ConsequencesOut", "proposals"): ["desk"],
        ("SecondPersonRequestsOut", "people"): ["admin", "auditor", "desk"],
    }


@pytest.mark.wide
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
    described = shared.client.get("/api/v1/openapi.json").json()["paths"]
    seen = 0
    for path, methods in ROUTES.route_handler_method_map.items():
        for method, handler in methods.items():
            if method == "OPTIONS":
                continue
            roles_listed = described[path.removeprefix(API).replace(":str}", "}")][method.lower()]["x-roles"]
            if roles_of(handler) == ANYBODY:
                assert roles_listed == {"anybody": "all"}
            else:
                reach = handler.opt["permission"].reach
                assert roles_listed == {role.value: found.value for role, found in reach.items()}
            seen += 1
    assert seen > 50
