"""A shelter's telephone numbers. The desk and the shelter's staff change them; the desk checks new numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from placement.access import register_queries, scoped_queries
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.accounts import accounts, number_changes, organisations
from placement.accounts.number_changes import ShelterNumber
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import OrganisationKind, Sees
from placement.core.context import Act
from placement.core.errors import Conflict, existing
from placement.core.telephone_codes import NumberConfirmed, TelephoneUse
from placement.second_person.persons import require_another
from placement.tables import NumberChange, Organisation, Shelter


@dataclass(frozen=True, slots=True)
class ShelterTelephones:
    """A shelter's numbers. `history`: the stored changes, newest first; only for the desk."""

    shelter: Shelter
    numbers: Sequence[ShelterNumber]
    history: Sequence[NumberChange]


@needs(Permission.SHELTER_TELEPHONE_READ)
def read(act: Act, shelter_id: str) -> ShelterTelephones:
    shelter = scoped_queries.readable_shelter(act.session, act.actor, shelter_id, Permission.SHELTER_TELEPHONE_READ)
    audit_log.write(act, Event.NUMBERS_READ, subject=shelter.id)
    return _serialized(act, shelter)


@needs(Permission.SHELTER_TELEPHONE_READ)
def read_all(act: Act, shelter_ids: Collection[str]) -> dict[str, ShelterTelephones]:
    """Returns the numbers of these shelters, by shelter, without history. An actor of a shelter gets only the numbers
    of that shelter.
    """
    audit_log.write(act, Event.NUMBERS_READ)
    seen = sorted(one for one in shelter_ids if act.actor.shelter_id in {None, one})
    shelters = act.session.exec(select(Shelter).where(col(Shelter.id).in_(seen))).all()
    now = organisations.telephones_of_shelters(act.session, seen)
    changes = number_changes.histories_of(act.session, seen)
    return {
        one.id: ShelterTelephones(
            one, list(number_changes.numbers_of(changes[one.id], now.get(one.id, {}), act.at).values()), []
        )
        for one in shelters
    }


def numbers_now(act: Act, shelter_id: str) -> dict[TelephoneUse, ShelterNumber]:
    """Returns the numbers at which a shelter can be called now, by use."""
    found = act.session.exec(select(Organisation).where(Organisation.shelter_id == shelter_id)).first()
    history = number_changes.history_of(act.session, shelter_id)
    known = number_changes.numbers_of(history, organisations.telephones_of(found), act.at)
    return {use: one for use, one in known.items() if one.number is not None}


@needs(Permission.SHELTER_TELEPHONE_CHANGE)
def change(
    act: Act,
    shelter_id: str,
    numbers: Mapping[TelephoneUse, str | None],
    *,
    seen: Mapping[TelephoneUse, str | None] | None = None,
    sure_of: Collection[str] = (),
) -> ShelterTelephones:
    """Changes all numbers of a shelter. Needs a fresh second factor. `seen` and `sure_of`: as in
    `organisations.change`. A changed number is new for three days (`number_changes.py`).
    """
    require_fresh(act)
    permission = Permission.SHELTER_TELEPHONE_CHANGE
    shelter = register_queries.place_of(act.session, act.actor, permission, Shelter, shelter_id)
    query = select(Organisation).where(Organisation.shelter_id == shelter.id).with_for_update(key_share=True)
    found = existing(act.session.exec(query).first())
    organisations.require_seen(found, seen)
    before = organisations.telephones_of(found)
    found.telephones = organisations.checked_telephones(found, numbers, sure_of) or None
    number_changes.record(act, shelter.id, before, organisations.telephones_of(found))
    audit_log.write(act, Event.NUMBERS_READ, subject=shelter.id)
    return _serialized(act, shelter)


@dataclass(frozen=True, slots=True)
class FirstNumbers:
    """The result of entering numbers from a file. `added`: the uses whose number was entered. `kept`: the uses that
    already had another number. That number was not replaced.
    """

    added: Sequence[TelephoneUse]
    kept: Sequence[TelephoneUse]


