"""The pages of webhooks: address and events, secret (shown once), test event, and failed deliveries."""

from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply
from api.pages.input_values import values_of
from api.v1 import webhooks
from api.v1.webhooks import NewWebhookIn, WebhookEventPage, WebhookMadeOut, WebhooksOut
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.outbox.webhooks import OF_A_SHELTER, OF_THE_CENTRE

HERE = "/webhooks"
ONE = f"{HERE}/{{webhook_id:str}}"
AT_IT = f"{HERE}#{{webhook_id:str}}"
EVENTS = 20
"""How many deliveries of a webhook are shown, newest first."""


def _events(act: Act, found: WebhooksOut) -> dict[str, WebhookEventPage]:
    return {one.id: webhooks.list_webhook_events(act, one.id, None, EVENTS, 0) for one in found.items}


list_webhooks = screen(
    HERE,
    "webhooks.html",
    found=webhooks.list_webhooks,
    items=lambda _, found: found.items,
    events=_events,
    shelter=lambda act: act.actor.shelter_id,
    kinds=lambda _, shelter: OF_THE_CENTRE if shelter is None else OF_A_SHELTER,
    made=lambda _: None,
)
try_it = form(f"{ONE}/try", webhooks.try_webhook, list_webhooks, to=AT_IT)
disable = form(f"{ONE}/disable", webhooks.disable_webhook, list_webhooks, to=AT_IT)
enable = form(f"{ONE}/enable", webhooks.enable_webhook, list_webhooks, to=AT_IT)


@post(HERE, permission=Permission.WEBHOOK_CHANGE)
@form_on(list_webhooks)
def make(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Makes a webhook. The next page shows its secret once."""
    wanted = given(NewWebhookIn, values_of(NewWebhookIn, form))
    made = acts.change(WebhookMadeOut, lambda act: webhooks.create_webhook(act, wanted))
    return list_webhooks(request, acts, made=made)


@post(f"{ONE}/rotate", permission=Permission.WEBHOOK_CHANGE)
@form_on(list_webhooks)
def rotate(request: Page, acts: RequestActs, webhook_id: FromPath[str]) -> Reply:
    """Replaces the secret. The next page shows it once."""
    made = acts.change(WebhookMadeOut, lambda act: webhooks.rotate_webhook_secret(act, webhook_id))
    return list_webhooks(request, acts, made=made)
