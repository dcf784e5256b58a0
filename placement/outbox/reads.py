"""Read access to messages and webhooks.

Each read writes its audit event; what is outside the actor's scope is not found.
"""

from collections.abc import Sequence

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import MessageStatus
from placement.core.context import Act
from placement.outbox import outbox
from placement.outbox import webhooks as the_webhooks
from placement.tables import (
    Message,
    Webhook,
)


def messages(act: Act, status: MessageStatus | None, limit: int, offset: int) -> tuple[Sequence[Message], int]:
    """A page of messages, and the total number."""
    audit_log.write(act, Event.MESSAGES_LISTED, status=status, offset=offset)
    return scoped_queries.page(act.session, outbox.listed(status), limit, offset)


def webhooks(act: Act) -> Sequence[Webhook]:
    """The webhooks of the actor's shelter; for an admin all."""
    audit_log.write(act, Event.WEBHOOKS_LISTED)
    return act.session.exec(the_webhooks.listed(act)).all()


def events_of_webhook(
    act: Act, webhook_id: str, status: MessageStatus | None, limit: int, offset: int
) -> tuple[Sequence[Message], int]:
    """A page of the events sent to a webhook, and the total number."""
    found = scoped_queries.page(act.session, the_webhooks.sent_to(act, webhook_id, status), limit, offset)
    audit_log.write(act, Event.WEBHOOK_READ, subject=webhook_id, offset=offset)
    return found
