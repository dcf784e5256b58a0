"""Reading of messages and webhooks. Each read writes an audit event. If the actor may not see a row, the read raises
`NotFound`.
"""

from collections.abc import Sequence

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Channel, MessageStatus
from placement.core.context import Act
from placement.core.list_orders import MessageOrder
from placement.outbox import deliveries
from placement.outbox import webhooks as the_webhooks
from placement.outbox.deliveries import Delivery, Mark
from placement.outbox.message_visibility import told_to
from placement.tables import Webhook


def messages(  # noqa: PLR0917  (each is a filter)
    act: Act,
    status: MessageStatus | None,
    limit: int,
    mark: Mark | None = None,
    channel: Channel | None = None,
    order: MessageOrder = MessageOrder.NEWEST_FIRST,
) -> tuple[Sequence[Delivery], Mark | None]:
    """Returns a page of deliveries that the actor may see, and the mark at which the next page begins
    (`deliveries.listed`). A list sorted by the number of tries has only one page, for which all messages are opened.
    """
    audit_log.write(act, Event.MESSAGES_LISTED, status=status, before=None if mark is None else str(mark))
    told = told_to(act)

    def wanted(one: Delivery) -> bool:
        return channel in {None, one.channel} and told(one)

    if order in {MessageOrder.NEWEST_FIRST, MessageOrder.OLDEST_FIRST}:
        oldest_first = order is MessageOrder.OLDEST_FIRST
        return deliveries.listed(act.session, status, wanted, limit, mark, oldest_first=oldest_first)
    found = [one for one in deliveries.found(act.session, status) if wanted(one)]
    found.sort(key=lambda one: one.attempts, reverse=order is MessageOrder.MOST_TRIES_FIRST)
    return found[:limit], None


def webhooks(act: Act) -> Sequence[Webhook]:
    """Returns the webhooks of the actor's shelter. If the actor is an admin, returns all webhooks."""
    audit_log.write(act, Event.WEBHOOKS_LISTED)
    return act.session.exec(the_webhooks.listed(act)).all()


def events_of_webhook(
    act: Act, webhook_id: str, status: MessageStatus | None, limit: int, offset: int
) -> tuple[Sequence[Delivery], int]:
    """Returns a page of the events sent to a webhook, and their total number."""
    found = list(filter(told_to(act), the_webhooks.sent_to(act, webhook_id, status)))
    audit_log.write(act, Event.WEBHOOK_READ, subject=webhook_id, offset=offset)
    return found[offset : offset + limit], len(found)
