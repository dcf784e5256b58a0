"""Completed imports, and their reversal: new places are closed or ended, and changed values are restored. An import can
be reversed only as a whole, and only until a client is placed in its places.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypedDict

from pydantic_core import to_jsonable_python
from sqlmodel import col, or_, select

from placement.access import register_queries
from placement.access.permissions import Permission, needs
from placement.accounts import approvals, invitations, number_changes, shelter_telephones
from placement.area_changes import register as areas
from placement.areas.lookup import entries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Region, RegistrationStatus, Scheme, StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, VersionPassed, existing
from placement.core.geography import Cell
from placement.core.place_codes import PlaceStatus
from placement.core.telephone_codes import TelephoneUse
from placement.exchange.area_rows import KINDS
from placement.exchange.import_steps import Step, StepKind
from placement.exchange.register_index import TABLES
from placement.exchange.sheets import SHEETS
from placement.lifecycles.moves import RegistrationMove, SecondPersonMove
from placement.placements.stays.stays import end_stay
from placement.registrations.case import PointInput
from placement.registrations.registrations import close_with
from placement.second_person import requests
from placement.shelters import change_requests, closing, moving, register
from placement.shelters.beds import claimed_bed_ids
from placement.storage.bed_claims import beds_of_rooms, claims_on
from placement.tables import (
    Account,
    BedClaim,
    ImportRecord,
    Invitation,
    Provider,
    Registration,
    Room,
    SecondPersonRequest,
    Shelter,
    Stay,
)
from placement.tables.shelter import Lifetime

MOST_LISTED = 20
ERROR = "entered_in_error"
"""The reason with which the cases of a reversed import are closed."""
PLACES: dict[str, type[Any]] = {table.__name__.lower(): table for table in TABLES}
PEOPLE = frozenset({"residents", "waiting"})
_USES = {use.value for use in TelephoneUse}
_CHANGES = {
    "shelter": register.change_shelter,
    "location": register.change_location,
    "unit": register.change_unit,
    "room": register.change_room,
}
_TYPED = {"scheme": Scheme, "region": Region, "opens_on": date.fromisoformat, "open_until": date.fromisoformat}


Values = dict[str, Any]
"""Values by column."""


class Effect(TypedDict):
    """An effect of an import. `before`: values before a change. `version`: the row's version after the change."""

    kind: str
    what: str
    id: str
    name: str
    before: Values
    version: int
    since: str | None


class Content(TypedDict):
    """The stored content of an import: its name, the number of its steps by kind and object, and its effects."""

    name: str
    counts: dict[str, int]
    effects: list[Effect]


def record(act: Act, import_id: str, name: str, counts: dict[str, int], steps: Iterable[Step]) -> None:
    """Stores the effects of an import, without names of clients."""
    effects = [
        Effect(
            kind=step.kind.value,
            what=step.what,
            id=step.thing,
            name="" if step.what in PEOPLE else step.name,
            before=to_jsonable_python(dict(step.facts.get("before", {}))),
            version=_version(act, step.what, step.thing),
            since=to_jsonable_python(step.facts.get("since")),
        )
        for step in steps
    ]
    content = Content(name=name, counts=counts, effects=effects)
    act.session.add(ImportRecord(id=import_id, done_at=act.at, done_by=act.actor.id, content=content))


def _version(act: Act, what: str, thing_id: str) -> int:
    """Returns the present version of an imported object, such as a place or case. Each change increases the version."""
    if what in KINDS:
        return entries(act.session, KINDS[what], thing_id)[-1].number
    table = Registration if what in PEOPLE else PLACES.get(what)
    return 0 if table is None else act.session.get_one(table, thing_id).version


@needs(Permission.IMPORT_READ)
def listed(act: Act) -> Sequence[ImportRecord]:
    """Returns the carried-out imports whose sheets the actor may import, newest first."""
    rows = act.session.exec(select(ImportRecord).order_by(col(ImportRecord.done_at).desc(), ImportRecord.id)).all()
    audit_log.write(act, Event.IMPORTS_LISTED)
    return [row for row in rows if _may_give(act, row)][:MOST_LISTED]