@needs(Permission.SHELTER_TELEPHONE_CHANGE)
def enter_first(
    act: Act,
    shelter: Shelter,
    numbers: Mapping[TelephoneUse, str],
    *,
    sure_of: Collection[str] = (),
    is_new: bool = False,
    trusted: bool = False,
) -> FirstNumbers:
    """Enters the first number of each use, and replaces no number. Makes the shelter's organisation if it is missing.
    `sure_of`: as in `organisations.change`. `is_new`: true if the shelter has just been made, so that nobody has relied
    on its numbers. `trusted`: true if the desk has just called the new shelter on these numbers, so that they can be
    trusted at once.
    """
    query = select(Organisation).where(Organisation.shelter_id == shelter.id).with_for_update(key_share=True)
    found = act.session.exec(query).first()
    wanted = organisations.checked_telephones(found, numbers, sure_of)
    before = organisations.telephones_of(found)
    added = [use for use in TelephoneUse if use in wanted and use not in before]
    kept = [use for use in before if wanted.get(use, before[use]) != before[use]]
    if added:
        found = found or accounts.make_organisation(act, shelter.name, OrganisationKind.SHELTER, shelter.id)
        found.telephones = {**(found.telephones or {}), **{use.value: wanted[use] for use in added}}
        if trusted:
            audit_log.write(act, Event.NUMBERS_CHANGED, subject=shelter.id, uses=added, replaced=[])
        else:
            number_changes.record(act, shelter.id, before, organisations.telephones_of(found), announced=not is_new)
    return FirstNumbers(added, kept)


@needs(Permission.SHELTER_TELEPHONE_CHANGE)
def remove(act: Act, shelter_id: str, uses: Collection[TelephoneUse]) -> None:
    """Removes the numbers that an import entered by mistake."""
    query = select(Organisation).where(Organisation.shelter_id == shelter_id).with_for_update(key_share=True)
    found = existing(act.session.exec(query).first())
    before = organisations.telephones_of(found)
    found.telephones = {use.value: number for use, number in before.items() if use not in uses} or None
    number_changes.record(act, shelter_id, before, organisations.telephones_of(found))


@needs(Permission.TELEPHONE_ENTER)
def confirm(act: Act, shelter_id: str, use: TelephoneUse, how: NumberConfirmed) -> ShelterTelephones:
    """Records that a person of the desk checked a new number with the shelter, at the shelter's former number or in
    person. Raises `Conflict` for the person who changed the number, and for the browser in which it was changed. Raises
    `Conflict` too if the number is not new, or if `how` names a former number that does not exist.
    """
    require_fresh(act)
    permission = Permission.SHELTER_TELEPHONE_READ
    shelter = register_queries.locked_place(act.session, act.actor, permission, Shelter, shelter_id)
    one = numbers_now(act, shelter.id).get(use)
    if one is None or one.change is None or one.new_until is None:
        raise Conflict("number_not_new")
    require_another(act, one.change.changed_by, one.change)
    if how is NumberConfirmed.FORMER_NUMBER and one.change.former is None:
        raise Conflict("no_former_number")
    one.change.confirmed_at, one.change.confirmed_by, one.change.confirmed_how = act.at, act.actor.id, how
    act.session.flush()
    audit_log.write(act, Event.NUMBER_CONFIRMED, subject=shelter.id, use=use.value, how=how.value)
    return _serialized(act, shelter)


def _serialized(act: Act, shelter: Shelter) -> ShelterTelephones:
    found = act.session.exec(select(Organisation).where(Organisation.shelter_id == shelter.id)).first()
    history = number_changes.history_of(act.session, shelter.id)
    numbers = number_changes.numbers_of(history, organisations.telephones_of(found), act.at)
    shown = history[::-1] if act.actor.role.sees is Sees.ALL else []
    return ShelterTelephones(shelter, list(numbers.values()), shown)
