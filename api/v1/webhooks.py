"""Webhooks: where a shelter's software, or the coordination centre's, is told of events."""

from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.acts import Acts, Input, Output
from placement import reading
from placement.acting import Act
from placement.messages import webhooks
from placement.permissions import Permission
from placement.tables import Webhook
from placement.vocabulary import MessageKind


class NewWebhookIn(Input):
    url: str = Field(min_length=8, max_length=500, description="https only; not of a private network.")
    kinds: list[MessageKind] = Field(min_length=1, max_length=len(MessageKind))


class WebhookOut(Output):
    id: str
    shelter: str | None
    kinds: list[str]
    made_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None


class WebhookMadeOut(WebhookOut):
    secret: str = Field(description="What its events are signed with. It is shown this once.")


class WebhooksOut(Output):
    items: list[WebhookOut]


@get("/webhooks", permission=Permission.WEBHOOKS_READ, sync_to_thread=True)
def list_webhooks(acts: NamedDependency[Acts]) -> Response[WebhooksOut]:
    """Those of one's shelter; for an admin all. The address is told to nobody: a secret may be in it."""
    return acts.read(lambda act: WebhooksOut(items=[_told(one) for one in reading.webhooks(act)]))


@post("/webhooks", permission=Permission.WEBHOOK_CHANGE, status_code=201, sync_to_thread=True)
def make_webhook(acts: NamedDependency[Acts], data: JSONBody[NewWebhookIn]) -> Response[WebhookMadeOut]:
    """Be told of events: of one's shelter, or as an admin of the whole. Every event is ids alone, and is signed."""

    def tell(act: Act) -> WebhookMadeOut:
        secret, made = webhooks.make(act, data.url, data.kinds)
        return WebhookMadeOut(secret=secret, **_told(made).model_dump())

    return acts.write(tell, status=201)


@post("/webhooks/{webhook_id:str}/rotate", permission=Permission.WEBHOOK_CHANGE, status_code=200, sync_to_thread=True)
def rotate_webhook(acts: NamedDependency[Acts], webhook_id: FromPath[str]) -> Response[WebhookMadeOut]:
    """A new secret; for a day events are signed with the old one too."""

    def tell(act: Act) -> WebhookMadeOut:
        secret, row = webhooks.rotate(act, webhook_id)
        return WebhookMadeOut(secret=secret, **_told(row).model_dump())

    return acts.write(tell)


@post("/webhooks/{webhook_id:str}/disable", permission=Permission.WEBHOOK_DISABLE, status_code=200, sync_to_thread=True)
def disable_webhook(acts: NamedDependency[Acts], webhook_id: FromPath[str]) -> Response[WebhookOut]:
    """It is told nothing from now on."""
    return acts.write(lambda act: _told(webhooks.disable(act, webhook_id)))


@post("/webhooks/{webhook_id:str}/enable", permission=Permission.WEBHOOK_CHANGE, status_code=200, sync_to_thread=True)
def enable_webhook(acts: NamedDependency[Acts], webhook_id: FromPath[str]) -> Response[WebhookOut]:
    """It is told again what happens from now on."""
    return acts.write(lambda act: _told(webhooks.enable(act, webhook_id)))


def _told(row: Webhook) -> WebhookOut:
    facts = row.model_dump(include={"id", "kinds", "made_at", "failing_since", "disabled_at"})
    return WebhookOut(shelter=row.shelter_id, **facts)
