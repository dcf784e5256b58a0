"""Webhooks: receivers and their events, the secret once, a test event, and failed deliveries."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import acted, form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import webhooks as routes
from api.v1.webhooks import NewWebhookIn, WebhookEventPage, WebhookMadeOut, WebhookOut
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.outbox.webhooks import OF_A_SHELTER, OF_THE_CENTRE

HERE = "/webhooks"
EVENTS = 20
"""Per webhook, the newest."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    items: list[WebhookOut]
    events: dict[str, WebhookEventPage]
    """By webhook."""


@page_at(HERE, permission=Permission.WEBHOOKS_READ)
def list_webhooks(
    request: Page, acts: RequestActs, wrong: Wrong | None = None, *, made: WebhookMadeOut | None = None
) -> Response[str]:
    def found(act: Act) -> Webhooks:
        items = routes.list_webhooks(act).items
        return Webhooks(items, {one.id: routes.list_webhook_events(act, one.id, None, EVENTS, 0) for one in items})

    view = acts.show("webhooks", found, Permission.WEBHOOKS_READ)
    shelter = request.user.shelter_id
    kinds = OF_THE_CENTRE if shelter is None else OF_A_SHELTER
    return page(request, "webhooks.html", view, wrong, made=made, kinds=kinds, shelter=shelter)


@post(HERE, permission=Permission.WEBHOOK_CHANGE)
@form_on(list_webhooks)
def make(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Creates a webhook; its secret is shown once on the following page."""
    wanted = given(NewWebhookIn, {"url": form.get("url"), "kinds": form.all("kinds")})
    made = acts.change(WebhookMadeOut, lambda act: routes.create_webhook(act, wanted))
    return list_webhooks(request, acts, made=made)


@post(f"{HERE}/{{webhook_id:str}}/rotate", permission=Permission.WEBHOOK_CHANGE)
@form_on(list_webhooks)
def rotate(request: Page, acts: RequestActs, webhook_id: FromPath[str]) -> Reply:
    """Replaces the secret, which is shown once on the following page."""
    made = acts.change(WebhookMadeOut, lambda act: routes.rotate_webhook_secret(act, webhook_id))
    return list_webhooks(request, acts, made=made)


@post(f"{HERE}/{{webhook_id:str}}/try", permission=Permission.WEBHOOK_CHANGE)
def try_it(acts: RequestActs, webhook_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.try_webhook(act, webhook_id), f"{HERE}#{webhook_id}", list_webhooks)


@post(f"{HERE}/{{webhook_id:str}}/disable", permission=Permission.WEBHOOK_DISABLE)
def disable(acts: RequestActs, webhook_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.disable_webhook(act, webhook_id), f"{HERE}#{webhook_id}", list_webhooks)


@post(f"{HERE}/{{webhook_id:str}}/enable", permission=Permission.WEBHOOK_CHANGE)
def enable(acts: RequestActs, webhook_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.enable_webhook(act, webhook_id), f"{HERE}#{webhook_id}", list_webhooks)
