"""Who there is to act: the accounts, and the invitations that are still open."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, literal, select, union_all
from sqlmodel import Session, col

from placement.core.codes import Role
from placement.tables import Account, Invitation, Organisation

_READ = "staff"


class StaffMember(NamedTuple):
    """Role, areas given, organisation and its shelter. `is_invited`: not there yet."""

    role: Role
    regions: list[str]
    organisation_id: str | None
    shelter_id: str | None
    is_invited: bool


def staff(session: Session, at: datetime) -> list[StaffMember]:
    """Of each enabled account and open invitation; read once a transaction, since what asks for it adds none."""
    known: list[StaffMember] | None = session.info.get(_READ)
    if known is None:
        known = session.info[_READ] = [StaffMember(*row) for row in session.execute(_query(at))]
    return known


def _query(at: datetime) -> CompoundSelect[Any]:
    accounts = (
        select(*_of(Account), literal(False)).join(Organisation, isouter=True).where(col(Account.disabled_at).is_(None))
    )
    invited = (
        select(*_of(Invitation), literal(True))
        .join(Organisation)
        .where(
            col(Invitation.withdrawn_at).is_(None),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.expires_at) > at,
        )
    )
    return union_all(accounts, invited)


def _of(table: type[Account | Invitation]) -> tuple[Any, ...]:
    return table.role, table.regions, table.organisation_id, Organisation.shelter_id
