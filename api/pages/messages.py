"""Outgoing messages and their delivery, for monitoring; and the user's own subscription to the report."""

from contextlib import suppress

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages import list_choices
from api.pages.bulk_actions import Result, each
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.list_choices import ORDER, chosen_of
from api.v1 import messages as routes
from api.v1.messages import MessagePage
from placement.access.permissions import Permission
from placement.core.codes import Channel, MessageStatus
from placement.core.context import Act
from placement.core.list_orders import MessageOrder
from placement.outbox.deliveries import Mark

SHOWN = 100
HERE = "/messages"

show_subscription = screen("/subscription", "subscription.html", one=routes.read_subscription)
choose = form("/subscription", routes.change_subscription, show_subscription)


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
    """Parses the position from which a list continues. Returns `None` for other texts."""
    with suppress(ValueError):
        return Mark.said(said)
    return None


@post(f"{HERE}/{{message_id:str}}/retry", permission=Permission.MESSAGE_RETRY)
@form_on(show_messages)
def retry(acts: RequestActs, message_id: FromPath[str]) -> str:
    """Tries to deliver a message again. The lists stay at their positions."""
    acts.write(lambda act: routes.retry_message(act, message_id))
    return f"{HERE}?{query}" if (query := acts.request.url.query) else HERE


@post(f"{HERE}/retry", permission=Permission.MESSAGE_RETRY)
def retry_several(acts: RequestActs, form: SentForm) -> Reply:
    return each(acts, form, routes.retry_message, show_messages)
