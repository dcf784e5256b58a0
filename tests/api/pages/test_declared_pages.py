"""Declared pages and forms: what follows from the functions of the API, and what a wrong declaration does."""

import pytest

from api.http.work_kinds import Work
from api.pages import on_call as page
from api.pages.declared_pages import each_of, form, permission_of, screen
from api.v1 import mandates, on_call, rules
from placement.access.permissions import Permission
from tests.support.api.pages import signed_in
from tests.support.stores import one_store

HERE = "/on-call"
DAYS = {"starts_on": "2026-12-04", "ends_on": "2026-11-30"}


def _shown(acts):
    return acts


@pytest.mark.wide
@one_store
def test_fault_of_a_form_is_next_to_its_field_with_the_input(service):
    desk = signed_in(service, "desk")
    desk.get(HERE)
    refused = desk.send(HERE, account=service.desk.account, **DAYS)
    assert (refused.status_code, refused.url.path) == (400, HERE)
    assert 'aria-describedby="ends_on-fault"' in refused.text
    assert f'value="{DAYS["ends_on"]}"' in refused.text


@pytest.mark.wide
@one_store
def test_form_leads_back_to_its_page_and_is_saved_there(service):
    desk = signed_in(service, "desk")
    desk.get(HERE)
    saved = desk.send(HERE, account=service.desk.account, starts_on="2026-11-30", ends_on="2026-12-04")
    assert (saved.status_code, saved.url.path, "Saved." in saved.text) == (200, HERE, True)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("path", [HERE, f"{HERE}/C-1/withdraw", f"{HERE}/withdraw"])
def test_form_without_the_permission_is_refused(service, path):
    staff = signed_in(service, "shelter_staff")
    staff.get("/account")
    fields = {"csrf_token": staff.page.text.partition('name="csrf_token" value="')[2].partition('"')[0]}
    before = service.digest()
    assert staff._ask("POST", path, fields).status_code == 403
    assert service.digest() == before


def test_routes_have_the_permissions_of_their_operations():
    assert page.show.route.opt["permission"] is permission_of(on_call.list_on_call) is Permission.ON_CALL_READ
    for route in (page.name, page.withdraw, page.withdraw_several):
        assert route.opt["permission"] is Permission.ON_CALL_CHANGE


def test_form_is_the_kind_of_work_of_its_operation():
    route = form("/x", rules.rehearse_rule_change, page.show)
    assert route.opt["work"] is Work.SLOW


def test_first_permission_is_that_of_the_page():
    shown = screen("/x", "on_call.html", under=(Permission.TASKS_READ,), rota=on_call.list_on_call)
    assert shown.route.opt["permission"] is Permission.TASKS_READ


@pytest.mark.parametrize(
    "declare",
    [
        pytest.param(lambda: screen("/x", "x.html", now=lambda act: act.at), id="page without a permission"),
        pytest.param(lambda: screen("/x", "x.html", people=lambda _, rota: rota), id="part of an unknown part"),
        pytest.param(
            lambda: screen("/x", "x.html", people=lambda _, rota: rota, rota=on_call.list_on_call),
            id="part of a later part",
        ),
        pytest.param(lambda: screen("/{it:str}", "x.html", it=on_call.list_on_call), id="name declared twice"),
        pytest.param(lambda: form("/x", lambda act: act, page.show), id="operation without a route"),
        pytest.param(lambda: form("/x", on_call.withdraw_on_call, page.show), id="operation lacks its id"),
        pytest.param(lambda: form("/{it:str}", on_call.name_on_call, page.show), id="id that nothing takes"),
        pytest.param(lambda: form("/x", on_call.name_on_call, page.show, to="/{it:str}"), id="way back unknown"),
        pytest.param(lambda: form("/x", on_call.name_on_call, _shown), id="no way back"),
        pytest.param(
            lambda: form("/x", on_call.name_on_call, screen("/{it:str}", "x.html", rota=on_call.list_on_call)),
            id="page lacks its id",
        ),
        pytest.param(lambda: each_of("/x", on_call.name_on_call, lambda: None), id="each of no thing"),
        pytest.param(lambda: each_of("/x", lambda _, it: it, page.show), id="each without a route"),
    ],
)
def test_wrong_declaration_fails_when_it_is_made(declare):
    with pytest.raises(TypeError):
        declare()


def test_unknown_operation_fails_at_import():
    with pytest.raises(AttributeError):
        form(HERE, mandates.no_such_operation, page.show)
