"""Each answer has the id of its request, which is in the log; a trace is logged if it has the form of the standard."""

import json

import pytest

from tests.support.stores import one_store

pytestmark = one_store

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def lines_of(service):
    return [one for one in map(json.loads, service.log.getvalue().splitlines()) if one["event"] == "request"]


def test_each_answer_has_the_id_that_is_in_the_log(service):
    paths = ("/health/live", "/api/v1/session", "/api/v1/nothing", "/nothing", "/static/placement.css")
    answers = [service.client.get(path, headers={"X-Request-Id": "Kanarie"}) for path in paths]
    answers += [service.desk.get("/registrations"), service.desk.post("/registrations", {"region": 7})]
    assert {one.status_code for one in answers} >= {200, 400, 401, 404}
    logged = {one["request_id"] for one in lines_of(service)}
    for one in answers:
        [name] = one.headers.get_list("x-request-id")
        assert name in logged
    assert len({one.headers["x-request-id"] for one in answers}) == len(answers)
    assert "Kanarie" not in service.log.getvalue()


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        (PARENT, TRACE),
        (PARENT.replace("00-", "cc-", 1) + "-what-a-later-version-adds", TRACE),
        (PARENT.replace("00-", "ff-", 1), None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (PARENT.upper(), None),
        ("Merel Kanarie", None),
    ],
)
def test_trace_is_logged_if_it_has_the_form_of_the_standard(service, sent, logged):
    service.client.get("/health/live", headers={"traceparent": sent})
    assert lines_of(service)[-1].get("trace") == logged
    assert "Kanarie" not in service.log.getvalue()
