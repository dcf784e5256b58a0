"""One's own name, job title and telephone number; days of being away, and who is told meanwhile."""

from dataclasses import replace
from datetime import date

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Acts, Input, Output
from api.http.field_types import Code, Day
from api.http.methods import get, post, put
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.accounts import absences, details
from placement.accounts.absences import Named
from placement.accounts.details import Details
from placement.core.context import Act
from placement.core.notice_codes import AtOnce

LONGEST_WRITTEN = 200
"""Characters that are read at all; what is kept has a limit of its own."""


class DetailsIn(Input):
    name: str = Field(max_length=LONGEST_WRITTEN)
    job_title: str | None = Field(None, max_length=LONGEST_WRITTEN)
    telephone: str | None = Field(
        None, max_length=LONGEST_WRITTEN, description="As people write it: 030 123 45 67, or +32 470 12 34 56."
    )

    at_once: AtOnce | None = Field(
        None, description="Of what you are mailed at once: all, urgent or none; left out, as it was."
    )


class DetailsOut(Output):
    """Null is what was not given yet."""

    name: str | None
    job_title: str | None
    telephone: str | None = Field(description="As E.164: +31301234567.")
    at_once: str = Field(description="Of what you are mailed at once: all, urgent or none.")


class AbsenceIn(Input):
    starts_on: Day
    ends_on: Day = Field(description="The last day of it.")
    deputy: Code | None = Field(None, description="The id of an account that is told meanwhile; one of `deputies`.")


class AbsenceOut(Output):
    id: str
    starts_on: date
    ends_on: date
    deputy: str | None
    desk_told: bool = Field(description="On some day of it nobody else is there: the placement desk is told too.")
    regions: list[str] = Field(description="Of a coordinator: in which regions that is so.")


class AbsencesOut(Output):
    items: list[AbsenceOut]
    deputies: list[str] = Field(description="The accounts that can be named: of the same role, with the same reach.")
    people: People


@get("/details", summary="Read one's own details", permission=Permission.DETAILS_READ)
def read_details(acts: NamedDependency[Acts]) -> Response[DetailsOut]:
    """One's own name, job title and telephone number."""
    return acts.read(own_details)


def own_details(act: Act) -> DetailsOut:
    return _serialize(details.of(act.session, act.actor.id))


@put("/details", summary="Change one's own details", permission=Permission.DETAILS_CHANGE)
def change_details(acts: NamedDependency[Acts], data: JSONBody[DetailsIn]) -> Response[DetailsOut]:
    """Say what one is called, does, and is rung by. A number without a country is Dutch."""
    return acts.write(lambda act: change(act, data))


def change(act: Act, data: DetailsIn) -> DetailsOut:
    at_once = data.at_once or details.of(act.session, act.actor.id).at_once
    wanted = replace(details.checked(data.name, data.job_title, data.telephone), at_once=at_once)
    return _serialize(details.change(act, wanted))


@get("/absences", summary="List one's own absences", permission=Permission.ABSENCE_READ)
def list_absences(acts: NamedDependency[Acts]) -> Response[AbsencesOut]:
    """One's own absences that are not over, and who could be told meanwhile."""
    return acts.read(own_absences)


def own_absences(act: Act) -> AbsencesOut:
    found, deputies = absences.mine(act)
    named = [one.absence.deputy_id for one in found]
    return AbsencesOut(
        items=[_serialize_absence(one) for one in found],
        deputies=list(deputies),
        people=people_of(act, [*named, *deputies]),
    )


@post("/absences", summary="Name an absence", permission=Permission.ABSENCE_CHANGE, status_code=201)
def name_absence(acts: NamedDependency[Acts], data: JSONBody[AbsenceIn]) -> Response[AbsenceOut]:
    """Name days of being away. The deputy is told what one would be told; where nobody is left, the desk is."""
    return acts.write(lambda act: name(act, data))


def name(act: Act, data: AbsenceIn) -> AbsenceOut:
    return _serialize_absence(absences.name(act, data.starts_on, data.ends_on, data.deputy))


@post("/absences/{absence_id:str}/withdraw", summary="Withdraw an absence", permission=Permission.ABSENCE_CHANGE)
def withdraw_absence(acts: NamedDependency[Acts], absence_id: FromPath[str]) -> Response[AbsenceOut]:
    """End one of one's own absences, from now on."""
    return acts.write(lambda act: withdraw(act, absence_id))


def withdraw(act: Act, absence_id: str) -> AbsenceOut:
    return _serialize_absence(absences.withdraw(act, absence_id))


def _serialize(found: Details) -> DetailsOut:
    return DetailsOut.of(found)


def _serialize_absence(named: Named) -> AbsenceOut:
    return AbsenceOut.of(
        named.absence, deputy=named.absence.deputy_id, desk_told=named.desk_told, regions=list(named.regions)
    )
