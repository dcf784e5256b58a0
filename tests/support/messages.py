"""Messages of the outbox, by recipient, for tests."""

from typing import Any

from sqlmodel import Session

from placement.core.codes import MessageKind, MessageStatus
from placement.outbox import deliveries
from placement.outbox.deliveries import Delivery
from tests.support.town import Town


def deliveries_in(session: Session, kind: MessageKind | None = None) -> list[Delivery]:
    """Returns the deliveries, the oldest first."""
    found = sorted(deliveries.found(session, None), key=lambda one: (one.made_at, one.account_id or "", one.id))
    return [one for one in found if kind in {None, one.kind}]


def sent(town: Town, kind: MessageKind | None = None) -> list[Delivery]:
    with town.database.transaction() as session:
        return deliveries_in(session, kind)


def settle_all(
    session: Session, status: MessageStatus, at: Any, *, kind: MessageKind | None = None, **values: Any
) -> str:
    """Gives this end to every copy of every message, or of those of this kind; returns the id of the last copy."""
    found = [one for one in deliveries_in(session) if kind in {None, one.kind}]
    for one in found:
        row = deliveries.locked(session, one.id.rpartition("-")[0])
        assert row is not None
        deliveries.change(row, at, lambda _: True, status=status, settled_at=at, **values)
    return found[-1].id
