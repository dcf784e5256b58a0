"""A person's settings for pushes and SMS about tonight's tasks: whether an SMS is sent, and quiet hours. A person
allows devices for pushes in `placement/outbox/push_devices.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid
from placement.crypto.encrypted_columns import is_readable
from placement.notifications.escalation import gets_sms
from placement.tables import AccountDetails, PushDevice


@dataclass(frozen=True, slots=True)
class RingChoice:
    """A person's settings for pushes and SMS. `quiet_from`, `quiet_until`: the hours in Amsterdam at which the quiet
    hours begin and end, or both `None`. `sms_trouble`: the code of the reason why the last SMS failed.
    """

    sms: bool = False
    quiet_from: int | None = None
    quiet_until: int | None = None
    sms_trouble: str | None = None


def read(act: Act) -> RingChoice:
    """Returns the actor's own settings, or the defaults."""
    row = act.session.get(AccountDetails, act.actor.id)
    if row is None or not is_readable(row.sms, row.quiet_from, row.quiet_until, row.sms_trouble):
        return RingChoice()
    return RingChoice(bool(row.sms), row.quiet_from, row.quiet_until, row.sms_trouble)


@needs(Permission.DETAILS_CHANGE)
def choose(act: Act, wanted: RingChoice) -> RingChoice:
    """Stores the actor's settings. Raises `Conflict` if the account has no name. Raises `Invalid` for SMS without a
    telephone number, for quiet hours without a beginning or an end, and for two equal hours.
    """
    row = act.session.get(AccountDetails, act.actor.id, with_for_update=True)
    if row is None:
        raise Conflict("details_needed")
    faults = [Fault("sms", "number_needed")] if wanted.sms and not row.telephone else []
    if (wanted.quiet_from is None) != (wanted.quiet_until is None):
        faults.append(Fault("quiet_from" if wanted.quiet_from is None else "quiet_until", "quiet_hour_missing"))
    elif wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_until:
        faults.append(Fault("quiet_until", "quiet_hours_same"))
    if faults:
        raise Invalid(faults)
    row.sms, row.quiet_from, row.quiet_until = wanted.sms, wanted.quiet_from, wanted.quiet_until
    row.sms_trouble = row.sms_trouble if wanted.sms else None
    audit_log.write(act, Event.DETAILS_CHANGED, subject=act.actor.id, changed=["sms", "quiet_from", "quiet_until"])
    return read(act)


def without_a_ring(session: Session, account_ids: Collection[str]) -> list[str]:
    """Returns the accounts that neither push nor SMS can reach. A channel cannot reach an account that did not choose
    the channel, or whose last message failed.
    """
    known = select(AccountDetails).where(col(AccountDetails.account_id).in_(sorted(account_ids)))
    by_sms = {one.account_id for one in session.exec(known) if gets_sms(one) and one.sms_trouble is None}
    theirs = select(PushDevice).where(col(PushDevice.account_id).in_(sorted(account_ids)))
    by_push = {one.account_id for one in session.exec(theirs) if one.ended_on is None and one.trouble is None}
    return sorted({*account_ids} - by_sms - by_push)
