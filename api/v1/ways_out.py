"""Ways out for a proposal without a place: the smallest sets of changes after which a unit fits the client."""

from pydantic import Field

from api.http.context import Output
from matching import HARD_RULES

_CHANGES = ", ".join(dict.fromkeys(what for rule in HARD_RULES for what in rule.change_sentences))


class RoomUseOut(Output):
    room: str
    persons: int


class WayOutChangeOut(Output):
    """A change in a way out: another fact about the client or the shelter, a rule that is waived, or other rooms."""

    rule: str
    what: str = Field(
        description=f"{_CHANGES}; waived (the rule is set aside for this client); resident_moved, third_room, split "
        "(rooms); first_count (the shelter is rung). A later version can add some."
    )
    unit: str
    agree: list[str] = Field(
        description="Who must agree: client, registrant, coordinator, shelter, desk (a second person), resident"
    )
    safety: bool = Field(description="true: the rule is about danger.")
    facts: dict[str, object] = Field(
        description="`before` and `after`, the least that is enough, and what else the change is about; for a split "
        "`persons`, by position from 0, and `to_unit`; for a move `room`, `to` and the number of `persons`; for a "
        "first count the `telephone` of the shelter, if one is known"
    )
    words: str


class WayOutPlaceOut(Output):
    unit: str
    persons: int
    rooms: list[RoomUseOut]


class WayOutOut(Output):
    """A way out: changes after which a unit fits the client. No change can be left out."""

    unit: str
    agree: list[str] = Field(description="Who must agree to the whole set; each household that moves has a row.")
    changes: list[WayOutChangeOut]
    places: list[WayOutPlaceOut] = Field(
        description="The places of the client after it, in one part or two; without rooms before a first count."
    )
    loss: int = Field(description="Points that the others lose, compared with their best total without this client.")
    displaced: int = Field(description="The number of others who would lose a place.")
    registrations: list[str] = Field(description="References of those of them whom you may see.")
