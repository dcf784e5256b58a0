"""Who of the desk is on call, and until when a decision waits for the desk out of the hours of duty."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from placement.core.context import Act
from placement.core.duty import Duty
from placement.tables import Account, OnCall

AFTER_BEGINNING = timedelta(hours=1)
"""A decision that nobody could answer out of hours is kept until so long after duty begins (design)."""


def on_call(session: Session, duty: Duty, at: datetime) -> Sequence[str]:
    """The accounts that are on call now and can act: of the desk, not disabled."""
    day = duty.day_of_call(at)
    named = (
        select(Account)
        .join(OnCall, col(OnCall.account_id) == Account.id)
        .where(col(OnCall.withdrawn_at).is_(None), col(OnCall.starts_on) <= day, col(OnCall.ends_on) >= day)
        .where(col(Account.disabled_at).is_(None))
        .order_by(Account.id)
    )
    return [one.id for one in session.exec(named) if one.role.has_authority]


def desk_answers_until(act: Act, decided_by: str) -> datetime:
    """Until when the beds of a decision that waits for the desk are kept: for the time of a hold while the desk is on
    duty, or another one than who decided is on call; else until an hour after duty begins.
    """
    duty, until = act.settings.duty, act.at + act.settings.hold_lifetime
    covered = duty.is_on(act.at) and duty.is_on(until)
    if covered or set(on_call(act.session, duty, act.at)) - {decided_by}:
        return until
    return max(until, desk_confirms_by(duty, act.at))


def desk_confirms_by(duty: Duty, decided_at: datetime) -> datetime:
    """By when the desk answers what was decided out of the hours of duty: an hour after they begin."""
    return duty.next_beginning(decided_at) + AFTER_BEGINNING
