"""Webhook events: each kind, sent by the real code, matches the schema that the description of the API publishes."""

import json
import re

import pytest
from pydantic import ValidationError

from api.description import description
from placement.core import clock
from placement.core.codes import MessageKind, Role
from placement.core.context import Actor
from placement.core.ids import new_id
from placement.notifications.task_notices import tell_of_tasks
from placement.outbox import announcements, outbox, webhooks
from placement.outbox.webhook_events import EVENTS, ReportEventData
from placement.placements.holds import holds
from tests.support.accounts import add_shelter_staff
from tests.support.json_schema import validator
from tests.support.stores import one_store
from tests.support.webhook_receiver import deliver_webhooks, receiving

STAFF = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")


@pytest.fixture(scope="module")
def described():
    return description()


def request_of(described, kind):
    return described["webhooks"][kind]["post"]


def schema_of(described, kind):
    """The published schema of the body, with all that it refers to."""
    content = request_of(described, kind)["requestBody"]["content"]["application/json"]
    return {**content["schema"], "components": described["components"]}


@pytest.fixture
def came(town, monkeypatch):
    """The requests of one event of each kind, by its kind: headers and body."""
    monkeypatch.setattr(clock, "now", lambda: town.at)
    town.having(plain_http=True)
    with receiving() as receiver:
        _, made = town.do(webhooks.make, receiver.url, webhooks.OF_A_SHELTER, actor=STAFF)
        add_shelter_staff(town)
        held = [town.hold_in(town.register(), "U1-women") for _ in range(2)]
        town.do(lambda act: announcements.announce_hold(act, MessageKind.HOLD_SETTLED, town.one("hold", held[1])))
        town.do(tell_of_tasks)
        town.later(minutes=1)
        town.release(held[0])
        town.later(hours=5)
        town.do(holds.expire_due)
        town.do(announcements.announce_report, "2026-11-24")
        town.do(announcements.announce_rooms, "S1")
        town.do(announcements.announce_entry, "S1", new_id("V"))
        town.do(webhooks.try_it, made.id, actor=STAFF)
        deliver_webhooks(town.database, town.settings)
    return {json.loads(body)["type"]: (headers, body) for _, headers, body in receiver.came}


@pytest.mark.wide
@one_store
def test_event_of_each_kind_is_sent_as_its_published_schema_says(came, described):
    draft = validator()
    assert set(came) == set(described["webhooks"]) == {*webhooks.OF_A_SHELTER, "webhook.tried"}
    for kind, (_, body) in came.items():
        schema = schema_of(described, kind)
        draft.check_schema(schema)
        checked = draft(schema, format_checker=draft.FORMAT_CHECKER)
        body_read = json.loads(body)
        assert [error.message for error in checked.iter_errors(body_read)] == []
        assert set(body_read) == {"type", "timestamp", "data"}
        data = described["components"]["schemas"][EVENTS[kind].model_fields["data"].annotation.__name__]
        assert set(body_read["data"]) == set(data["properties"]) == set(data["required"])
        for other in set(came) - {kind}:
            assert list(draft(schema_of(described, other)).iter_errors(body_read)), (kind, other)


@pytest.mark.wide
@one_store
def test_event_is_sent_with_the_published_headers(came, described):
    for kind, (headers, _) in came.items():
        published = {one["name"]: one for one in request_of(described, kind)["parameters"]}
        assert set(published) == {name for name in headers if name.startswith("webhook-")}
        for name, one in published.items():
            assert one["required"]
            assert one["in"] == "header"
            assert re.fullmatch(one["schema"].get("pattern", ".+"), headers[name])


@pytest.mark.wide
def test_webhook_request_is_described_with_its_answers(described):
    for request in (one["post"] for one in described["webhooks"].values()):
        assert set(request["responses"]) == {"2XX", "410", "default"}
        assert request["description"]
        assert request["summary"]
        assert request["tags"] == ["Webhooks"]
        assert request["security"] == []


@one_store
def test_data_of_another_kind_is_not_put_out(town):
    def put(act):
        outbox.put_event(act, MessageKind.HOLD_ASKED, "once", ["W-1"], ReportEventData(day="2026-11-24"))

    with pytest.raises(ValidationError):
        town.do(put)


@pytest.mark.wide
@one_store
def test_body_is_the_same_bytes_as_before_events_were_models(came):
    _, body = came["report.made"]
    assert re.fullmatch(
        r'\{"data": \{"day": "2026-11-24"\}, "timestamp": "2026-11-24T[0-9:]{8}\+00:00", "type": "report\.made"\}', body
    )
    _, body = came["hold.asked"]
    assert re.fullmatch(
        r'\{"data": \{"hold": "[A-Z0-9-]+", "unit": "U1-women"\}, '
        r'"timestamp": "2026-11-24T10:00:00\+00:00", "type": "hold\.asked"\}',
        body,
    )
