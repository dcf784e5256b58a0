"""Changes that need two persons: requests of a shelter about its units, and postal addresses, which the desk sets. If
the desk itself changes a unit, the change takes effect at once. An address is never shown. The person who grants the
request types the address again, which also detects typing errors.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel import col, or_, select, union_all

from placement.access import register_queries
from placement.access.permissions import Permission, Reach, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Scheme
from placement.core.context import Act
from placement.core.errors import Conflict, Differs, Fault, VersionPassed
from placement.core.place_codes import ChangeKind
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.outbox.announcements import announce_change
from placement.registrations.registrations import require_version
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.shelters import closing, moving, register, versions
from placement.storage.locks import lock_shelter
from placement.tables import Location, Provider, SecondPersonRequest, Shelter, Unit
from placement.tables.shelter import Lifetime


@needs(Permission.UNIT_CHANGE)
def change(
    act: Act, kind: ChangeKind, target_id: str, version: int, values: Mapping[str, object]
) -> Unit | SecondPersonRequest:
    """Carries out a change of a unit if the actor may make it alone. Otherwise requests the change from the desk.
    `target_id`: the id of the unit; for a new unit, the id of its location. `values`: the new values, as JSON.
    `version`: the version that the actor read; not used for a new unit.
    """
    table = Location if kind is ChangeKind.NEW_UNIT else Unit
    target = register_queries.locked_place(act.session, act.actor, Permission.UNIT_CHANGE, table, target_id)
    if Permission.UNIT_CHANGE.reach_of(act.actor) is not Reach.OWN:
        return _carry_out(act, kind, target.id, version, values)
    if kind is not ChangeKind.NEW_UNIT:
        require_version(version, target.version)
    return _ask(act, UNIT, target, {"version": version, "values": dict(values)}, kind)


@needs(Permission.REGISTER_CHANGE)
def ask_for_address(act: Act, location_id: str, address: str) -> SecondPersonRequest:
    """Requests a postal address for a location. A second person of the desk sets the address by typing it again."""
    place = register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, Location, location_id)
    return _ask(act, ADDRESS, place, {"address": _plain(address)})


@needs(Permission.REGISTER_CHANGE)
def ask_for_addresses(act: Act, by_location: Mapping[str, str]) -> SecondPersonRequest:
    """Requests the postal addresses of several locations as one request. The second person types all of them again."""
    if len(by_location) == 1:
        [(location_id, address)] = by_location.items()
        return ask_for_address(act, location_id, address)
    addresses = {location_id: _plain(address) for location_id, address in by_location.items()}
    made = requests.ask(act, ADDRESS, {"addresses": addresses})
    act.session.flush()
    announce_change(act, made)
    return made


def address_asked(act: Act, location_id: str) -> SecondPersonRequest | None:
    """Returns the waiting request for the address of this location; `None` if no request waits."""
    about = or_(SecondPersonRequest.about == location_id, col(SecondPersonRequest.about).is_(None))
    waiting = act.session.exec(requests.waiting(act, ADDRESS.code).where(about))
    return next((one for one in waiting if location_id in addresses_of(one)), None)


def addresses_of(request: SecondPersonRequest) -> Mapping[str, str]:
    """Returns the requested addresses by the id of the location."""
    return dict(request.facts["addresses"]) if request.about is None else {request.about: request.facts["address"]}


def _places_of(request: SecondPersonRequest) -> list[str]:
    if request.kind is ADDRESS.code:
        return list(addresses_of(request))
    return [request.about] if request.about and request.kind in {UNIT.code, SecondPersonKind.REGISTER} else []


def places(act: Act, asked: Collection[SecondPersonRequest]) -> dict[str, str]:
    """Returns the names of the places that these requests are about, by id. Each name contains the shelter."""
    targets = {place for one in asked for place in _places_of(one)}
    if not targets:
        return {}
    units = select(Unit.id, Unit.name, Shelter.name).select_from(Unit).join(Location).join(Shelter)
    locations = select(Location.id, Location.name, Shelter.name).select_from(Location).join(Shelter)
    shelters = select(Shelter.id, Shelter.name, Provider.name).select_from(Shelter).join(Provider)
    rows = act.session.execute(
        union_all(
            units.where(col(Unit.id).in_(targets)),
            locations.where(col(Location.id).in_(targets)),
            shelters.where(col(Shelter.id).in_(targets)),
        )
    )
    return {target: f"{name}, {shelter}" for target, name, shelter in rows}


def is_asked(act: Act, kind: SecondPersonKind, target_id: str, what: str | None = None) -> bool:
    """Checks whether a request of this kind about this place is already waiting."""
    if kind is ADDRESS.code:
        return address_asked(act, target_id) is not None
    about = SecondPersonRequest.about == target_id, SecondPersonRequest.what == what
    return act.session.exec(requests.waiting(act, kind).where(*about).limit(1)).first() is not None


def _ask(
    act: Act, kind: Kind, target: Lifetime, facts: Mapping[str, object], what: ChangeKind | None = None
) -> SecondPersonRequest:
    if what is not ChangeKind.NEW_UNIT and is_asked(act, kind.code, target.id, what):
        raise Conflict("change_asked_already")
    shelter_id = register_queries.shelter_id_of(act.session, target)
    made = requests.ask(act, kind, facts, what=what and what.value, about=target.id, shelter=shelter_id)
    act.session.flush()
    announce_change(act, made)
    return made


def _lock(act: Act, request: SecondPersonRequest) -> None:
    if request.shelter_id is not None:
        lock_shelter(act.session, request.shelter_id)
        return
    of_several = select(Location.shelter_id).where(col(Location.id).in_(addresses_of(request))).distinct()
    for shelter_id in sorted(act.session.exec(of_several)):
        lock_shelter(act.session, shelter_id)


def _answered(act: Act, request: SecondPersonRequest) -> None:
    if request.status is SecondPersonStatus.REFUSED:
        announce_change(act, request)


def _set_addresses(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Sets the addresses if the second person typed the same texts. Otherwise raises `Differs` and sets no address."""
    asked = addresses_of(request)
    typed = answer.addresses if request.about is None else {request.about: answer.address}
    differing = [one for one, address in asked.items() if _compared(typed.get(one) or "") != _compared(address)]
    if differing:
        names = ["address"] if request.about is not None else [f"addresses.{one}" for one in differing]
        raise Differs([Fault(name, "address_differs") for name in names])
    for location_id, address in asked.items():
        location = act.session.get_one(Location, location_id)
        with versions.changing(act, location):
            location.address = address
            location.version += 1
        audit_log.write(act, Event.ADDRESS_SET, subject=location.id)
    announce_change(act, request)