@needs(Permission.REGISTER_IMPORT)
def take_back(act: Act, import_id: str) -> ImportRecord:
    """Reverses an import as a whole. Raises `NotFound` for an unknown import.

    Raises `Conflict` if the import was reversed before. Raises `Conflict` too if a client was placed in its places
    later, or if a value that it set was changed later. The error names these places and values.
    """
    known = act.session.get(ImportRecord, import_id, with_for_update=True)
    found = existing(known if known is not None and _may_give(act, known) else None)
    effects: list[Effect] = found.content["effects"]
    if found.taken_back_at is not None:
        raise Conflict("import_taken_back")
    if in_use := _in_use(act, found, effects):
        raise Conflict("import_in_use", placed=in_use)
    made = {one["id"] for one in effects if one["kind"] == StepKind.MAKE}
    cases = [one for one in effects if one["what"] in PEOPLE]
    for one in (*cases, *(one for one in effects[::-1] if one["what"] not in PEOPLE)):
        if one["kind"] == StepKind.MAKE or one["id"] not in made:
            try:
                _undo(act, one)
            except (Invalid, Conflict, VersionPassed) as error:
                raise Conflict("import_in_use", placed=[one["name"] or one["id"]]) from error
    found.taken_back_at, found.taken_back_by = act.at, act.actor.id
    audit_log.write(act, Event.IMPORT_TAKEN_BACK, subject=found.id, counts=found.content["counts"])
    return found


def _may_give(act: Act, row: ImportRecord) -> bool:
    """Checks whether the actor may import all sheets of this import."""
    sheets = {one["what"] if one["what"] in SHEETS else "shelters" for one in row.content["effects"]}
    return all(SHEETS[sheet].by.is_of(act.actor) for sheet in sheets)


def _in_use(act: Act, record: ImportRecord, effects: Sequence[Effect]) -> list[str]:
    """Returns the names of the imported objects that prevent the reversal of the import."""
    made = {one["id"] for one in effects if one["kind"] == StepKind.MAKE}
    taken_back = act.session.exec(select(ImportRecord).where(col(ImportRecord.taken_back_at).is_not(None))).all()
    by_mistake = [*effects, *(one for row in taken_back for one in row.content["effects"])]
    cases = [one["id"] for one in by_mistake if one["what"] in PEOPLE]
    found = [
        one["name"] or one["id"]
        for one in effects
        if _is_in_use(act, one, made, cases) or _has_newer_number(act, one, record.done_at)
    ]
    return list(dict.fromkeys(found))


def _is_in_use(act: Act, one: Effect, made: Collection[str], cases: Collection[str]) -> bool:
    what, is_made = one["what"], one["kind"] == StepKind.MAKE
    if what in PEOPLE:
        return _has_gone_on(act, one)
    if what == "accounts":
        return act.session.exec(select(Account.id).where(Account.email == one["name"])).first() is not None
    if is_made and what not in KINDS:
        return _made_is_in_use(act, act.session.get_one(PLACES[what], one["id"]), made, cases)
    if not is_made and one["id"] in made:
        return False
    return _version(act, what, one["id"]) != one["version"] or _beds_are_in_use(act, one)


def _made_is_in_use(act: Act, place: Provider | Lifetime, made: Collection[str], cases: Collection[str]) -> bool:
    """Checks whether a place that the import made now contains parts that the import did not make, or beds that other
    clients claim. `made`: the ids of all parts that it made. `cases`: ids of cases whose claims are ignored.
    """
    if isinstance(place, Provider):
        theirs = select(Shelter.id).where(Shelter.provider_id == place.id, Shelter.status != PlaceStatus.CLOSED)
        return bool(set(act.session.exec(theirs)) - set(made))
    if not isinstance(place, Room):
        parts = register_queries.parts_of(act.session, place)
        return any(part.id not in made and part.status is not PlaceStatus.CLOSED for part in parts)
    others = or_(col(BedClaim.registration_id).is_(None), col(BedClaim.registration_id).not_in(cases))
    return bool(claims_on(act.session, beds_of_rooms(act.session, [place.id]), others))


def _has_newer_number(act: Act, one: Effect, since: datetime) -> bool:
    """Checks whether a telephone number that the import entered was changed after the import (`since`)."""
    if not (one["kind"] == StepKind.CHANGE and one["before"].keys() <= _USES and one["before"]):
        return False
    history = number_changes.history_of(act.session, one["id"])
    return any(change.changed_at > since and change.use.value in one["before"] for change in history)


