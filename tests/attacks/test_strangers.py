"""A stranger asks the addresses of the operator: without the token there are no figures, without settings nothing."""

from datetime import datetime, timedelta

import pytest

from api.http.api_version import DOCUMENTS
from tests.support.settings import changed
from tests.support.stores import METRICS_TOKEN, OPERATOR, one_store

WRONG = (
    {},
    {"Authorization": "Bearer "},
    {"Authorization": f"Bearer {METRICS_TOKEN[:-1]}"},
    {"Authorization": METRICS_TOKEN},
    {"Authorization": b"Bearer \xe9"},
)
SECURITY_TEXT = "/.well-known/security.txt"


@pytest.fixture
def asked(service, monkeypatch):
    """Asks with other settings."""

    def asked(path, headers=None, **facts):
        monkeypatch.setattr(service.app.state, "settings", changed(service.country.settings, **facts))
        return service.client.get(path, headers=headers)

    return asked


@one_store
@pytest.mark.parametrize("headers", WRONG)
def test_stranger_gets_no_figures(asked, headers):
    assert asked("/metrics", headers).status_code == 404
    ready = asked("/health/ready", headers)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


@one_store
def test_figures_are_closed_without_a_token_in_the_settings(asked):
    for headers in (*WRONG, OPERATOR):
        assert asked("/metrics", headers, metrics_token="").status_code == 404
        assert asked("/health/ready", headers, metrics_token="").json() == {"status": "ready"}


@one_store
def test_operator_gets_figures_with_the_token(asked):
    assert "placement_messages" in asked("/metrics", OPERATOR).text
    assert asked("/health/ready", OPERATOR).json()["database"] == "ok"


@one_store
def test_stranger_learns_no_cause_of_a_fault(service, asked):
    service.moment.pass_by(minutes=4)
    ready = asked("/health/ready")
    assert (ready.status_code, ready.json(), ready.headers["retry-after"]) == (503, {"status": "not ready"}, "5")
    assert asked("/health/ready", OPERATOR).json() == {"check": "late"}


@one_store
@pytest.mark.parametrize("path", ["/schema", "/schema/", "/schema/openapi.yaml", "/schema/x", *DOCUMENTS])
def test_description_of_the_api_is_closed_unless_it_is_set(asked, path):
    assert asked(path, open_schema=False).status_code == 404
    assert asked(path, OPERATOR, open_schema=False).status_code == 404


@one_store
def test_start_page_names_the_description_if_it_is_open(asked):
    assert "/schema" in asked("/about", open_schema=True).text
    assert "/schema" not in asked("/about", open_schema=False).text


@one_store
def test_security_text_names_contact_and_an_end_within_a_year(service, asked):
    told = asked(SECURITY_TEXT, security_contact="mailto:security@opvang.example", address="https://opvang.example")
    assert (told.status_code, told.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    fields = dict(line.split(": ", 1) for line in told.text.splitlines())
    assert fields["Contact"] == "mailto:security@opvang.example"
    assert fields["Canonical"] == f"https://opvang.example{SECURITY_TEXT}"
    assert set(fields["Preferred-Languages"].split(", ")) == {"nl", "en"}
    left = datetime.fromisoformat(fields["Expires"]) - service.moment.at
    assert timedelta(days=30) < left < timedelta(days=366)


@one_store
def test_security_text_is_absent_without_a_contact(asked):
    assert asked(SECURITY_TEXT).status_code == 404
