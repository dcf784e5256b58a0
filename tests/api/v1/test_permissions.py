"""A route without a permission, and what lets in: tokens and keys. Each operation: `tests/api/contract/`."""

import pytest
from sqlmodel import select

from placement.access.permissions import Permission
from placement.tables import Account, ApiKey
from tests.support.api.routes import PUBLIC, routes_of
from tests.support.api.service import API
from tests.support.audit_log import logged


@pytest.mark.wide
def test_every_route_has_a_permission_or_is_public(shared):
    routes = routes_of(shared)
    assert len(routes) > 30
    assert {route.template.rstrip("/") or "/" for route in routes if route.public} <= PUBLIC
    for route in routes:
        assert route.public != (route.permission is not None), route


def test_every_permission_opens_a_route(shared):
    assert {route.permission for route in routes_of(shared)} - {None} == set(Permission)


@pytest.mark.parametrize("token", ["Bearer", "Bearer nonsense", "Basic ZGVzazpkZXNr", "Bearer \xff\xfe", "bearer  "])
def test_token_that_is_none_is_refused(shared, token):
    answer = shared.client.get(f"{API}/vocabulary", headers={"Authorization": token.encode("latin-1")})
    assert answer.json()["type"] == "urn:placement:problem:token_refused"


def test_a_route_without_a_permission_is_shut_even_to_the_desk(service):
    handlers = service.app.route_handler_method_map[f"{API}/capacity"]
    handlers["GET"].opt.pop("permission")
    try:
        answer = service.desk.get("/capacity")
    finally:
        handlers["GET"].opt["permission"] = Permission.COUNTRY_READ
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:placement:problem:route_is_shut")


def test_a_revoked_key_and_a_disabled_account_count_at_once(service):
    letting_in = [service.second.authorization(), service.second.software.authorization()]
    for headers in letting_in:
        assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 200
    with service.database.transaction() as session:
        account = session.get_one(Account, service.second.account)
        account.disabled_at = service.moment.at
        session.add(account)
    for headers in letting_in:
        assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 401
    assert service.client.post(f"{API}/token", json={"key": service.second.key}).status_code == 401

    headers = service.shelter.authorization()
    with service.database.transaction() as session:
        for key in session.exec(select(ApiKey).where(ApiKey.shelter_id == "S01")):
            key.revoked_at = service.moment.at
    answer = service.client.get(f"{API}/shelters/S01/capacity", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_lives_for_fifteen_minutes(service):
    headers = service.desk.software.authorization()
    service.moment.pass_by(minutes=14, seconds=59)
    assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 200
    service.moment.pass_by(seconds=1)
    assert service.client.get(f"{API}/vocabulary", headers=headers).status_code == 401


def test_keys_and_tokens_are_stored_as_fingerprints(service):
    token = service.desk.software.authorization()["Authorization"].split()[1]
    stored = ""
    with service.database.engine.connect() as connection:
        for table in ("apikey", "accesstoken", "idempotentrequest"):
            stored += repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
    stored += repr([line.content for line in logged(service)])
    assert token not in stored
    assert service.desk.key not in stored
