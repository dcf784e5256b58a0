"""Similar registrations, which may be about the same client. They are shown when a registration is entered. If the
actor may not see a similar registration, the desk is asked to compare. Encrypted facts are decrypted and compared in
memory. `likeness.py` measures the similarity.

These cases are compared:
- cases of the actor's areas;
- cases of any area with the same alias (found by its blind index);
- for the desk, also all open cases.
A closed case is compared for a year.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select

from placement.access import case_access, scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AgeGroup, Gender, RegistrationStatus, Sees
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.link_codes import Agrees, LinkKind
from placement.crypto.encrypted_columns import is_readable
from placement.registrations.entitlement import ADULT
from placement.registrations.household import age_on
from placement.registrations.likeness import Described, Likeness, Person, likeness
from placement.storage.field_sealing import destroy_keys, found_by
from placement.tables import Registration, RegistrationLink
from placement.tables.registration_link import LinkContent

CLOSED_WITHIN = timedelta(days=365)
"""The time after its closing for which a closed case is still compared."""

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """A similar case. `opened`: true if the actor may read the content of the case; false if the actor may only know
    that it exists.
    """

    registration: Registration
    likeness: Likeness
    opened: bool

    @property
    def agrees(self) -> frozenset[Agrees]:
        return self.likeness.agrees


@dataclass(frozen=True, slots=True)
class Found:
    """Similar cases. `ask_desk`: true if the desk must compare the cases, because the actor may not see all of them."""

    alike: list[Alike]
    ask_desk: bool


def person(gender: Gender, age: int | None, presumed: AgeGroup | None) -> Person:
    group = presumed or AgeGroup.ADULT
    if age is not None:
        group = AgeGroup.MINOR if age < ADULT else AgeGroup.ADULT
    return Person(gender, age, group)


def described(registration: Registration, day: date) -> Described:
    """Returns those facts of a registration that are compared."""
    return Described(
        registration.region,
        registration.alias,
        [person(one.gender, age_on(one, day), one.presumed) for one in registration.persons],
        frozenset(spoken.code.lower() for spoken in registration.languages),
        places(registration.registrant_unit, registration.municipality),
        registration.registrant,
        registration.residence_basis,
        registration.waits_on,
    )


def places(unit: str | None, municipality: str | None) -> frozenset[tuple[str, str]]:
    named = {"unit": unit, "municipality": municipality}
    return frozenset((kind, code.lower()) for kind, code in named.items() if code)


@needs(Permission.REGISTRATION_SEARCH)
def find(act: Act, known: Described, without: str | None = None) -> Found:
    """Returns similar registrations, most similar first. `without`: the reference of the case itself. Leaves out cases
    that the actor may not see. Otherwise guesses would disclose the areas of these cases.
    """
    theirs = scoped_queries.registrations_of(act.actor).where(Registration.id == without)
    own = act.session.exec(theirs).first() if without else None
    return _shown(act, _alike(act, known, () if own is None else _own(own)), about=None)


@needs(Permission.REGISTRATION_READ)
def alike_of(act: Act, registration_id: str, *, also: Sequence[str] = ()) -> Found:
    """Returns the cases that resemble a stored case. Cases that users already linked to it are left out. `also`: other
    cases on the same page, which the audit event must name too.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id)
    return _shown(act, _of_stored(act, registration), about=registration_id, also=also)


def ask_desk(act: Act, registration: Registration) -> None:
    """Asks the desk to compare the cases if a new registration is similar to a case that the actor may not see. A
    closed case of another area is found only if it has the same alias.
    """
    if act.actor.role.sees is Sees.ALL:
        return
    act.session.flush()
    for one in _of_stored(act, registration, everywhere=True):
        if not act.actor.covers(one.registration.region):
            add(act, registration.id, one.registration.id, LinkKind.ASKED)


def add(act: Act, one: str, other: str, kind: LinkKind) -> None:
    said = LinkContent(one=one, other=other, kind=kind, at=act.at, by=act.actor.id)
    act.session.add(RegistrationLink(id=new_id("K"), content=said))


def links_of(act: Act, registration_id: str) -> list[RegistrationLink]:
    """Returns all links of a case, newest first."""
    rows = [row for row in all_links(act) if row.content.names(registration_id)]
    return sorted(rows, key=lambda row: (row.content.at, row.id), reverse=True)


def all_links(act: Act) -> list[RegistrationLink]:
    rows = act.session.exec(select(RegistrationLink).execution_options(populate_existing=True))
    return [row for row in rows if is_readable(row.content)]