def _change_unit(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    _ = answer
    try:
        facts = request.facts
        _carry_out(act, ChangeKind(str(request.what)), str(request.about), facts["version"], facts["values"])
    except VersionPassed as error:
        raise Conflict("change_outdated") from error
    announce_change(act, request)


def _carry_out(act: Act, kind: ChangeKind, target_id: str, version: int, values: Mapping[str, object]) -> Unit:
    typed: dict[str, Any] = {
        name: _TYPED[name](str(value)) if name in _TYPED and value is not None else value
        for name, value in values.items()
    }
    match kind:
        case ChangeKind.NEW_UNIT:
            return register.make_unit(act, target_id, **typed)
        case ChangeKind.CHANGE_UNIT:
            return register.change_unit(act, target_id, version, typed)
        case ChangeKind.MOVE_UNIT:
            return moving.move_unit(act, target_id, version, typed["location"])
        case ChangeKind.CLOSE_UNIT:
            return closing.close(act, Unit, target_id, version, **typed)
        case ChangeKind.REOPEN_UNIT:
            return closing.reopen(act, Unit, target_id, version)


_TYPED = {
    "scheme": Scheme,
    **dict.fromkeys(("opens_on", "open_until", "until", "no_new_from"), date.fromisoformat),
}


def _plain(address: str) -> str:
    return " ".join(address.split())


def _compared(address: str) -> str:
    return "".join(address.lower().split()).replace(",", "")


UNIT = Kind(
    SecondPersonKind.UNIT,
    ask=Permission.UNIT_CHANGE,
    grant=Permission.REGISTER_CHANGE,
    read=Permission.REGISTER_READ,
    waits_for=None,
    carry_out=_change_unit,
    ended=_answered,
    lock=_lock,
    judged_alone=True,
    of_asker=True,
)
"""The kind of requests of a shelter about its units. A single person of the desk grants such a request."""
ADDRESS = replace(
    UNIT,
    code=SecondPersonKind.ADDRESS,
    ask=Permission.REGISTER_CHANGE,
    read=Permission.PROVIDER_READ,
    carry_out=_set_addresses,
    judged_alone=False,
    is_shown=False,
)