def _beds_are_in_use(act: Act, one: Effect) -> bool:
    """Checks whether more beds of a changed room are claimed than the room had before the import."""
    if one["what"] != "room" or "beds" not in one["before"]:
        return False
    return len(claimed_bed_ids(act.session, [one["id"]], act.day)) > int(one["before"]["beds"])


def _has_gone_on(act: Act, one: Effect) -> bool:
    """Checks whether an imported case has changed since the import. It has changed if its state differs, or if it has
    other stays than the single stay of the import. A closed case is not treated as changed.
    """
    case = act.session.get_one(Registration, one["id"])
    if case.status is RegistrationStatus.CLOSED:
        return False
    stays = act.session.exec(select(Stay).where(Stay.registration_id == case.id)).all()
    expected = RegistrationStatus.PLACED if one["what"] == "residents" else RegistrationStatus.OPEN
    return case.status is not expected or len(stays) != (one["what"] == "residents")


def _undo(act: Act, one: Effect) -> None:
    what, thing_id, before = one["what"], one["id"], one["before"]
    if what in PEOPLE:
        _close_case(act, thing_id)
    elif what == "accounts":
        _withdraw_invitation(act, thing_id, one["name"])
    elif what in KINDS:
        _undo_area(act, one)
    elif one["kind"] == StepKind.ASK:
        if (request := change_requests.address_asked(act, thing_id)) is not None:
            requests.end(act, change_requests.ADDRESS, request, SecondPersonMove.WITHDRAW)
    elif what != "provider":
        _undo_place(act, StepKind(one["kind"]), PLACES[what], thing_id, before)


def _undo_place(act: Act, kind: StepKind, table: type[Lifetime], thing_id: str, before: Values) -> None:
    place = act.session.get_one(table, thing_id)
    match kind:
        case StepKind.MAKE if place.status is not PlaceStatus.CLOSED:
            closing.close(act, table, thing_id, place.version, act.day)
        case StepKind.CLOSE:
            closing.reopen(act, table, thing_id, place.version)
        case StepKind.MOVE:
            moving.move_unit(act, thing_id, place.version, before["location"])
        case StepKind.CHANGE if before.keys() <= _USES:
            shelter_telephones.remove(act, thing_id, [TelephoneUse(use) for use in before])
        case StepKind.CHANGE:
            values = {name: _typed(name, value) for name, value in before.items() if name != "place"}
            more = {"where": _middle(*before["place"])} if "place" in before else {}
            _CHANGES[table.__name__.lower()](act, thing_id, place.version, values, **more)  # type: ignore[operator]


def _typed(name: str, value: object) -> object:
    return _TYPED[name](str(value)) if name in _TYPED and value is not None else value


def _middle(row: int, column: int) -> PointInput:
    middle = Cell(row, column).centre
    return PointInput(lat=middle.lat, lon=middle.lon)


def _undo_area(act: Act, one: Effect) -> None:
    kind, code = KINDS[one["what"]], one["id"]
    since = max(act.day, date.fromisoformat(one["since"])) if one["since"] else act.day
    facts = {"ended": True} if one["kind"] == StepKind.MAKE else one["before"]
    areas.change(act, kind, code, one["version"], facts, since, None)


def _close_case(act: Act, case_id: str) -> None:
    case = act.session.get_one(Registration, case_id, with_for_update=True)
    if case.status is RegistrationStatus.CLOSED:
        return
    stays = select(Stay).where(Stay.registration_id == case_id, Stay.status != StayStatus.ENDED)
    for stay in act.session.exec(stays).all():
        end_stay(act, stay, ERROR)
    close_with(act, case, ERROR, RegistrationMove.END)


def _withdraw_invitation(act: Act, request_id: str, email: str) -> None:
    asked = act.session.get(SecondPersonRequest, request_id)
    if asked is not None and requests.is_open(act, approvals.ASKED, asked):
        requests.end(act, approvals.ASKED, asked, SecondPersonMove.WITHDRAW)
    for invitation in act.session.exec(invitations.active(act.at).where(Invitation.email == email)).all():
        invitations.withdraw(act, invitation.id)
