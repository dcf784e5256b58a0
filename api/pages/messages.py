"""Outgoing messages and their delivery, for users who monitor it; and the user's own subscription to the report."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, again, content_of, given, go, page
from api.v1 import messages
from placement.access.permissions import Permission
from placement.core.codes import MessageStatus
from placement.core.errors import PlacementError

SHOWN = 100


@get("/messages", permission=Permission.MESSAGES_READ, sync_to_thread=True)
def show_messages(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _messages(request, acts)


@post("/messages/{message_id:str}/retry", permission=Permission.MESSAGE_RETRY, form=True, sync_to_thread=True)
def retry(request: Page, acts: NamedDependency[Acts], message_id: FromPath[str]) -> Response[Any]:
    try:
        messages.retry_message.fn(acts, message_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _messages(request, acts, **wrong))
    return go("/messages")


@get("/subscription", permission=Permission.SUBSCRIPTION_READ, sync_to_thread=True)
def show_subscription(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _subscription(request, acts)


@post("/subscription", permission=Permission.SUBSCRIPTION_CHANGE, form=True, sync_to_thread=True)
def choose(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    facts = {name: form.get(name) for name in ("rhythm", "language", "form") if form.get(name)}
    try:
        messages.choose_subscription.fn(acts, given(messages.SubscriptionIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _subscription(request, acts, filled=form, **wrong))
    return go("/subscription")


def _messages(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    lists = {
        status.value: content_of(messages.list_messages.fn(acts, status, SHOWN, 0))
        for status in (MessageStatus.FAILED, MessageStatus.WAITING, MessageStatus.DELIVERED)
    }
    return page(request, "messages.html", lists=lists, **shown)


def _subscription(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    return page(request, "subscription.html", one=content_of(messages.read_subscription.fn(acts)), **shown)
