"""The persons of the desk who are on call outside the hours of duty."""

from datetime import date, datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Code, Day
from api.http.operations import get, post
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.duty import rota
from placement.notifications.ring_choices import without_a_ring


class OnCallIn(Input):
    account: Code = Field(description="The id of an account of the desk; one of `desk`.")
    starts_on: Day = Field(description="The first day: on call from the beginning of duty.")
    ends_on: Day = Field(description="The last day: until duty begins on the day after.")


class OnCallOut(Output):
    id: str
    account: str
    starts_on: date
    ends_on: date


class RotaOut(Output):
    items: list[OnCallOut] = Field(description="The entries that are not over, earliest first.")
    desk: list[str] = Field(description="The accounts that can be put on call.")
    now: list[str] = Field(description="The accounts that are on call now.")
    on_duty: bool = Field(description="Whether the desk is on duty now.")
    begins_at: datetime = Field(description="The next beginning of duty.")
    without_number: list[str] = Field(description="Those of these accounts that have no telephone number.")
    without_ring: list[str] = Field(
        description="Those of these accounts that neither push nor SMS reaches: not chosen, or the last one failed."
    )
    people: People


@get("/on-call", summary="List who is on call", permission=Permission.ON_CALL_READ)
def list_on_call(act: Act) -> RotaOut:
    """List who of the desk is on call on which days, and who is on call now."""
    found = rota.rota(act)
    accounts = [*(one.account_id for one in found.items), *found.desk, *found.now]
    return RotaOut.of(
        found,
        items=[OnCallOut.of(one) for one in found.items],
        without_ring=without_a_ring(act.session, accounts),
        people=people_of(act, accounts),
    )


@post("/on-call", summary="Put a person on call", permission=Permission.ON_CALL_CHANGE, status_code=201)
def name_on_call(act: Act, data: JSONBody[OnCallIn]) -> OnCallOut:
    """Put a person of the desk on call for these days."""
    return OnCallOut.of(rota.name(act, data.account, data.starts_on, data.ends_on))


@post(
    "/on-call/{on_call_id:str}/withdraw", summary="Withdraw an entry of the rota", permission=Permission.ON_CALL_CHANGE
)
def withdraw_on_call(act: Act, on_call_id: FromPath[str]) -> OnCallOut:
    """Remove a person from the rota from now on."""
    return OnCallOut.of(rota.withdraw(act, on_call_id))
