"""Standing mandates: the agreement of the desk, given in advance, to first proposals that coordinators accept."""

from datetime import date, datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Day
from api.http.operations import get, post
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.core.codes import Scheme
from placement.core.context import Act
from placement.core.duty_codes import OutOfHours
from placement.duty import mandates
from placement.tables import Mandate


class MandateIn(Input):
    schemes: list[Scheme] = Field(description="Codes of the list `schemes`.", max_length=len(Scheme))
    starts_on: Day = Field(description="The first day, from its beginning.")
    ends_on: Day = Field(description="The last day, until midnight; at most 92 days in all.")


class MandateOut(Output):
    """A mandate: the agreement, in advance, of the desk to first proposals that coordinators accept in some schemes."""

    id: str
    schemes: list[Scheme]
    starts_on: date
    ends_on: date
    given_by: str
    given_at: datetime
    revoked_at: datetime | None
    stands: bool = Field(description="true: valid today. false after it was revoked, or after its author has left.")


class MandatesOut(Output):
    items: list[MandateOut] = Field(description="The mandates that are not over, earliest first.")
    schemes: list[Scheme] = Field(description="The schemes that a mandate can name.")
    out_of_hours: OutOfHours = Field(description="The setting; with `wait` no mandate has an effect.")
    people: People


@get("/mandates", summary="List standing mandates", permission=Permission.MANDATES_READ)
def list_mandates(act: Act) -> MandatesOut:
    """List present and later mandates, and whether the settings of the service allow their use."""
    found = mandates.listed(act)
    return MandatesOut(
        items=[serialize_mandate(act, one) for one in found.items],
        schemes=list(found.schemes),
        out_of_hours=act.settings.out_of_hours,
        people=people_of(act, [one.given_by for one in found.items]),
    )


@post("/mandates", summary="Give a standing mandate", permission=Permission.MANDATE_GIVE, status_code=201)
def give_mandate(act: Act, data: JSONBody[MandateIn]) -> MandateOut:
    """Agree in advance to first proposals accepted on these days. First give the second factor again."""
    return serialize_mandate(act, mandates.give(act, data.schemes, data.starts_on, data.ends_on))


@post("/mandates/{mandate_id:str}/revoke", summary="Revoke a standing mandate", permission=Permission.MANDATE_REVOKE)
def revoke_mandate(act: Act, mandate_id: FromPath[str]) -> MandateOut:
    """End a mandate at once. Decisions that were carried out with it still wait for the desk's confirmation."""
    return serialize_mandate(act, mandates.revoke(act, mandate_id))


def serialize_mandate(act: Act, row: Mandate) -> MandateOut:
    return MandateOut.of(row, stands=mandates.stands(act, row))
