"""Browsers that get pushes: how a person allows and removes them, and how the answers of push services are stored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from placement.access.account_lookup import account_of
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.codes import MessageKind
from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.ids import fingerprint, new_id
from placement.core.settings import Settings
from placement.outbox import outbox, web_push, webhook_client
from placement.outbox.outbox import Result
from placement.tables import PushDevice
from placement.tables.message import Copy

MOST = 5
"""The largest number of devices of a person."""
LONGEST_NAME = 60


def of_account(session: Session, account_id: str) -> Sequence[PushDevice]:
    """Returns a person's devices, oldest first, including devices that must be allowed again."""
    theirs = select(PushDevice).where(PushDevice.account_id == account_id)
    return session.exec(theirs.order_by(col(PushDevice.made_on), PushDevice.id)).all()


def of_all(session: Session, account_ids: Collection[str]) -> Mapping[str, list[str]]:
    """Returns the ids of the devices that can get pushes, by account."""
    live = select(PushDevice.account_id, PushDevice.id).where(col(PushDevice.ended_on).is_(None))
    found: dict[str, list[str]] = {}
    for account, device in session.exec(live.where(col(PushDevice.account_id).in_(sorted(account_ids)))):
        found.setdefault(account, []).append(device)
    return found


@needs(Permission.DETAILS_CHANGE)
def allow(act: Act, name: str, subscription: Mapping[str, str]) -> PushDevice:
    """Stores a browser that the actor allowed, and sends a first message to it. Replaces the row of a known browser.

    Raises `Invalid` for wrong keys, or for an address that is not public. Raises `Conflict` if the actor has too many
    devices.
    """
    endpoint, p256dh, auth = (subscription[part] for part in ("endpoint", "p256dh", "auth"))
    wrong = webhook_client.fault_of(endpoint, local=act.settings.plain_http)
    faults = [Fault("endpoint", wrong)] if wrong else []
    if not web_push.are_keys(p256dh, auth):
        faults.append(Fault("p256dh", "push_keys_wrong"))
    if faults:
        raise Invalid(faults)
    account_of(act.session, act.actor.id, lock=True)
    for known in act.session.exec(select(PushDevice).where(PushDevice.fingerprint == fingerprint(endpoint))).all():
        act.session.delete(known)  # the same browser, allowed earlier by this person or by another
        audit_log.write(act, Event.DEVICE_REMOVED, subject=known.id, account=known.account_id, why="allowed_again")
    act.session.flush()
    if len(of_all(act.session, [act.actor.id]).get(act.actor.id, ())) >= MOST:
        raise Conflict("too_many_devices", most=MOST)
    made = PushDevice(
        id=new_id("V"),
        account_id=act.actor.id,
        fingerprint=fingerprint(endpoint),
        subscription={"endpoint": endpoint, "p256dh": p256dh, "auth": auth},
        name=name.strip(),
        made_on=act.day,
    )
    act.session.add(made)
    act.session.flush()
    audit_log.write(act, Event.DEVICE_ALLOWED, subject=made.id)
    copy = Copy(account_id=act.actor.id, device_id=made.id, next_at=act.at, try_until=act.at + web_push.KEPT_FOR)
    outbox.put_copies(act, MessageKind.DEVICE_ALLOWED, f"allowed {made.id}", [copy], {})
    return made


@needs(Permission.DETAILS_CHANGE)
def remove(act: Act, device_id: str) -> PushDevice:
    theirs = select(PushDevice).where(PushDevice.id == device_id, PushDevice.account_id == act.actor.id)
    found = existing(act.session.exec(theirs).first())
    act.session.delete(found)
    audit_log.write(act, Event.DEVICE_REMOVED, subject=found.id)
    return found


def note(session: Session, settings: Settings, at: datetime, device_id: str, result: Result) -> None:
    """Stores the answer of a push service. If the push service no longer knows the browser, erases the browser's
    address. The row remains, so that its owner sees that the browser must be allowed again.
    """
    row = session.exec(select(PushDevice).where(PushDevice.id == device_id).with_for_update()).first()
    if row is None or row.ended_on is not None:
        return
    row.trouble = result.trouble
    if result.trouble in web_push.GONE:
        row.subscription, row.ended_on, row.fingerprint = None, day_of(at), fingerprint(row.id)
        act = Act(session, SYSTEM, at, settings)
        audit_log.write(act, Event.DEVICE_REMOVED, subject=row.id, account=row.account_id, why=result.trouble)
