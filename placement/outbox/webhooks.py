"""Webhooks, their owners and their secrets. A webhook that accepts nothing is disabled after some time. Staff of a
shelter see and change the webhooks of that shelter. An admin sees and disables all webhooks, but makes only webhooks of
the coordination centre. The reason: a webhook of a shelter discloses every hold of that shelter.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.permissions import Permission, Reach, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import MessageKind, MessageStatus
from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, Fault, Invalid, NotFound, existing
from placement.core.ids import new_id
from placement.core.settings import Settings
from placement.outbox import deliveries, outbox, recipients, webhook_client
from placement.outbox.deliveries import Delivery
from placement.outbox.outbox import Result
from placement.outbox.webhook_events import TrialEventData, event_of
from placement.storage import outage
from placement.storage.database import Database
from placement.tables import Webhook

Subscribed = Literal[
    MessageKind.HOLD_ASKED,
    MessageKind.HOLD_SETTLED,
    MessageKind.HOLD_RELEASED,
    MessageKind.HOLD_EXPIRED,
    MessageKind.ROOMS_CHANGED,
    MessageKind.TELEPHONE_ENTERED,
    MessageKind.TASK_DUE,
    MessageKind.REPORT_MADE,
]
"""The events to which software can subscribe. Software of a shelter can subscribe to all of them, software of the
centre to some.
"""
OF_A_SHELTER: tuple[MessageKind, ...] = get_args(Subscribed)
OF_THE_CENTRE = (MessageKind.TASK_DUE, MessageKind.REPORT_MADE)

ALL_FOR = timedelta(hours=24)
"""The time for which the former secrets also sign after a new secret was made."""

_FORMER = 5
"""The largest number of former secrets that sign (assumed). Each former secret makes the header of a call longer."""

DISABLED_AFTER = timedelta(days=3)  # assumed: the same as `TRIED_FOR`
_MOST = 10
"""The largest number of active webhooks of a shelter, or of the centre (assumed)."""


def listed(act: Act) -> SelectOfScalar[Webhook]:
    query = select(Webhook).order_by(col(Webhook.made_at), Webhook.id)
    return (
        query
        if Permission.WEBHOOKS_READ.reach_of(act.actor) is Reach.ALL
        else query.where(Webhook.shelter_id == act.actor.shelter_id)
    )


@needs(Permission.WEBHOOK_CHANGE)
def make(act: Act, url: str, kinds: Sequence[MessageKind]) -> tuple[str, Webhook]:
    """Makes a webhook for the actor's shelter, or for the centre if the actor is an admin. Returns its secret, which is
    shown only once.
    """
    shelter_id = act.actor.shelter_id
    _require_fitting(act.settings, url, kinds, OF_THE_CENTRE if shelter_id is None else OF_A_SHELTER)
    _require_room(act)
    secret = new_secret()
    made = Webhook(
        id=new_id("W"),
        shelter_id=shelter_id,
        url=url,
        kinds=sorted({kind.value for kind in kinds}),
        secret=secret,
        made_at=act.at,
        made_by=act.actor.id,
    )
    act.session.add(made)
    audit_log.write(act, Event.WEBHOOK_MADE, subject=made.id, shelter=shelter_id, kinds=made.kinds)
    return secret, made


@needs(Permission.WEBHOOK_CHANGE)
def rotate(act: Act, webhook_id: str) -> tuple[str, Webhook]:
    """Makes a new secret. For a day each event is also signed with the former secrets, even if the secret is changed
    again meanwhile. After a leak, make a new webhook instead of a new secret.
    """
    row = _own(act, webhook_id)
    secret = new_secret()
    former = [*_former(row, act.at), row.secret][-_FORMER:]
    row.former_secret, row.former_until, row.secret = " ".join(former), act.at + ALL_FOR, secret
    audit_log.write(act, Event.WEBHOOK_SECRET_ROTATED, subject=row.id)
    return secret, row


@needs(Permission.WEBHOOK_DISABLE)
def disable(act: Act, webhook_id: str) -> Webhook:
    """Disables a webhook, so that nothing more is sent to it. Safe to repeat."""
    row = _one(act, listed(act), webhook_id)
    _shut(act, row)
    return row


@needs(Permission.WEBHOOK_CHANGE)
def enable(act: Act, webhook_id: str) -> Webhook:
    """Enables a webhook for later events. Failed deliveries can then be tried again. Raises `Conflict` if the address
    was erased, or if too many webhooks are active.
    """
    row = _own(act, webhook_id)
    if not row.url:
        raise Conflict("webhook_without_address")
    if row.disabled_at is not None:
        _require_room(act)
    row.disabled_at = row.failing_since = None
    audit_log.write(act, Event.WEBHOOK_ENABLED, subject=row.id)
    return row


def try_it(act: Act, webhook_id: str) -> Webhook:
    """Sends a test event, which is delivered like any other event. Raises `Conflict` if the webhook is disabled, or if
    it was tested in the same minute.
    """
    row = _own(act, webhook_id)
    if row.disabled_at is not None:
        raise Conflict("webhook_is_disabled")
    once = f"tried {row.id} {act.at:%Y-%m-%dT%H:%M}"
    said = TrialEventData(webhook=row.id)
    if not outbox.put_event(act, MessageKind.WEBHOOK_TRIED, once, [row.id], said, calls_until=act.at):
        raise Conflict("webhook_tried_just_now")
    audit_log.write(act, Event.WEBHOOK_TRIED, subject=row.id)
    return row


def sent_to(act: Act, webhook_id: str, status: MessageStatus | None) -> list[Delivery]:
    """Returns the events that were sent to a webhook, newest first. Old events are deleted (`schedule.py`). Raises
    `NotFound` if the actor may not see the webhook.
    """
    if act.session.exec(listed(act).where(Webhook.id == webhook_id)).first() is None:
        raise NotFound
    return deliveries.found(act.session, status, webhook_id)


def end_made_by(act: Act, account_id: str) -> None:
    """Disables the webhooks of a user who left, and erases their addresses. Notifies the users who can make new
    webhooks.
    """
    for row in act.session.exec(select(Webhook).where(Webhook.made_by == account_id)).all():
        if row.disabled_at is None:
            _shut(act, row)
            _notify(act, row)
        row.url = ""


def shelter_of(database: Database, webhook_id: str) -> str | None:
    """Returns the shelter that owns a webhook. Returns `None` if the centre owns the webhook."""
    with database.transaction() as session:
        return session.exec(select(Webhook.shelter_id).where(Webhook.id == webhook_id)).one()


def failing_since(database: Database, webhook_id: str) -> datetime | None:
    """Returns the time since which a webhook has accepted no event. Returns `None` if the webhook accepted the last
    event.
    """
    with database.transaction() as session:
        return session.exec(select(Webhook.failing_since).where(Webhook.id == webhook_id)).one()


def failing(database: Database) -> list[str]:
    """Returns the webhooks that did not accept the last event."""
    with database.transaction() as session:
        return list(session.exec(select(Webhook.id).where(col(Webhook.failing_since).is_not(None))))


def call_for(session: Session, message: Delivery, at: datetime) -> webhook_client.Call | None:
    """Returns the call that delivers a message. Returns `None` if the webhook is disabled."""
    row = session.get_one(Webhook, message.webhook_id)
    if row.disabled_at is not None:
        return None
    body = event_of(message.kind, message.made_at, message.facts).body()
    return webhook_client.Call(message.id, row.url, body, [row.secret, *_former(row, at)], at)


def note(session: Session, settings: Settings, at: datetime, webhook_id: str, result: Result) -> None:
    """Stores the result of a call. Disables a webhook that accepted no event for `DISABLED_AFTER`, or that answered 410
    (gone).
    """
    row = session.exec(select(Webhook).where(Webhook.id == webhook_id).with_for_update()).one()
    if result.trouble is None:
        row.failing_since = None
        return
    row.failing_since = row.failing_since or at
    tried_for = at - row.failing_since - outage.away_since(session, row.failing_since)
    gone = result.trouble == webhook_client.GONE or tried_for >= DISABLED_AFTER
    if gone and row.disabled_at is None:
        act = Act(session, SYSTEM, at, settings)
        _shut(act, row)
        _notify(act, row)


def _former(row: Webhook, at: datetime) -> list[str]:
    """Returns the former secrets that still sign calls, oldest first."""
    signs = row.former_until is not None and at < row.former_until
    return row.former_secret.split() if signs and row.former_secret else []


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _require_room(act: Act) -> None:
    """Raises `Conflict` if the actor's shelter, or for an admin the centre, may not have more active webhooks."""
    theirs = col(Webhook.shelter_id) == act.actor.shelter_id, col(Webhook.disabled_at).is_(None)
    if len(act.session.exec(select(Webhook.id).where(*theirs)).all()) >= _MOST:
        raise Conflict("webhooks_enough", most=_MOST)


