"""Absences. A person enters the days of an absence, and can name a deputy, who is notified during these days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import col, select

from placement.access import account_lookup
from placement.access.account_lookup import account_of
from placement.access.permissions import Permission, needs
from placement.areas.lookup import areas
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Sees
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.ids import new_id
from placement.duty.deputies import cover, fits
from placement.tables import Absence, Account

LONGEST = timedelta(days=366)
"""The longest absence (assumed)."""


@dataclass(frozen=True, slots=True)
class NamedAbsence:
    """An absence, and the groups that have nobody present on some day of it. The desk is notified of these groups."""

    absence: Absence
    desk_told: bool
    desk_empty: bool
    """True if the absence is of a person of the desk, and on some day nobody of the desk is present."""
    regions: tuple[str, ...] = ()
    """Only for a coordinator: the coordinator's regions in which nobody else is present on some day."""


@needs(Permission.ABSENCE_CHANGE)
def name(act: Act, starts_on: date, ends_on: date, deputy_id: str | None) -> NamedAbsence:
    """Enters an absence of the actor. Raises `Invalid` if the days or the deputy do not fit. Raises `Conflict` if
    another absence of the actor overlaps it.
    """
    account = account_of(act.session, act.actor.id, lock=True)
    faults = wrong_days(act.day, starts_on, ends_on)
    if deputy_id is not None and deputy_id not in {one.id for one in _deputies(act, account)}:
        faults.append(Fault("deputy", "deputy_does_not_fit"))
    if faults:
        raise Invalid(faults)
    if any(one.starts_on <= ends_on and starts_on <= one.ends_on for one in _mine(act)):
        raise Conflict("absence_overlaps")
    made = Absence(
        id=new_id("Y"),
        account_id=account.id,
        starts_on=starts_on,
        ends_on=ends_on,
        deputy_id=deputy_id,
        named_at=act.at,
    )
    act.session.add(made)
    act.session.flush()
    days = [starts_on.isoformat(), ends_on.isoformat()]
    audit_log.write(act, Event.ABSENCE_NAMED, subject=made.id, days=days, deputy=deputy_id)
    return _left_open(act, made)


@needs(Permission.ABSENCE_CHANGE)
def withdraw(act: Act, absence_id: str) -> NamedAbsence:
    """Ends an absence of the actor from now on. Raises `NotFound` if the absence is past, or another person's."""
    found = existing(next((one for one in _mine(act) if one.id == absence_id), None))
    left_open = _left_open(act, found)
    found.withdrawn_at = act.at
    audit_log.write(act, Event.ABSENCE_WITHDRAWN, subject=found.id)
    return left_open


@needs(Permission.ABSENCE_READ)
def mine(act: Act) -> tuple[Sequence[NamedAbsence], Sequence[str]]:
    """Returns the actor's absences that are not over, the next first, and the accounts that can be deputies."""
    audit_log.write(act, Event.ABSENCES_LISTED)
    deputies = [one.id for one in _deputies(act, account_of(act.session, act.actor.id))]
    return [_left_open(act, one) for one in _mine(act)], deputies


def _deputies(act: Act, account: Account) -> Sequence[Account]:
    at_work = select(Account).where(col(Account.disabled_at).is_(None))
    known = areas(act.session, act.day)
    return [one for one in act.session.exec(at_work.order_by(Account.id)) if fits(account, one, known)]


def _mine(act: Act) -> Sequence[Absence]:
    return act.session.exec(
        select(Absence)
        .where(Absence.account_id == act.actor.id, col(Absence.withdrawn_at).is_(None), col(Absence.ends_on) >= act.day)
        .order_by(col(Absence.starts_on))
    ).all()


def wrong_days(today: date, starts_on: date, ends_on: date) -> list[Fault]:
    if ends_on < starts_on:
        return [Fault("ends_on", "ends_before_it_starts")]
    if ends_on < today:
        return [Fault("ends_on", "day_is_past")]
    return [Fault("ends_on", "absence_too_long", {"days": LONGEST.days})] if ends_on - starts_on > LONGEST else []


def _left_open(act: Act, absence: Absence) -> NamedAbsence:
    """Returns the absence with the person's groups (regions, shelter or desk) that have nobody on some coming day."""
    covered = cover(act.session, absence.starts_on, absence.ends_on)
    first = max(absence.starts_on, act.day)
    days = [first + timedelta(days=more) for more in range((absence.ends_on - first).days + 1)]
    without = [name for name, ids in _groups(act).items() if any(not covered.is_anyone_there(ids, day) for day in days)]
    at_desk, by_region = act.actor.role.has_authority, act.actor.role.sees is Sees.REGIONS
    return NamedAbsence(
        absence, bool(without) and not at_desk, bool(without) and at_desk, tuple(without if by_region else ())
    )


def _groups(act: Act) -> Mapping[str, Sequence[str]]:
    """Returns the enabled accounts of each group of the actor, also those that are away. A group is a region of the
    actor, the shelter, or the desk.
    """
    if act.actor.role.has_authority:
        return {act.actor.role: account_lookup.desk_at_work(act.session)}
    if act.actor.shelter_id is not None:
        return {act.actor.shelter_id: account_lookup.staff_at_work(act.session, act.actor.shelter_id)}
    return {one: account_lookup.coordinators_at_work(act.session, one, act.day) for one in sorted(act.actor.regions)}
