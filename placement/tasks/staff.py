"""The staff: accounts and open invitations. The statement that reads them also reads the areas with open cases, so that
areas without a coordinator are found.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    String,
    cast,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlmodel import Session, col

from placement.areas.lookup import areas, reach_of
from placement.core.clock import day_of
from placement.core.codes import UNREGISTERED, RegistrationStatus, Role, Sees, roles_that_see
from placement.duty.hours import Duty
from placement.tables import Account, Invitation, OnCall, Organisation, Registration
from placement.tables.columns import expression

_READ = "staff"
_TO, _AND = "/", ","
_OPEN = frozenset(RegistrationStatus) - UNREGISTERED - {RegistrationStatus.CLOSED}
_TEXT, _LIST = cast(null(), String), cast(null(), JSON)
_OF_AREA = expression(Registration.region)
_AREA = type_coerce(_TEXT, _OF_AREA.type)
"""The empty value of the area column, in rows about persons."""
ROTA_FOR = timedelta(days=28)
"""The period in which a person must have been on call. Otherwise the rota is not maintained (assumed)."""


class StaffMember(NamedTuple):
    """A person with role, areas, organisation and shelter. `let_in_by`: the admins who requested the account's rights,
    or the invitation. `is_invited`: true if the person has not accepted the invitation yet. `called`: as text, the
    person's days on call in the last four weeks and in the future.
    """

    id: str
    role: Role
    regions: list[str]
    organisation_id: str | None
    shelter_id: str | None
    let_in_by: list[str]
    is_invited: bool
    called: str | None


class _Read(NamedTuple):
    people: list[StaffMember]
    with_cases: set[str]
    """The areas with open cases. Empty if the service never had a coordinator."""


def staff(session: Session, at: datetime) -> list[StaffMember]:
    """Returns each active account, and each open invitation for a new account."""
    return _read(session, at).people


def covered(session: Session, at: datetime) -> frozenset[str]:
    """Returns the areas that have a coordinator at work."""
    known, coordinating = areas(session, day_of(at)), roles_that_see(Sees.REGIONS)
    at_work = (one for one in staff(session, at) if one.role in coordinating and not one.is_invited)
    return frozenset(area for one in at_work for area in reach_of(known, one.regions, one.organisation_id))


def left_alone(session: Session, at: datetime) -> Sequence[str]:
    """Returns the areas with open cases but without a coordinator at work. The desk gets the tasks of these areas.
    Returns an empty list if the service never had coordinators.
    """
    return sorted(_read(session, at).with_cases - covered(session, at))


def are_two(people: Sequence[StaffMember]) -> bool:
    """Checks whether two of these admins are independent: neither requested the rights of the other (decision 0033)."""
    pairs = ((one, other) for number, one in enumerate(people) for other in people[number + 1 :])
    return any(one.id not in other.let_in_by and other.id not in one.let_in_by for one, other in pairs)


def _read(session: Session, at: datetime) -> _Read:
    """Returns the staff. The result is cached during a transaction, because the callers do not change it."""
    known: _Read | None = session.info.get(_READ)
    if known is None:
        known = session.info[_READ] = _Read([], set())
        for *one, let_in_by, asked_by, is_invited, called, area in session.execute(_query(at)):
            if area is None:
                by = [asked_by] if asked_by else let_in_by or []
                known.people.append(StaffMember(*(*one, by, is_invited, called)))
            else:
                known.with_cases.add(area)
    return known


def days_without_call(people: Iterable[StaffMember], duty: Duty, at: datetime) -> Sequence[date]:
    """Returns the days, until the next duty begins, on which nobody is on call. Empty if no rota is maintained."""
    called = [days for one in people if one.role.has_authority for days in _days(one.called)]
    first, ends = duty.day_of_call(at), day_of(duty.next_beginning(at))
    nights = [first + timedelta(days=number) for number in range((ends - first).days)]
    return [night for night in nights if called and not any(begins <= night <= until for begins, until in called)]


def _days(written: str | None) -> Iterator[tuple[date, date]]:
    """Yields the periods on call. Skips a malformed period, so that no page fails. Only manipulation can cause a
    malformed period.
    """
    for one in written.split(_AND) if written else ():
        first, _, last = one.partition(_TO)
        with suppress(ValueError):
            yield date.fromisoformat(first), date.fromisoformat(last)


def _query(at: datetime) -> CompoundSelect[object]:
    """Returns the query. Its result has a row with the fields of `StaffMember` for each person, followed by rows for
    the areas with open cases.
    """
    called = _called(day_of(at) - ROTA_FOR)
    accounts = (
        select(*_columns(*_of(Account), Account.let_in_by, _TEXT, literal(False), called, _AREA))
        .join(Organisation, isouter=True)
        .where(col(Account.disabled_at).is_(None))
    )
    invited = (
        select(*_columns(*_of(Invitation), _LIST, Invitation.asked_by, literal(True), _TEXT, _AREA))
        .join(Organisation)
        .where(
            col(Invitation.account_id).is_(None),
            col(Invitation.withdrawn_at).is_(None),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.expires_at) > at,
        )
    )
    no_person = _TEXT, _TEXT, _LIST, _TEXT, _TEXT, _LIST, _TEXT, literal(False), _TEXT
    coordinated = select(col(Account.id)).where(col(Account.role).in_(roles_that_see(Sees.REGIONS))).exists()
    with_cases = (
        select(*_columns(*no_person, _OF_AREA))
        .where(col(Registration.status).in_(_OPEN), coordinated)
        .group_by(_OF_AREA)
    )
    return union_all(accounts, invited, with_cases)


def _called(since: date) -> ColumnElement[str | None]:
    """Returns the days on which an account is on call, from `since` on. The days are returned as text, so that a single
    statement can read all staff.
    """
    days = cast(OnCall.starts_on, String) + _TO + cast(OnCall.ends_on, String)
    of_account = col(OnCall.account_id) == Account.id, col(OnCall.withdrawn_at).is_(None), col(OnCall.ends_on) >= since
    return select(func.aggregate_strings(days, _AND)).where(*of_account).correlate(Account).scalar_subquery()


def _of(table: type[Account | Invitation]) -> tuple[object, ...]:
    return table.id, table.role, table.regions, table.organisation_id, Organisation.shelter_id


def _columns(*given: object) -> tuple[Any, ...]:
    return given
