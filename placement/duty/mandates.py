"""Standing mandates. By a mandate the desk approves decisions in advance: for certain schemes and days, a coordinator
may accept first proposals. A mandate is used only if nobody of the desk can be asked. The decision is then carried out
at once, and is provisional until the desk confirms it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import col, select

from placement.access.account_lookup import active_account
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Scheme
from placement.core.context import Act
from placement.core.duty_codes import OutOfHours
from placement.core.errors import Conflict, Fault, Invalid, NotFound
from placement.core.ids import new_id
from placement.duty import on_call
from placement.duty.hours import duty_of
from placement.tables import Decision, Mandate

DESK_SCHEMES = frozenset({Scheme.COSM, Scheme.OMM})
"""The schemes in which only CoMensha places clients: COSM, and OMM by way of COSM (`docs/domain.md`, 1.3)."""

LONGEST = timedelta(days=92)
"""The longest duration of a mandate (assumed: a quarter)."""


@dataclass(frozen=True, slots=True)
class Mandates:
    """The mandates that are not over, earliest first, and the schemes that a mandate can cover."""

    items: Sequence[Mandate]
    schemes: Sequence[Scheme]


@needs(Permission.MANDATES_READ)
def listed(act: Act) -> Mandates:
    audit_log.write(act, Event.MANDATES_LISTED)
    items = act.session.exec(
        select(Mandate).where(col(Mandate.ends_on) >= act.day).order_by(col(Mandate.starts_on), Mandate.id)
    ).all()
    return Mandates(items, sorted(DESK_SCHEMES))


def named(act: Act, ids: Collection[str]) -> Mapping[str, Mandate]:
    """Returns the mandates with these ids that still exist."""
    found = act.session.exec(select(Mandate).where(col(Mandate.id).in_(ids))) if ids else ()
    return {one.id: one for one in found}


@needs(Permission.MANDATE_GIVE)
def give(act: Act, schemes: Sequence[Scheme], starts_on: date, ends_on: date) -> Mandate:
    """Gives a mandate for these days, both included. Raises `Invalid` with each wrong field, and `NotAllowed` without a
    fresh second factor.
    """
    require_fresh(act)
    faults = []
    if not schemes or set(schemes) - DESK_SCHEMES:
        faults.append(Fault("schemes", "not_of_the_desks_schemes", {"allowed": sorted(DESK_SCHEMES)}))
    if starts_on < act.day:
        faults.append(Fault("starts_on", "day_is_past"))
    if ends_on < starts_on:
        faults.append(Fault("ends_on", "ends_before_it_starts"))
    elif ends_on - starts_on >= LONGEST:
        faults.append(Fault("ends_on", "mandate_too_long", {"days": LONGEST.days}))
    if faults:
        raise Invalid(faults)
    made = Mandate(
        id=new_id("M"),
        schemes=sorted({one.value for one in schemes}),
        starts_on=starts_on,
        ends_on=ends_on,
        given_by=act.actor.id,
        given_at=act.at,
    )
    act.session.add(made)
    act.session.flush()
    days = [starts_on.isoformat(), ends_on.isoformat()]
    audit_log.write(act, Event.MANDATE_GIVEN, subject=made.id, schemes=made.schemes, days=days)
    return made


@needs(Permission.MANDATE_REVOKE)
def revoke(act: Act, mandate_id: str) -> Mandate:
    """Ends a mandate for later decisions. Raises `Conflict` if it was revoked before, and `NotFound` if it is over."""
    found = act.session.exec(select(Mandate).where(Mandate.id == mandate_id).with_for_update()).first()
    if found is None or found.ends_on < act.day:
        raise NotFound
    if found.revoked_at is not None:
        raise Conflict("mandate_revoked")
    found.revoked_at, found.revoked_by = act.at, act.actor.id
    audit_log.write(act, Event.MANDATE_REVOKED, subject=found.id)
    return found


def standing(act: Act, scheme: Scheme, decided_by: str, *, lock: bool = False) -> Mandate | None:
    """Returns the mandate under which this account's acceptance of a first proposal can be carried out now. Returns
    `None` if the desk must be asked first. A mandate is used only if all of these are true:

    - the setting allows it;
    - it is outside the hours of duty;
    - nobody else is on call.

    `lock`: true to prevent revocation until the transaction ends. Raises `SealBroken` if the seal of a mandate or of an
    entry of the rota is invalid.
    """
    settings = act.settings
    if settings.out_of_hours is not OutOfHours.PROVISIONAL or duty_of(settings).is_on(act.at):
        return None
    on_call.require_sealed(act.session)
    if set(on_call.on_call(act.session, duty_of(settings), act.at)) - {decided_by}:
        return None
    of_day = col(Mandate.starts_on) <= act.day, col(Mandate.ends_on) >= act.day
    query = select(Mandate).where(*of_day).order_by(Mandate.id)
    found = act.session.exec(query.with_for_update(read=True) if lock else query).all()
    return next((one for one in found if scheme in one.schemes and stands(act, one)), None)


def write_use(act: Act, decision: Decision) -> None:
    """Writes the audit event of a decision that is carried out under a mandate."""
    case = decision.registration_id
    audit_log.write(act, Event.MANDATE_USED, registration=case, subject=decision.id, mandate=decision.mandate_id)


def stands(act: Act, mandate: Mandate) -> bool:
    """Checks whether a mandate is not revoked, valid today, and given by a person who may still give mandates."""
    is_of_day = mandate.starts_on <= act.day <= mandate.ends_on and mandate.revoked_at is None
    return is_of_day and active_account(act, mandate.given_by, Permission.MANDATE_GIVE) is not None
