"""The rota, which names the persons of the desk who are on call, by day. The desk enters and withdraws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from placement.access import account_lookup
from placement.access.account_lookup import account_of
from placement.access.account_names import named
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.ids import new_id
from placement.duty import on_call
from placement.duty.absences import wrong_days
from placement.duty.hours import duty_of
from placement.tables import OnCall


@dataclass(frozen=True, slots=True)
class Rota:
    """The rota. `items`: entries that are not over, earliest first. `desk`: persons who can be on call. `now`: persons
    who are on call. `begins_at`: the next beginning of duty. `without_number`: all of these persons who have no
    telephone number.
    """

    items: Sequence[OnCall]
    desk: Sequence[str]
    now: Sequence[str]
    on_duty: bool
    begins_at: datetime
    without_number: Sequence[str]


@needs(Permission.ON_CALL_READ)
def rota(act: Act) -> Rota:
    duty = duty_of(act.settings)
    audit_log.write(act, Event.ON_CALL_LISTED)
    items, desk = _current(act), account_lookup.desk_at_work(act.session)
    now = on_call.on_call(act.session, duty, act.at)
    known = named(act.session, [*(one.account_id for one in items), *desk, *now])
    without = [account for account, one in known.items() if not one.has_number]
    return Rota(items, desk, now, duty.is_on(act.at), duty.next_beginning(act.at), without)


@needs(Permission.ON_CALL_CHANGE)
def name(act: Act, account_id: str, starts_on: date, ends_on: date) -> OnCall:
    """Puts a person of the desk on call for these days, both included. The first day is the current day of call or
    later. Raises `Invalid` for a wrong person or day. Raises `Conflict` if the person is already on call on such a day.
    """
    faults: list[Fault] = []
    if account_id not in account_lookup.desk_at_work(act.session):
        faults.append(Fault("account", "not_of_the_desk"))
    today = duty_of(act.settings).day_of_call(act.at)
    faults += wrong_days(today, starts_on, ends_on)
    if starts_on < today <= ends_on:
        faults.append(Fault("starts_on", "day_is_past"))
    if faults:
        raise Invalid(faults)
    account_of(act.session, account_id, lock=True)
    if any(
        one.account_id == account_id and one.starts_on <= ends_on and starts_on <= one.ends_on for one in _current(act)
    ):
        raise Conflict("on_call_overlaps")
    made = OnCall(
        id=new_id("Y"),
        account_id=account_id,
        starts_on=starts_on,
        ends_on=ends_on,
        named_by=act.actor.id,
        named_at=act.at,
    )
    act.session.add(made)
    act.session.flush()
    days = [starts_on.isoformat(), ends_on.isoformat()]
    audit_log.write(act, Event.ON_CALL_NAMED, subject=made.id, account=account_id, days=days)
    return made


@needs(Permission.ON_CALL_CHANGE)
def withdraw(act: Act, on_call_id: str) -> OnCall:
    """Ends an entry of the rota from now on. Raises `NotFound` if the entry is over."""
    found = existing(next((one for one in _current(act) if one.id == on_call_id), None))
    found.withdrawn_at = act.at
    audit_log.write(act, Event.ON_CALL_WITHDRAWN, subject=found.id)
    return found


def _current(act: Act) -> Sequence[OnCall]:
    today = duty_of(act.settings).day_of_call(act.at)
    standing = select(OnCall).where(col(OnCall.withdrawn_at).is_(None), col(OnCall.ends_on) >= today)
    return act.session.exec(standing.order_by(col(OnCall.starts_on), OnCall.id)).all()
