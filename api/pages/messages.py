"""Outgoing messages and their delivery, for users who monitor it; and the user's own subscription to the report."""

from contextlib import suppress

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages import list_choices
from api.pages.bulk_actions import Result, each
from api.pages.form_results import acted, form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.list_choices import ORDER, chosen_of
from api.v1 import messages as routes
from api.v1.messages import MessagePage, SubscriptionIn
from placement.access.permissions import Permission
from placement.core.codes import Channel, MessageStatus
from placement.core.context import Act
from placement.core.list_orders import MessageOrder
from placement.outbox.deliveries import Mark

SHOWN = 100
HERE = "/messages"


@page_at("/subscription", permission=Permission.SUBSCRIPTION_READ)
def show_subscription(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    one = acts.show("subscription", routes.read_subscription, Permission.SUBSCRIPTION_READ)
    return page(request, "subscription.html", None, wrong, one=one)


@page_at(HERE, permission=Permission.MESSAGES_READ)
def show_messages(
    request: Page, acts: RequestActs, wrong: Wrong | None = None, result: Result | None = None
) -> Response[str]:
    allowed = {"channel": Channel, ORDER: MessageOrder}
    chosen = chosen_of(request, HERE, allowed, {ORDER: MessageOrder.NEWEST_FIRST})
    narrowed = Channel(chosen["channel"]) if chosen["channel"] else None, MessageOrder(chosen[ORDER])

    further, mark = request.query_params.get("list"), _mark(request.query_params.get("before", ""))

    def found(act: Act) -> dict[str, MessagePage]:
        statuses = (MessageStatus.FAILED, MessageStatus.WAITING, MessageStatus.DELIVERED)
        of = {one: mark if one.value == further else None for one in statuses}
        return {one.value: routes.message_page(act, one, SHOWN, of[one], *narrowed) for one in statuses}

    lists = acts.show("messages", found, Permission.MESSAGES_READ)
    at = chosen.at(list=further, before=mark).removeprefix(HERE) if mark else ""
    answer = page(request, "messages.html", None, wrong, lists=lists, chosen=chosen, result=result, shown=SHOWN, at=at)
    list_choices.remember(request, answer, chosen)
    return answer


def _mark(said: str) -> Mark | None:
    """From where the list goes on that the address names; what is no mark is ignored."""
    with suppress(ValueError):
        return Mark.said(said)
    return None


@post("/messages/{message_id:str}/retry", permission=Permission.MESSAGE_RETRY)
def retry(acts: RequestActs, message_id: FromPath[str]) -> Reply:
    """Its address says from where on the lists were shown, and so does the one that it returns to."""
    to = f"{HERE}?{query}" if (query := acts.request.url.query) else HERE
    return acted(acts, lambda act: routes.retry_message(act, message_id), to, show_messages)


@post(f"{HERE}/retry", permission=Permission.MESSAGE_RETRY)
def retry_several(acts: RequestActs, form: SentForm) -> Reply:
    return each(acts, form, routes.retry_message, show_messages)


@post("/subscription", permission=Permission.SUBSCRIPTION_CHANGE)
@form_on(show_subscription)
def choose(acts: RequestActs, form: SentForm) -> str:
    wanted = given(SubscriptionIn, form.some("rhythm", "language", "form"))
    acts.write(lambda act: routes.change_subscription(act, wanted))
    return "/subscription"