def forget(act: Act, ids: Collection[str], kept: Collection[str]) -> None:
    """Deletes the links of these cases and destroys their data keys, so that no copy of the database discloses the
    links. Also deletes links of cases that were erased while the key of the link was missing. `kept`: cases under a
    legal hold, whose links remain.
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


def _of_stored(act: Act, registration: Registration, *, everywhere: bool = False) -> list[Alike]:
    if not is_readable(registration.content) or registration.content is None:
        return []
    said = {
        row.content.other_than(registration.id)
        for row in links_of(act, registration.id)
        if row.content.kind is not LinkKind.ASKED
    }
    known = described(registration, act.day)
    return _alike(act, known, said.union(_own(registration)), everywhere=everywhere)


def _own(registration: Registration) -> list[str]:
    """Returns the reference of the case and, if the case continues a closed case, the reference of that closed case.
    Both are about the same client.
    """
    return [one for one in (registration.id, registration.known("returns")) if one]


def _alike(act: Act, known: Described, without: Collection[str], *, everywhere: bool = False) -> list[Alike]:
    """Returns the cases that resemble `known`, most similar first. `everywhere`: true to compare the open cases of all
    areas, too.
    """
    called = _called(act, known.alias)
    rows = {row.id: row for row in (*called.values(), *_cases(act, known.region, everywhere=everywhere))}
    compared = [
        row for row in rows.values() if row.id not in without and is_readable(row.content) and row.content is not None
    ]
    likenesses = likeness(known, [described(row, act.day) for row in compared])
    found = [Alike(row, one, opened=False) for row, one in zip(compared, likenesses, strict=True) if one.is_alike]
    return sorted(
        found, key=lambda one: (-one.likeness.points, -one.registration.waits_on.toordinal(), one.registration.id)
    )


def _called(act: Act, alias: str | None) -> dict[str, Registration]:
    """Returns, by reference, the cases of all areas that have this alias and are still compared."""
    if not alias or not alias.strip():
        return {}
    named = select(Registration).where(found_by(act.session, Registration, "alias", alias), _is_compared(act.day))
    return {row.id: row for row in act.session.exec(named)}


def _cases(act: Act, region: str | None, *, everywhere: bool) -> Iterable[Registration]:
    """Returns the cases to compare:
    - for an actor who sees all cases: the cases of the area `region`, and all open cases;
    - for other actors: the cases of their areas, and with `everywhere` also all open cases.
    """
    theirs = scoped_queries.registrations_of(act.actor).where(_is_compared(act.day))
    if act.actor.role.sees is Sees.ALL:
        is_open = col(Registration.status) != RegistrationStatus.CLOSED
        return act.session.exec(theirs.where(or_(col(Registration.region) == region, is_open)))
    found = list(act.session.exec(theirs))
    if everywhere:
        found += act.session.exec(select(Registration).where(Registration.status != RegistrationStatus.CLOSED))
    return found


def _is_asked(act: Act, registration_id: str) -> bool:
    """Checks whether the desk still has to compare this case with a case that the actor may not see."""
    said = [row.content for row in links_of(act, registration_id)]
    settled = {one.other_than(registration_id) for one in said if one.kind is not LinkKind.ASKED}
    return act.actor.role.sees is not Sees.ALL and any(
        one.kind is LinkKind.ASKED and one.one == registration_id and one.other not in settled for one in said
    )


def _is_compared(day: date) -> ColumnElement[bool]:
    open_ones = col(Registration.status) != RegistrationStatus.CLOSED
    lately = and_(col(Registration.closed_on) >= day - CLOSED_WITHIN, col(Registration.content_erased_at).is_(None))
    return or_(open_ones, lately)


def _shown(act: Act, found: Sequence[Alike], *, about: str | None, also: Sequence[str] = ()) -> Found:
    seen = [one for one in found if act.actor.covers(one.registration.region)]
    listed = seen[:MOST_SHOWN]
    closed = case_access.closed_among(act.session, act.actor, [one.registration for one in listed])
    shown = [Alike(one.registration, one.likeness, one.registration.id not in closed) for one in listed]
    ask = len(seen) < len(found) or (about is not None and _is_asked(act, about))
    ids = [*also, *(one.registration.id for one in shown)]
    audit_log.write(act, Event.ALIKE_SOUGHT, registration=about, shown=ids, found=len(seen), ask_desk=ask)
    return Found(shown, ask)
