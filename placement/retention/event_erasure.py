"""Erasure of events and of the rows of their members."""

from collections.abc import Sequence

from sqlmodel import col, select

from placement.core.context import Act
from placement.storage.field_sealing import destroy_keys
from placement.tables import EventMember, EventPlan, MassEvent


def erase_events(act: Act, ids: Sequence[str]) -> None:
    """Deletes events with their plans and the rows of their members, and destroys the keys. Cases stay as they are."""
    events = act.session.exec(select(MassEvent).where(col(MassEvent.id).in_(ids))).all()
    members = act.session.exec(select(EventMember).where(col(EventMember.event_id).in_(ids))).all()
    plans = act.session.exec(select(EventPlan).where(col(EventPlan.event_id).in_(ids))).all()
    _erase(act, [*members, *plans, *events])


def erase_members_of_cases(act: Act, registration_ids: Sequence[str]) -> None:
    """Deletes the rows of these cases in events, and destroys their keys. Deletes every plan, because it contains facts
    of all clients who waited; a user makes a new plan when needed.
    """
    query = select(EventMember).where(col(EventMember.registration_id).in_(registration_ids))
    _erase(act, [*act.session.exec(query), *(act.session.exec(select(EventPlan)) if registration_ids else ())])


def _erase(act: Act, rows: Sequence[EventMember | EventPlan | MassEvent]) -> None:
    for row in rows:
        act.session.delete(row)
    act.session.flush()
    destroy_keys(act, [row.key_owner for row in rows])