def _shut(act: Act, row: Webhook) -> None:
    row.disabled_at = row.disabled_at or act.at
    outbox.fail_all_to(act, row.id, "webhook_disabled")
    audit_log.write(act, Event.WEBHOOK_DISABLED, subject=row.id)


def _notify(act: Act, row: Webhook) -> None:
    """Puts a mail in the outbox for the users who can make another webhook: the staff of the shelter, or the admins."""
    session = act.session
    if row.shelter_id is None:
        to = recipients.admins(session, act.day)
    else:
        to = recipients.staff_of(session, row.shelter_id, act.day)
    once = f"disabled {row.id} {act.at.isoformat()}"
    outbox.put(act, MessageKind.WEBHOOK_DISABLED, once, accounts=to, webhook=row.id)


def _own(act: Act, webhook_id: str) -> Webhook:
    """Returns a webhook of the actor's shelter, locked. If the actor is an admin, the webhook must be of the centre.
    Otherwise raises `NotFound`.
    """
    return _one(act, listed(act).where(Webhook.shelter_id == act.actor.shelter_id), webhook_id)


def _one(act: Act, theirs: SelectOfScalar[Webhook], webhook_id: str) -> Webhook:
    return existing(act.session.exec(theirs.where(Webhook.id == webhook_id).with_for_update()).first())


def _require_fitting(
    settings: Settings, url: str, kinds: Sequence[MessageKind], allowed: Sequence[MessageKind]
) -> None:
    wrong = webhook_client.fault_of(url, local=settings.plain_http)
    faults = [Fault("url", wrong)] if wrong else []
    if not set(kinds) <= set(allowed):
        faults.append(Fault("kinds", "not_listed", {"expected": [one.value for one in allowed]}))
    if faults:
        raise Invalid(faults)
