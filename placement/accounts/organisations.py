"""Names and telephone numbers of organisations. Only this module reads and changes these facts."""

from collections.abc import Collection, Mapping
from typing import cast
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from placement.access.permissions import Permission, needs
from placement.accounts import number_changes
from placement.accounts.number_changes import Telephones
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import OrganisationKind
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.name_validation import plain_name
from placement.core.telephone import numbered, shown
from placement.core.telephone_codes import TelephoneUse
from placement.tables import Location, Organisation, Unit

LONGEST_NAME = 100
_TRUSTED = frozenset({"telephones", "service_address"})
"""Facts that people rely on when they call or sign in. An audit event names such a fact if it is replaced."""


def centre(session: Session) -> Organisation | None:
    """Returns the coordination centre; `None` if the service has not been set up yet."""
    kind = OrganisationKind.COORDINATION_CENTRE
    return session.exec(select(Organisation).where(Organisation.kind == kind).order_by(Organisation.id)).first()


def care_coordinations(session: Session) -> dict[str, str]:
    """Returns the names of the organisations that coordinate care, by id."""
    kind = OrganisationKind.CARE_COORDINATION
    known = select(Organisation.id, Organisation.name).where(Organisation.kind == kind)
    return dict(session.exec(known.order_by(Organisation.name, Organisation.id)).all())


def names(session: Session, organisation_ids: Collection[str]) -> dict[str, str]:
    """Returns the names of these organisations, by id."""
    known = select(Organisation.id, Organisation.name).where(col(Organisation.id).in_(organisation_ids))
    return dict(session.exec(known).all()) if organisation_ids else {}


def read(act: Act, organisation_id: str) -> Organisation:
    found = existing(act.session.get(Organisation, organisation_id))
    audit_log.write(act, Event.ORGANISATION_READ, subject=found.id)
    return found


def telephones_of(organisation: Organisation | None) -> Telephones:
    """Returns the telephone numbers of an organisation, in the order in which people should call them."""
    kept = (organisation.telephones if organisation else None) or {}
    return {use: kept[use.value] for use in TelephoneUse if use.value in kept}


def telephones_of_units(session: Session, unit_ids: Collection[str]) -> Mapping[str, Telephones]:
    """Returns, for each unit, the telephone numbers of its shelter. Leaves out units whose shelter has no number."""
    query = select(Unit.id, Organisation).select_from(Unit).join(Location)
    query = query.join(Organisation, col(Organisation.shelter_id) == Location.shelter_id)
    rows = session.exec(query.where(col(Unit.id).in_(sorted(unit_ids))))
    return {unit: found for unit, row in rows if (found := telephones_of(row))}


def telephones_of_shelters(session: Session, shelter_ids: Collection[str]) -> Mapping[str, Telephones]:
    """Returns the telephone numbers of these shelters, by shelter. Leaves out shelters without a number."""
    if not shelter_ids:
        return {}
    rows = session.exec(select(Organisation).where(col(Organisation.shelter_id).in_(sorted(shelter_ids))))
    return {str(row.shelter_id): found for row in rows if (found := telephones_of(row))}


def checked_telephones(
    found: Organisation | None, written: Mapping[TelephoneUse, str | None], sure_of: Collection[str]
) -> dict[str, str]:
    """Returns the numbers in stored form. Raises `Invalid` with each wrong number, and with each doubtful number that
    the organisation does not have yet.
    """
    sure = [*sure_of, *telephones_of(found).values()]
    read = {use: numbered(f"telephones.{use.value}", number, sure) for use, number in written.items()}
    if faults := [fault for _, found in read.values() for fault in found]:
        raise Invalid(faults)
    return {use.value: number for use, (number, _) in read.items() if number}


@needs(Permission.ORGANISATION_CHANGE)
def change(
    act: Act,
    organisation_id: str,
    changes: Mapping[str, object],
    *,
    seen: Mapping[TelephoneUse, str | None] | None = None,
    sure_of: Collection[str] = (),
) -> Organisation:
    """Changes `name`, `telephones` (all numbers together) or `service_address`. Facts that `changes` does not contain
    stay unchanged.

    `seen`: the numbers that the actor saw, by use. Raises `Conflict` if the numbers have changed since. `sure_of`: as
    in `numbered`. The audit event contains no values: only the names of the changed facts, and which of the facts in
    `_TRUSTED` had a value before.
    """
    query = select(Organisation).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    found = existing(act.session.exec(query).first())
    require_seen(found, seen)
    before = telephones_of(found)
    wanted = _checked(found, changes, sure_of)
    changed = sorted(name for name, value in wanted.items() if value != getattr(found, name))
    replaced = [name for name in changed if name in _TRUSTED and getattr(found, name)]
    for name, value in wanted.items():
        setattr(found, name, value)
    if found.shelter_id is not None:
        number_changes.record(act, found.shelter_id, before, telephones_of(found))
    audit_log.write(act, Event.ORGANISATION_CHANGED, subject=found.id, changed=changed, replaced=replaced)
    return found


def require_seen(found: Organisation, seen: Mapping[TelephoneUse, str | None] | None) -> None:
    """Raises `Conflict` if the organisation's numbers differ from `seen`. Compares nothing if `seen` is `None`."""
    numbers = telephones_of(found)
    if seen is not None and any(numbers.get(use) != seen.get(use) for use in TelephoneUse):
        raise Conflict("telephones_otherwise", found=[shown(one) for one in numbers.values()] or ["-"])


def _checked(found: Organisation, changes: Mapping[str, object], sure_of: Collection[str]) -> dict[str, object]:
    wanted = dict(changes)
    if "name" in wanted:
        wanted["name"] = plain_name(str(wanted["name"]))
    if "telephones" in wanted:
        numbers = cast("Mapping[TelephoneUse, str | None]", wanted["telephones"])
        wanted["telephones"] = checked_telephones(found, numbers, sure_of) or None
    if "service_address" in wanted:
        wanted["service_address"] = _address(found.kind, cast("str | None", wanted["service_address"]))
    return wanted


def _address(kind: OrganisationKind, written: str | None) -> str | None:
    """Returns the address of the service without a final slash; `None` for an empty text. Raises `Invalid` for an
    address without TLS, or for another organisation than the centre.
    """
    bare = (written or "").strip().rstrip("/")
    if not bare:
        return None
    if kind is not OrganisationKind.COORDINATION_CENTRE:
        raise Invalid([Fault("service_address", "service_address_not_wanted")])
    parts = urlsplit(bare)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise Invalid([Fault("service_address", "service_address_wrong")])
    return bare
