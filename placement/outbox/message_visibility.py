"""The messages that an actor may see. An actor without access to cases sees no message about a case. The reason: a
message about a client goes to a shelter and to the coordinators of the client's region. Its kind, time and recipients
would disclose that a client of that region came to that shelter.
"""

from collections.abc import Callable

from sqlmodel import col, select

from placement.access.permissions import Permission, Reach
from placement.core.codes import MessageKind
from placement.core.context import Act
from placement.outbox.deliveries import Delivery
from placement.tables import Webhook

ABOUT_NO_CASE = frozenset(
    {
        MessageKind.REPORT_MADE,
        MessageKind.COUNT_IS_MISSING,
        MessageKind.ROOMS_CHANGED,
        MessageKind.CHANGE_ASKED,
        MessageKind.CHANGE_ANSWERED,
        MessageKind.SHEET_MADE,
        MessageKind.KEY_ENDS,
        MessageKind.WEBHOOK_DISABLED,
        MessageKind.WEBHOOK_TRIED,
    }
)


def told_to(act: Act) -> Callable[[Delivery], bool]:
    """Returns a filter for the deliveries that the actor may see. An actor with the reach `own` sees only messages that
    are about no case, and deliveries to webhooks of the actor's shelter (for an admin: of the centre).
    """
    if Permission.MESSAGES_READ.reach_of(act.actor) is not Reach.OWN:
        return lambda _: True
    own = frozenset(act.session.exec(select(Webhook.id).where(col(Webhook.shelter_id) == act.actor.shelter_id)))
    return lambda one: one.kind in ABOUT_NO_CASE or one.webhook_id in own
