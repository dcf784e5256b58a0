"""Registrations that may be of the same client: found while one is entered, and kept for the desk where the user who
enters it may not see the other.

What is compared is sealed, so it is read in memory: of the cases that the actor sees in the area, and of those with the
same alias (by its blind index) everywhere. A year after it was closed a case is compared no more.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select

from placement.access import case_access, scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import AgeGroup, Gender, RegistrationStatus, Sees
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.link_codes import Agrees, LinkKind
from placement.crypto.encrypted_columns import is_readable
from placement.registrations.entitlement import ADULT
from placement.registrations.household import age_on
from placement.storage.field_sealing import destroy_keys, found_by
from placement.tables import Registration, RegistrationLink
from placement.tables.registration_link import LinkContent

CLOSED_WITHIN = timedelta(days=365)
"""How long a closed case is compared."""

MOST_SHOWN = 5
_YEARS = 1
"""By how much an age may differ."""
_ENOUGH = 3
"""So many of the four agree; or alias and persons alone."""


@dataclass(frozen=True, slots=True)
class Person:
    gender: Gender
    age: int | None
    """In completed years today; None where it is not known."""
    group: AgeGroup


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a client, to be compared; what is not known agrees with nothing."""

    region: str | None
    alias: str | None
    persons: Sequence[Person]
    languages: frozenset[str]
    places: frozenset[tuple[str, str]]
    """Kind and code: the registrant's unit, the responsible municipality."""


@dataclass(frozen=True, slots=True)
class Alike:
    """`opened`: whether the actor may read what is in it, and not only that it is there."""

    registration: Registration
    agrees: frozenset[Agrees]
    opened: bool


@dataclass(frozen=True, slots=True)
class Found:
    """`ask_desk`: there is one that the actor may not see."""

    alike: list[Alike]
    ask_desk: bool


def person(gender: Gender, age: int | None, presumed: AgeGroup | None) -> Person:
    group = presumed or AgeGroup.ADULT
    if age is not None:
        group = AgeGroup.MINOR if age < ADULT else AgeGroup.ADULT
    return Person(gender, age, group)


def described(registration: Registration, day: date) -> Described:
    """Of a registration whose content can be read."""
    return Described(
        registration.region,
        registration.alias,
        [person(one.gender, age_on(one, day), one.presumed) for one in registration.persons],
        frozenset(spoken.code.lower() for spoken in registration.languages),
        places(registration.registrant_unit, registration.municipality),
    )


def places(unit: str | None, municipality: str | None) -> frozenset[tuple[str, str]]:
    named = {"unit": unit, "municipality": municipality}
    return frozenset((kind, code.lower()) for kind, code in named.items() if code)


@needs(Permission.REGISTRATION_SEARCH)
def find(act: Act, known: Described, without: str | None = None) -> Found:
    """The registrations like this one, the most alike first. `without`: the reference of its own. One that the actor
    may not see is passed over: else it could be tried, to find whose it is.
    """
    theirs = scoped_queries.registrations_of(act.actor).where(Registration.id == without)
    own = act.session.exec(theirs).first() if without else None
    return _shown(act, _alike(act, known, () if own is None else _own(own)), about=None)


