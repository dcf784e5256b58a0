"""Absences of users: the days, and the deputy who gets the notifications meanwhile."""

from datetime import date

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Code, Day
from api.http.operations import get, post
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.duty import absences
from placement.duty.absences import NamedAbsence


class AbsenceIn(Input):
    starts_on: Day
    ends_on: Day = Field(description="The last day of the absence.")
    deputy: Code | None = Field(None, description="The id of the account that is notified instead; one of `deputies`.")


class AbsenceOut(Output):
    id: str
    starts_on: date
    ends_on: date
    deputy: str | None
    desk_told: bool = Field(description="true: on some day nobody else is there; the placement desk is notified too.")
    desk_empty: bool = Field(description="Only for the desk: on a day of the absence nobody of the desk is there.")
    regions: list[str] = Field(description="Only for a coordinator: the regions in which nobody else is there.")


class AbsencesOut(Output):
    items: list[AbsenceOut]
    deputies: list[str] = Field(description="The accounts that can be the deputy: with the same role and reach.")
    people: People


@get("/absences", summary="List your absences", permission=Permission.ABSENCE_READ)
def list_absences(act: Act) -> AbsencesOut:
    """List your absences that are not over, and the accounts that can be your deputy."""
    found, deputies = absences.mine(act)
    named = [one.absence.deputy_id for one in found]
    return AbsencesOut(
        items=[_serialize(one) for one in found],
        deputies=list(deputies),
        people=people_of(act, [*named, *deputies]),
    )


@post("/absences", summary="Name an absence", permission=Permission.ABSENCE_CHANGE, status_code=201)
def name_absence(act: Act, data: JSONBody[AbsenceIn]) -> AbsenceOut:
    """Enter an absence. Your deputy gets your notifications meanwhile; if nobody is present, the desk gets them."""
    return _serialize(absences.name(act, data.starts_on, data.ends_on, data.deputy))


@post("/absences/{absence_id:str}/withdraw", summary="Withdraw an absence", permission=Permission.ABSENCE_CHANGE)
def withdraw_absence(act: Act, absence_id: FromPath[str]) -> AbsenceOut:
    """End your absence from now on."""
    return _serialize(absences.withdraw(act, absence_id))


def _serialize(named: NamedAbsence) -> AbsenceOut:
    return AbsenceOut.of(
        named.absence,
        desk_told=named.desk_told,
        desk_empty=named.desk_empty,
        regions=list(named.regions),
    )
