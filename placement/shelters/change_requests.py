"""Changes that need two persons: what a shelter proposes about its units, and a postal address, which the desk sets.

A change of the desk's own about a unit is carried out at once. Of an address nothing is ever shown: who grants it types
it again, which also finds a typing error.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlmodel import col, select, union_all

from placement.access import register_queries
from placement.access.permissions import Permission, Reach, needs
from placement.accounts.second_person import first_person, require_other_browser, require_second_person
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import Scheme
from placement.core.context import Act
from placement.core.errors import Conflict, Differs, NotAllowed, VersionPassed, existing
from placement.core.ids import new_id
from placement.core.place_codes import ChangeKind, ChangeStatus
from placement.lifecycles.machine import begin, carry_out, require
from placement.lifecycles.moves import ChangeMove
from placement.outbox.announcements import announce_change
from placement.registrations.registrations import require_version
from placement.shelters import closing, moving, register, versions
from placement.storage.locks import lock_shelter
from placement.tables import ChangeRequest, Location, Shelter, Unit
from placement.tables.shelter import Lifetime


@needs(Permission.UNIT_CHANGE)
def change(
    act: Act, kind: ChangeKind, target_id: str, version: int, values: Mapping[str, object]
) -> Unit | ChangeRequest:
    """Carries out a change of a unit where the actor may by itself; otherwise asks the desk for it.

    `target_id`: the location of a new unit, else the unit. `values`: what it sets, as JSON. `version`: of the unit that
    was read; of no meaning for a new one.
    """
    table = Location if kind is ChangeKind.NEW_UNIT else Unit
    target = register_queries.locked_place(act.session, act.actor, Permission.UNIT_CHANGE, table, target_id)
    if Permission.UNIT_CHANGE.reach_of(act.actor) is not Reach.OWN:
        return _carry_out(act, kind, target.id, version, values)
    if kind is not ChangeKind.NEW_UNIT:
        require_version(version, target.version)
    return _ask(act, kind, target, {"version": version, "values": dict(values)})


@needs(Permission.REGISTER_CHANGE)
def ask_for_address(act: Act, location_id: str, address: str) -> ChangeRequest:
    """Asks for a postal address; a second person of the desk sets it by typing it again."""
    place = register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, Location, location_id)
    return _ask(act, ChangeKind.ADDRESS, place, {"address": _plain(address)})


@needs(Permission.CHANGE_ANSWER)
def answer(act: Act, request_id: str, *, granted: bool, address: str | None = None) -> ChangeRequest:
    """Grants or refuses a change. Raises `NotAllowed` for who asked for it, and `Conflict` where it was answered, or
    what it is about was changed since.
    """
    found = existing(act.session.get(ChangeRequest, request_id))
    lock_shelter(act.session, found.shelter_id)
    act.session.refresh(found)
    move = ChangeMove.GRANT if granted else ChangeMove.REFUSE
    require(found, move)
    if granted and found.asked_by == act.actor.id:
        raise NotAllowed("other_person_needed")
    if granted:
        if found.kind is ChangeKind.ADDRESS:  # two persons of the desk; what a shelter asks, the desk judges by itself
            require_second_person(act, found.asked_by, found, Permission.REGISTER_CHANGE)
        require_other_browser(act, found)
        _grant(act, found, address)
    found.answered_by, found.answered_at = act.actor.id, act.at
    carry_out(act, found, move, kind=found.kind.value, target=found.target_id)
    announce_change(act, found)
    return found


@needs(Permission.CHANGES_READ)
def listed(act: Act, *, waiting: bool = True) -> list[ChangeRequest]:
    """The changes that wait, or all of the last, newest first: of the actor's own shelter, or of all."""
    audit_log.write(act, Event.CHANGES_LISTED)
    query = select(ChangeRequest).order_by(col(ChangeRequest.asked_at).desc(), ChangeRequest.id)
    if Permission.CHANGES_READ.reach_of(act.actor) is Reach.OWN:
        query = query.where(ChangeRequest.shelter_id == act.actor.shelter_id)
        query = query.where(ChangeRequest.kind != ChangeKind.ADDRESS)
    if waiting:
        query = query.where(ChangeRequest.status == ChangeStatus.ASKED)
    return list(act.session.exec(query.limit(200)))


def places(act: Act, requests: Collection[ChangeRequest]) -> dict[str, str]:
    """What each of these changes is about, by the id of its unit or location: its name, and that of its shelter."""
    targets = {one.target_id for one in requests}
    units = select(Unit.id, Unit.name, Shelter.name).select_from(Unit).join(Location).join(Shelter)
    locations = select(Location.id, Location.name, Shelter.name).select_from(Location).join(Shelter)
    rows = act.session.execute(
        union_all(units.where(col(Unit.id).in_(targets)), locations.where(col(Location.id).in_(targets)))
    )
    return {target: f"{name}, {shelter}" for target, name, shelter in rows}


def shown_change(request: ChangeRequest) -> dict[str, object]:
    """What a change would set, for display; of an address nothing."""
    return {} if request.kind is ChangeKind.ADDRESS else dict(request.change["values"])


def _ask(act: Act, kind: ChangeKind, target: Lifetime, change: dict[str, object]) -> ChangeRequest:
    same = select(ChangeRequest.id).where(
        ChangeRequest.kind == kind, ChangeRequest.target_id == target.id, ChangeRequest.status == ChangeStatus.ASKED
    )
    if kind is not ChangeKind.NEW_UNIT and act.session.exec(same.limit(1)).first() is not None:
        raise Conflict("change_asked_already")
    made = ChangeRequest(
        id=new_id("C"),
        kind=kind,
        shelter_id=register_queries.shelter_id_of(act.session, target),
        target_id=target.id,
        change=change,
        **first_person(act),
    )
    act.session.add(made)
    begin(act, made, ChangeMove.ASK, kind=kind.value, target=target.id)
    act.session.flush()
    announce_change(act, made)
    return made


def _grant(act: Act, found: ChangeRequest, address: str | None) -> None:
    if found.kind is ChangeKind.ADDRESS:
        if address is None or _compared(address) != _compared(found.change["address"]):
            raise Differs.at("address", "address_differs")
        location = act.session.get_one(Location, found.target_id)
        with versions.changing(act, location):
            location.address = found.change["address"]
            location.version += 1
        audit_log.write(act, Event.ADDRESS_SET, subject=location.id)
        return
    try:
        _carry_out(act, found.kind, found.target_id, found.change["version"], found.change["values"])
    except VersionPassed as error:
        raise Conflict("change_outdated") from error


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
        case ChangeKind.ADDRESS:
            raise ValueError(kind)


_TYPED = {
    "scheme": Scheme,
    **dict.fromkeys(("opens_on", "open_until", "until", "no_new_from"), date.fromisoformat),
}


def _plain(address: str) -> str:
    return " ".join(address.split())


def _compared(address: str) -> str:
    return "".join(address.lower().split()).replace(",", "")
