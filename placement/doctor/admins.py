"""The check that enough admins exist to invite users."""

from collections.abc import Iterator

from sqlmodel import Session, col, func, select

from placement.access.permissions import Permission
from placement.core import clock
from placement.doctor.findings import Finding, Found
from placement.tables import Invitation
from placement.tasks.staff import are_two, staff

_INVITERS = frozenset(Permission.ACCOUNT_INVITE.reach)


def admins(session: Session) -> Iterator[Finding]:
    people = [one for one in staff(session, clock.now()) if one.role in _INVITERS]
    at_work = [one for one in people if not one.is_invited]
    if not people:
        last = select(func.max(Invitation.expires_at)).where(col(Invitation.role).in_(_INVITERS))
        ended = session.exec(last.where(col(Invitation.accepted_at).is_(None))).one()
        yield Finding(Found.ADMINS_NONE, {"at": ended.isoformat(timespec="seconds") if ended else "-"})
    elif not at_work:
        yield Finding(Found.ADMINS_INVITED)
    elif not are_two(people):
        yield Finding(Found.ADMINS_ALONE)
    else:
        yield Finding(Found.ADMINS_WELL, {"count": len(at_work)})
