"""Registrations that may be about the same client: to compare, link and merge."""

from datetime import date, datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import CaseSaid, Code
from api.http.operations import get, post
from api.v1.registration_input import PersonIn
from api.v1.registrations import (
    PersonOut,
    RegistrationOut,
    RegistrationRow,
    serialize_person,
    serialize_registration,
    serialize_rows,
)
from placement.access.permissions import Permission
from placement.core.codes import Registrant, ResidenceBasis
from placement.core.context import Act
from placement.core.link_codes import Agrees, LinkKind
from placement.registrations import duplicates, links
from placement.registrations.duplicates import Alike, Found
from placement.registrations.likeness import Described
from placement.tables.facts import SpokenLanguage
from placement.text.catalogue import Language


class DescribedIn(Input):
    """The known facts of a client. A fact that is left out is not compared."""

    registration: Code | None = Field(None, description="The reference of the described case, if it is already stored.")
    region: Code | None = Field(None, description="The care area; required for a user who sees all areas.")
    alias: str | None = Field(None, max_length=100)
    persons: list[PersonIn] = Field([], max_length=20)
    languages: list[SpokenLanguage] = Field([], max_length=20)
    registrant: Registrant | None = None
    residence_basis: ResidenceBasis | None = None
    registrant_unit: Code | None = None
    municipality: Code | None = Field(None, description="The code of the municipality.")

    def described(self, day: date) -> Described:
        """Returns the facts to compare. `day`: the day of registration."""
        return Described(
            self.region,
            self.alias,
            [duplicates.person(one.gender, one.age, one.presumed) for one in self.persons],
            frozenset(spoken.code.lower() for spoken in self.languages),
            duplicates.places(self.registrant_unit, self.municipality),
            self.registrant,
            self.residence_basis,
            day,
        )


_REPLACES = (
    "What another user said of the two, where this replaces it: 409 `linked_otherwise` where it was said otherwise."
)


class LinkIn(Input):
    other: CaseSaid = Field(description="The reference or handle of the other registration.")
    kind: LinkKind = Field(description="same_client, related or different.")
    replaces: LinkKind | None = Field(None, description=_REPLACES)


class MergeIn(Input):
    other: CaseSaid = Field(description="The reference or handle of the registration that continues.")
    replaces: LinkKind | None = Field(None, description=_REPLACES)
    confirm: bool = Field(default=False, description="true: merge although only this registration has a known danger.")


class AlikeOut(RegistrationRow):
    agrees: list[Agrees] = Field(description="The facts in which the two agree.")
    alias: str | None = Field(description="Null, as the fields after it, if you may open the case only with a reason.")
    who: list[PersonOut] | None
    languages: list[SpokenLanguage] | None
    closed_reason: str | None


class DuplicatesOut(Output):
    """Similar registrations, which do not prevent you from registering. `ask_desk`: true if you may not see a similar
    case. The desk then compares both cases when the registration is opened.
    """

    items: list[AlikeOut]
    ask_desk: bool


class LinkOut(Output):
    other: RegistrationRow | None = Field(description="Null if you may not see the other registration: ask the desk.")
    kind: LinkKind
    into: bool = Field(description="For a merger: true if the other was merged into this registration.")
    at: datetime
    by: str


class LinksOut(DuplicatesOut):
    """The links of this registration, and similar registrations that are not linked."""

    registration: str
    links: list[LinkOut]


@post(
    "/registrations/duplicates",
    summary="Find registrations of the same client",
    permission=Permission.REGISTRATION_SEARCH,
    told_once=True,
)
def find_duplicates(act: Act, data: JSONBody[DescribedIn]) -> DuplicatesOut:
    """Find registrations that are probably about the same client: those with the same alias and persons, or with
    several equal facts (persons, languages, registrant, residence basis, place, region, day). Searches your own areas,
    or the given area.
    """
    return _serialize(act, duplicates.find(act, data.described(act.day), data.registration))


@get(
    "/registrations/{registration_id:str}/links",
    summary="List the links of a registration",
    permission=Permission.REGISTRATION_READ,
)
def list_links(act: Act, registration_id: FromPath[str]) -> LinksOut:
    """List the links of this registration, and similar registrations."""
    alike, pairs = links.compared(act, registration_id)
    found = _serialize(act, alike)
    said = [LinkOut.of(one, other=None if one.other is None else serialize_rows(act, [one.other])[0]) for one in pairs]
    return LinksOut(registration=registration_id, links=said, items=found.items, ask_desk=found.ask_desk)


@post(
    "/registrations/{registration_id:str}/links",
    summary="Link two registrations",
    permission=Permission.REGISTRATION_LINK,
)
def link_registration(act: Act, registration_id: FromPath[str], data: JSONBody[LinkIn]) -> LinksOut:
    """Record whether this and another registration are about the same client, related clients or different clients.
    Both registrations stay open.
    """
    links.link(act, registration_id, data.other, data.kind, replaces=data.replaces)
    return list_links(act, registration_id)


@post(
    "/registrations/{registration_id:str}/merge",
    summary="Merge a registration into another",
    permission=Permission.REGISTRATION_LINK,
)
def merge_registration(
    act: Act, registration_id: FromPath[str], data: JSONBody[MergeIn], language: Language
) -> RegistrationOut:
    """Close this waiting registration as a duplicate of another, open registration. Each keeps its history."""
    merged = links.merge(act, registration_id, data.other, replaces=data.replaces, confirm=data.confirm)
    return serialize_registration(act, merged, language)


def alike_of(act: Act, registration_id: str) -> DuplicatesOut:
    """Returns the registrations that are similar to a stored registration. Only pages use this function."""
    return _serialize(act, duplicates.alike_of(act, registration_id))


def _serialize(act: Act, found: Found) -> DuplicatesOut:
    rows = serialize_rows(act, [one.registration for one in found.alike])
    items = [_alike(act, row, one) for row, one in zip(rows, found.alike, strict=True)]
    return DuplicatesOut(items=items, ask_desk=found.ask_desk)


def _alike(act: Act, row: RegistrationRow, one: Alike) -> AlikeOut:
    registration = one.registration
    return AlikeOut(
        **row.model_dump(),
        agrees=sorted(one.agrees),
        alias=registration.alias if one.opened else None,
        who=[serialize_person(person, act.day) for person in registration.persons] if one.opened else None,
        languages=registration.languages if one.opened else None,
        closed_reason=registration.closed_reason,
    )
