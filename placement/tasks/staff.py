"""Who there is to act: the accounts, and the invitations that are still open."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, String, cast, func, literal, null, select, union_all
from sqlmodel import Session, col

from placement.core.clock import day_of
from placement.core.codes import Role
from placement.core.duty import Duty
from placement.tables import Account, Invitation, OnCall, Organisation

_READ = "staff"
_TO, _AND = "/", ","
ROTA_FOR = timedelta(days=28)
"""A rota is kept where an account was on call so lately (assumed)."""


class StaffMember(NamedTuple):
    """Role, areas given, organisation and its shelter. `is_invited`: not there yet. `called`: the times on call of the
    last four weeks and to come, as text.
    """

    role: Role
    regions: list[str]
    organisation_id: str | None
    shelter_id: str | None
    is_invited: bool
    called: str | None


def staff(session: Session, at: datetime) -> list[StaffMember]:
    """Of each enabled account and open invitation; read once a transaction, since what asks for it adds none."""
    known: list[StaffMember] | None = session.info.get(_READ)
    if known is None:
        known = session.info[_READ] = [StaffMember(*row) for row in session.execute(_query(at))]
    return known


def days_without_call(people: Iterable[StaffMember], duty: Duty, at: datetime) -> Sequence[date]:
    """The days of call, from now until duty begins next, on which nobody can answer; none where no rota is kept."""
    called = [days for one in people if one.role.has_authority for days in _days(one.called)]
    first, ends = duty.day_of_call(at), day_of(duty.next_beginning(at))
    nights = [first + timedelta(days=number) for number in range((ends - first).days)]
    return [night for night in nights if called and not any(begins <= night <= until for begins, until in called)]


def _days(written: str | None) -> Iterator[tuple[date, date]]:
    """Without an entry that holds no days, which the service did not write: it names nobody, and stops no page."""
    for one in written.split(_AND) if written else ():
        first, _, last = one.partition(_TO)
        with suppress(ValueError):
            yield date.fromisoformat(first), date.fromisoformat(last)


def _query(at: datetime) -> CompoundSelect[Any]:
    accounts = (
        select(*_of(Account), literal(False), _called(day_of(at) - ROTA_FOR))
        .join(Organisation, isouter=True)
        .where(col(Account.disabled_at).is_(None))
    )
    invited = (
        select(*_of(Invitation), literal(True), cast(null(), String))
        .join(Organisation)
        .where(
            col(Invitation.withdrawn_at).is_(None),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.expires_at) > at,
        )
    )
    return union_all(accounts, invited)


def _called(since: date) -> ColumnElement[str | None]:
    """The days on call of an account since this one, as text: one statement for all that is known of the staff."""
    days = cast(OnCall.starts_on, String) + _TO + cast(OnCall.ends_on, String)
    of_account = col(OnCall.account_id) == Account.id, col(OnCall.withdrawn_at).is_(None), col(OnCall.ends_on) >= since
    return select(func.aggregate_strings(days, _AND)).where(*of_account).correlate(Account).scalar_subquery()


def _of(table: type[Account | Invitation]) -> tuple[Any, ...]:
    return table.role, table.regions, table.organisation_id, Organisation.shelter_id
