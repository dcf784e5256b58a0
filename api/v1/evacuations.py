"""Evacuations. A place is closed at once, and its residents become members of an event. Residents of other places that
are closing can be added.
"""

from typing import Literal

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input
from api.http.field_types import Code, Day
from api.http.operations import post
from api.v1.events import EventOut, event_out
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.place_codes import RegisterKind
from placement.events import evacuations
from placement.events.evacuations import EvacuationInput

Left = Literal[RegisterKind.SHELTER, RegisterKind.LOCATION, RegisterKind.UNIT]


class EvacuationIn(Input):
    """The place to evacuate."""

    kind: Left
    place: Code
    until: Day = Field(description="By when it must be empty; the urgency follows from it.")
    name: str | None = Field(None, max_length=100, description="Of the event; null: the name of the place.")


class ResidentsIn(Input):
    """A closing place, whose residents become members of the event."""

    kind: Left
    place: Code


@post("/evacuations", summary="Evacuate a place", permission=Permission.EVENT_CHANGE, status_code=201)
def evacuate_place(act: Act, data: JSONBody[EvacuationIn]) -> EventOut:
    """Close a shelter, location or unit at once, and make an event with all clients who live there. Each client gets an
    urgent request for another place (not the closed place), and keeps the bed until the arrival elsewhere.
    """
    given = EvacuationInput(data.kind, data.place, data.until, data.name)
    return event_out(act, evacuations.evacuate(act, given))


@post("/events/{event_id:str}/residents", summary="Add the residents of a place", permission=Permission.EVENT_CHANGE)
def add_residents(act: Act, event_id: FromPath[str], data: JSONBody[ResidentsIn]) -> EventOut:
    """Add the clients who live in a closing shelter, location or unit. Each client gets a request for another place
    (not the closing place) until the day of the closing, and keeps the bed until that day.
    """
    return event_out(act, evacuations.add_residents(act, event_id, data.kind, data.place))
