"""HEAD: the same status and headers as GET, and no body; what has no GET refuses it, and a stream ends."""

import pytest

from tests.support.api.service import somebody
from tests.support.audit_log import logged
from tests.support.stores import one_store

pytestmark = one_store
FOUND = ["/health/live", "/api/v1/registrations", "/registrations", "/static/start.css"]
VARIES = {"date", "set-cookie", "content-security-policy", "content-length", "x-request-id"}


def asked(service, method, path):
    return service.client.request(method, path, headers=service.desk.authorization(), follow_redirects=False)


@pytest.mark.parametrize(("path", "status"), [*((path, 200) for path in FOUND), ("/api/v1/nothing", 404)])
def test_head_has_the_headers_of_get_without_its_body(service, path, status):
    got, head = (asked(service, method, path) for method in ("GET", "HEAD"))
    told = [{name: one.headers[name] for name in set(one.headers) - VARIES} for one in (got, head)]
    assert (got.status_code, head.status_code, head.content) == (status, status, b"")
    assert told[0] == told[1]


def test_head_is_refused_as_get_is(service):
    assert service.client.head("/api/v1/registrations").status_code == 401
    assert asked(service, "HEAD", "/api/v1/token").status_code == 405  # it has no GET


def test_head_by_the_desk_is_in_the_log_of_the_case(service):
    client = service.desk.made("/registrations", somebody())["id"]
    before = logged(service, registration_id=client)
    assert asked(service, "HEAD", f"/api/v1/registrations/{client}").status_code == 200
    [read] = logged(service, since=before[-1].id, registration_id=client)
    assert read.event == "registration:read"


def test_head_of_a_stream_for_the_desk_ends(service):
    head = asked(service, "HEAD", "/changes")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
