"""Webhooks: events sent to the software of a shelter, or of the coordination centre."""

from datetime import datetime
from typing import Annotated

from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from api.http.context import Input, Output
from api.http.operations import get, post
from api.http.paging import Limit, Offset
from api.v1.messages import OneDelivery
from placement.access.permissions import Permission
from placement.core.codes import MessageKind, MessageStatus
from placement.core.context import Act
from placement.outbox import reads, webhooks
from placement.outbox.webhooks import Subscribed
from placement.tables import Webhook


class NewWebhookIn(Input):
    url: str = Field(min_length=8, max_length=500, description="https only; no address of a private network.")
    kinds: list[Subscribed] = Field(
        min_length=1, max_length=len(MessageKind), description="For the centre: `task.due` and `report.made`."
    )


class WebhookOut(Output):
    id: str
    shelter: str | None
    kinds: list[str]
    made_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    has_address: bool = Field(description="false: the person who made it has left. It cannot be enabled again.")


class WebhookMadeOut(WebhookOut):
    secret: str = Field(description="The secret with which its events are signed. Shown only this once.")


class WebhookEventOut(OneDelivery, Output):
    id: str = Field(description="The `webhook-id` with which it is sent.")


class WebhookEventPage(Output):
    items: list[WebhookEventOut]
    total: int


class WebhooksOut(Output):
    items: list[WebhookOut]


@get("/webhooks", summary="List webhooks", permission=Permission.WEBHOOKS_READ)
def list_webhooks(act: Act) -> WebhooksOut:
    """List the webhooks of your shelter; an admin sees all. Addresses are not shown, because they may contain a
    secret.
    """
    return WebhooksOut(items=[_serialize(one) for one in reads.webhooks(act)])


@post("/webhooks", summary="Create a webhook", permission=Permission.WEBHOOK_CHANGE, status_code=201)
def create_webhook(act: Act, data: JSONBody[NewWebhookIn]) -> WebhookMadeOut:
    """Create a webhook. It receives the events of your shelter; an admin's webhook receives those of the coordination
    centre. Events contain only ids, and are signed.
    """
    secret, made = webhooks.make(act, data.url, data.kinds)
    return WebhookMadeOut.of(_serialize(made), secret=secret)


@post(
    "/webhooks/{webhook_id:str}/rotate", summary="Replace the secret of a webhook", permission=Permission.WEBHOOK_CHANGE
)
def rotate_webhook_secret(act: Act, webhook_id: FromPath[str]) -> WebhookMadeOut:
    """Make a new secret. For a day, events are also signed with the earlier secrets."""
    secret, row = webhooks.rotate(act, webhook_id)
    return WebhookMadeOut.of(_serialize(row), secret=secret)


@post("/webhooks/{webhook_id:str}/disable", summary="Disable a webhook", permission=Permission.WEBHOOK_DISABLE)
def disable_webhook(act: Act, webhook_id: FromPath[str]) -> WebhookOut:
    """Disable a webhook: it receives no events from now on."""
    return _serialize(webhooks.disable(act, webhook_id))


@post("/webhooks/{webhook_id:str}/enable", summary="Enable a webhook", permission=Permission.WEBHOOK_CHANGE)
def enable_webhook(act: Act, webhook_id: FromPath[str]) -> WebhookOut:
    """Enable a webhook: it receives events from now on."""
    return _serialize(webhooks.enable(act, webhook_id))


@post("/webhooks/{webhook_id:str}/try", summary="Send a test event", permission=Permission.WEBHOOK_CHANGE)
def try_webhook(act: Act, webhook_id: FromPath[str]) -> WebhookOut:
    """Send an event of type `webhook.tried` to the webhook. The list of its events shows the result. A second try
    within a minute gets 409 `webhook_tried_just_now`.
    """
    return _serialize(webhooks.try_it(act, webhook_id))


@get("/webhooks/{webhook_id:str}/events", summary="List the events of a webhook", permission=Permission.WEBHOOKS_READ)
def list_webhook_events(
    act: Act,
    webhook_id: FromPath[str],
    status: Annotated[MessageStatus | None, QueryParameter(description="Only events with this status.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> WebhookEventPage:
    """List the events of the last 90 days, newest first: delivered, waiting, or failed with the reason."""
    rows, total = reads.events_of_webhook(act, webhook_id, status, limit, offset)
    items = [WebhookEventOut.of(row, next_at=row.next_at if row.waits else None) for row in rows]
    return WebhookEventPage(items=items, total=total)


def _serialize(row: Webhook) -> WebhookOut:
    return WebhookOut.of(row, has_address=bool(row.url))
