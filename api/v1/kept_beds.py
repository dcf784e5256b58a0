"""Beds that are kept for an event of a later day, and their use for a client who needs a bed tonight."""

from datetime import date

from litestar.params import FromPath
from pydantic import Field

from api.http.context import Output
from api.http.operations import get, post
from api.v1.holds import HoldOut, serialize_holds
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.context import Act
from placement.events import kept_beds


class KeptBedOut(Output):
    event: str
    name: str = Field(description="The name of the event.")
    day: date = Field(description="The day of the event.")
    registration: str = Field(description="The member for whom the bed is kept.")
    unit: str
    place: str = Field(description="The unit and its shelter, by name.")


class KeptBedsOut(Output):
    items: list[KeptBedOut] = Field(description="At most five; each alone is enough for the client.")


@get(
    "/registrations/{registration_id:str}/kept-beds",
    summary="List beds that are kept for events",
    permission=Permission.EVENT_PLAN_READ,
)
def list_kept_beds(act: Act, registration_id: FromPath[str]) -> KeptBedsOut:
    """List the beds that are kept for events on later days, and that would fit this client, who needs a bed tonight."""
    found = kept_beds.beds_for(act, registration_id)
    places = place_names.places(act.session, {one.unit for one in found})
    return KeptBedsOut(
        items=[
            KeptBedOut(
                event=one.event.id,
                name=one.event.content.name,
                day=one.event.content.day,
                registration=one.registration,
                unit=one.unit,
                place=places[one.unit],
            )
            for one in found
        ]
    )


@post(
    "/events/{event_id:str}/plan/lines/{registration_id:str}/withdrawal",
    summary="Give up the bed of a member",
    permission=Permission.EVENT_PLAN_MAKE,
)
def withdraw_kept_bed(act: Act, event_id: FromPath[str], registration_id: FromPath[str]) -> HoldOut:
    """Give up a bed that is kept for a member of an event on a later day, because another client needs it tonight. A
    new plan of the event then shows that this member has lost the bed.
    """
    return serialize_holds(act, [kept_beds.withdraw(act, event_id, registration_id)])[0]
