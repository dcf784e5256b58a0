"""Webhooks: receivers and their events, the secret once, a test event, and failed deliveries."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, again, content_of, done, given, page
from api.v1 import webhooks
from placement.access.permissions import Permission
from placement.core.errors import PlacementError
from placement.outbox.webhooks import OF_A_SHELTER, OF_THE_CENTRE

HERE = "/webhooks"
EVENTS = 20
"""Per webhook, the newest."""


@get(HERE, permission=Permission.WEBHOOKS_READ, sync_to_thread=True)
def list_webhooks(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _webhooks(request, acts)


@post(HERE, permission=Permission.WEBHOOK_CHANGE, form=True, status_code=200, sync_to_thread=True)
def make(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[str]:
    """Creates a webhook; its secret is shown once on the following page."""
    facts = {"url": form.get("url"), "kinds": form.all("kinds")}
    return _secret(
        request, acts, lambda: webhooks.make_webhook.fn(acts, given(webhooks.NewWebhookIn, facts)), filled=form
    )


@post(
    f"{HERE}/{{webhook_id:str}}/rotate",
    permission=Permission.WEBHOOK_CHANGE,
    form=True,
    status_code=200,
    sync_to_thread=True,
)
def rotate(request: Page, acts: NamedDependency[Acts], webhook_id: FromPath[str]) -> Response[str]:
    """Replaces the secret, which is shown once on the following page."""
    return _secret(request, acts, lambda: webhooks.rotate_webhook.fn(acts, webhook_id))


@post(f"{HERE}/{{webhook_id:str}}/try", permission=Permission.WEBHOOK_CHANGE, form=True, sync_to_thread=True)
def try_it(request: Page, acts: NamedDependency[Acts], webhook_id: FromPath[str]) -> Response[Any]:
    return _done(request, acts, lambda: webhooks.try_webhook.fn(acts, webhook_id), webhook_id)


@post(f"{HERE}/{{webhook_id:str}}/disable", permission=Permission.WEBHOOK_DISABLE, form=True, sync_to_thread=True)
def disable(request: Page, acts: NamedDependency[Acts], webhook_id: FromPath[str]) -> Response[Any]:
    return _done(request, acts, lambda: webhooks.disable_webhook.fn(acts, webhook_id), webhook_id)


@post(f"{HERE}/{{webhook_id:str}}/enable", permission=Permission.WEBHOOK_CHANGE, form=True, sync_to_thread=True)
def enable(request: Page, acts: NamedDependency[Acts], webhook_id: FromPath[str]) -> Response[Any]:
    return _done(request, acts, lambda: webhooks.enable_webhook.fn(acts, webhook_id), webhook_id)


def _secret(request: Page, acts: Acts, make: Callable[[], Any], **typed: Any) -> Response[str]:
    try:
        made = content_of(make())
    except PlacementError as error:
        return again(request, error, lambda **wrong: _webhooks(request, acts, **typed, **wrong))
    return _webhooks(request, acts, made=made)


def _done(request: Page, acts: Acts, do: Callable[[], Any], webhook_id: str) -> Response[Any]:
    def there() -> str:
        do()
        return f"{HERE}#{webhook_id}"

    return done(request, there, lambda **wrong: _webhooks(request, acts, **wrong))


def _webhooks(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    acts = acts.under(Permission.WEBHOOKS_READ)
    items = content_of(webhooks.list_webhooks.fn(acts))["items"]
    events = {one["id"]: content_of(webhooks.list_webhook_events.fn(acts, one["id"], None, EVENTS, 0)) for one in items}
    kinds = OF_THE_CENTRE if request.user.shelter_id is None else OF_A_SHELTER
    facts = {"items": items, "events": events, "kinds": kinds, "shelter": request.user.shelter_id}
    return page(request, "webhooks.html", **{"made": None, **facts, **shown})
