"""The persons of the desk on call, and the deadlines of decisions that wait for the desk outside duty hours."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import cast

from sqlmodel import Session, col, select

from placement.access import account_lookup
from placement.core.context import Act
from placement.core.errors import SealBroken
from placement.duty import deputies
from placement.duty.hours import Duty, duty_of
from placement.storage import row_seals
from placement.tables import Account, OnCall

AFTER_BEGINNING = timedelta(hours=1)
"""If nobody could decide outside the hours of duty, beds stay reserved until this time after duty begins."""


def on_call(session: Session, duty: Duty, at: datetime) -> Sequence[str]:
    """Returns the active accounts of the desk that are on call now. Ignores rota entries with an invalid seal."""
    day = duty.day_of_call(at)
    return _active(session, {account for account, first, last in _named(session) if first <= day <= last})


def next_on_call(session: Session, duty: Duty, at: datetime) -> Sequence[str]:
    """Returns the active accounts of the desk whose rota entries begin on the next day on which any entry begins."""
    later = [(first, account) for account, first, _ in _named(session) if first > duty.day_of_call(at)]
    soonest = min((first for first, _ in later), default=None)
    return _active(session, {account for first, account in later if first == soonest})


def _named(session: Session) -> Iterator[tuple[str, date, date]]:
    """Yields account, first and last day of each valid rota entry."""
    for entry, holds in _entries(session):
        if holds and entry["withdrawn_at"] is None:
            first, last = (cast("date", entry[name]) for name in ("starts_on", "ends_on"))
            yield str(entry["account_id"]), first, last


def _active(session: Session, named: Collection[str]) -> Sequence[str]:
    if not named:
        return []
    can_act = select(Account).where(col(Account.id).in_(named), col(Account.disabled_at).is_(None))
    return [one.id for one in session.exec(can_act.order_by(Account.id)) if one.role.has_authority]


def require_sealed(session: Session) -> None:
    """Raises `SealBroken` if a rota entry has an invalid seal, because the persons on call are then unknown."""
    for entry, holds in _entries(session):
        if not holds:
            raise SealBroken(OnCall.__name__.lower(), str(entry["id"]))


def _entries(session: Session) -> Iterator[tuple[dict[str, object], bool]]:
    """Yields every stored rota entry with a flag: true if its seal is valid and its row is not in doubt."""
    for page in row_seals.pages(session, OnCall):
        yield from ((entry, row_seals.is_ours(session, OnCall, entry)) for entry in page)


def on_duty(act: Act) -> Sequence[str]:
    """Returns the accounts of the desk that can be asked now. In the hours of duty, these are the persons who are not
    away; at other times, the persons on call.
    """
    if duty_of(act.settings).is_on(act.at):
        return deputies.there(act.session, account_lookup.desk_at_work(act.session), act.day)
    return on_call(act.session, duty_of(act.settings), act.at)


def others_on_duty(act: Act, *, than: str | None = None) -> bool:
    """Checks whether another person of the desk can be asked now. `than`: the account to ignore, by default the
    actor's.
    """
    return bool(set(on_duty(act)) - {than or act.actor.id})


def desk_answers_until(act: Act, decided_by: str) -> datetime:
    """Returns the time until which beds are reserved for a decision that waits for the desk.

    - If a person other than the decider is on call: the usual end of a hold.
    - If the desk is on duty now and at the usual end of a hold: that end.
    - Otherwise: the usual end of a hold or an hour after duty begins, whichever is later.
    """
    duty, until = duty_of(act.settings), act.at + act.settings.hold_lifetime
    covered = duty.is_on(act.at) and duty.is_on(until)
    if covered or set(on_call(act.session, duty, act.at)) - {decided_by}:
        return until
    return max(until, desk_confirms_by(duty, act.at))


def desk_confirms_by(duty: Duty, decided_at: datetime) -> datetime:
    """Returns the desk's deadline for a decision outside the hours of duty: an hour after duty begins again."""
    return duty.next_beginning(decided_at) + AFTER_BEGINNING