@needs(Permission.REGISTRATION_READ)
def alike_of(act: Act, registration_id: str, *, also: Sequence[str] = ()) -> Found:
    """Those like a stored one, without those of which it was said what they are to each other. `also`: others that are
    shown with them.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id)
    return _shown(act, _of_stored(act, registration), about=registration_id, also=also)


def ask_desk(act: Act, registration: Registration) -> None:
    """Asks the desk where a registration, opened now, is like one that the actor may not see."""
    if act.actor.role.sees is Sees.ALL:
        return
    act.session.flush()
    for one in _of_stored(act, registration):
        if not act.actor.covers(one.registration.region):
            add(act, registration.id, one.registration.id, LinkKind.ASKED)


def add(act: Act, one: str, other: str, kind: LinkKind) -> None:
    said = LinkContent(one=one, other=other, kind=kind, at=act.at, by=act.actor.id)
    act.session.add(RegistrationLink(id=new_id("K"), content=said))


def links_of(act: Act, registration_id: str) -> list[RegistrationLink]:
    """Every link of a case, the newest first."""
    rows = [row for row in all_links(act) if row.content.names(registration_id)]
    return sorted(rows, key=lambda row: (row.content.at, row.id), reverse=True)


def all_links(act: Act) -> list[RegistrationLink]:
    rows = act.session.exec(select(RegistrationLink).execution_options(populate_existing=True))
    return [row for row in rows if is_readable(row.content)]


def forget(act: Act, ids: Collection[str], kept: Collection[str]) -> None:
    """Deletes every link of these cases, and destroys its key: no copy of the database tells of it any more. With them
    those of cases that were erased before: one whose key was missing then and is there again. `kept`: the cases of
    which a legal hold keeps everything; their links go the next time that they may.
    """
    known = all_links(act)
    cases = {case for row in known for case in (row.content.one, row.content.other)}
    erased = col(Registration.id).in_(cases), col(Registration.content_erased_at).is_not(None)
    gone = {*ids, *act.session.exec(select(Registration.id).where(*erased))}
    named = {row.id: {row.content.one, row.content.other} for row in known}
    links = [row for row in known if gone & named[row.id] and named[row.id].isdisjoint(kept)]
    for row in links:
        act.session.delete(row)
    destroy_keys(act, [row.key_owner for row in links])


def _of_stored(act: Act, registration: Registration) -> list[Alike]:
    if not is_readable(registration.content) or registration.content is None:
        return []
    said = {
        row.content.other_than(registration.id)
        for row in links_of(act, registration.id)
        if row.content.kind is not LinkKind.ASKED
    }
    return _alike(act, described(registration, act.day), said.union(_own(registration)))


def _own(registration: Registration) -> list[str]:
    """Its reference, and that of the closed case from which it goes on: of that one it is known that it is the same."""
    return [one for one in (registration.id, registration.known("returns")) if one]


def _alike(act: Act, known: Described, without: Collection[str]) -> list[Alike]:
    called = _called(act, known.alias)
    found = []
    for row in {row.id: row for row in (*called.values(), *_cases(act, known.region))}.values():
        if row.id in without or not is_readable(row.content) or row.content is None:
            continue
        agrees = _agree(known, described(row, act.day), same_alias=row.id in called)
        if agrees >= {Agrees.ALIAS, Agrees.PERSONS} or len(agrees) >= _ENOUGH:
            found.append(Alike(row, agrees, opened=False))
    return sorted(
        found, key=lambda one: (-len(one.agrees), -one.registration.waits_on.toordinal(), one.registration.id)
    )


def _agree(one: Described, other: Described, *, same_alias: bool) -> frozenset[Agrees]:
    agreeing = {
        Agrees.ALIAS: same_alias,
        Agrees.PERSONS: _same_persons(one.persons, other.persons),
        Agrees.LANGUAGES: bool(one.languages & other.languages),
        Agrees.PLACE: bool(one.places & other.places),
    }
    return frozenset(which for which, agrees in agreeing.items() if agrees)


def _same_persons(ones: Sequence[Person], others: Sequence[Person]) -> bool:
    """Whether each of the smaller household is found in the larger: a child may be entered in one of them alone."""
    fewer, more = sorted((list(ones), list(others)), key=len)
    left = sorted(more, key=_order)
    for wanted in sorted(fewer, key=_order):
        fitting = next((one for one in left if _may_be(wanted, one)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return bool(fewer)


def _order(one: Person) -> tuple[bool, int]:
    """Those of known age first, by it."""
    return one.age is None, one.age or 0


def _may_be(one: Person, other: Person) -> bool:
    if one.gender != other.gender:
        return False
    if one.age is None or other.age is None:
        return one.group is other.group
    return abs(one.age - other.age) <= _YEARS


def _called(act: Act, alias: str | None) -> dict[str, Registration]:
    """The cases with this alias, of every area."""
    if not alias or not alias.strip():
        return {}
    named = select(Registration).where(found_by(act.session, Registration, "alias", alias), _is_compared(act.day))
    return {row.id: row for row in act.session.exec(named)}


def _cases(act: Act, region: str | None) -> Iterable[Registration]:
    """The cases of the actor's areas; of an actor who sees all, those of this area."""
    query = scoped_queries.registrations_of(act.actor).where(_is_compared(act.day))
    if act.actor.role.sees is Sees.ALL:
        query = query.where(col(Registration.region) == region)
    return act.session.exec(query)


def _is_compared(day: date) -> ColumnElement[bool]:
    open_ones = col(Registration.status) != RegistrationStatus.CLOSED
    lately = and_(col(Registration.closed_on) >= day - CLOSED_WITHIN, col(Registration.content_erased_at).is_(None))
    return or_(open_ones, lately)


def _shown(act: Act, found: Sequence[Alike], *, about: str | None, also: Sequence[str] = ()) -> Found:
    seen = [one for one in found if act.actor.covers(one.registration.region)]
    listed = seen[:MOST_SHOWN]
    closed = case_access.closed_among(act.session, act.actor, [one.registration for one in listed])
    shown = [Alike(one.registration, one.agrees, one.registration.id not in closed) for one in listed]
    ask = len(seen) < len(found)
    ids = [*also, *(one.registration.id for one in shown)]
    audit_log.write(act, Event.ALIKE_SOUGHT, registration=about, shown=ids, found=len(seen), ask_desk=ask)
    return Found(shown, ask)
