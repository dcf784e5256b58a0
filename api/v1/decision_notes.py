"""Notes of a decision: from the client, for the shelter, for the driver."""

from pydantic import BaseModel, Field

from api.http.context import Output
from placement.core.consent_codes import ClientSays, Driver
from placement.placements.holds.handover_notes import HandoverNotes


class ToldIn(BaseModel):
    client_says: ClientSays | None = Field(
        None, description="The client's own yes or no to the place. Never lowers the priority; with `no` give `text`."
    )
    for_shelter: str | None = Field(None, max_length=1000, description="Free text for the shelter; kept for 30 days.")
    driver: Driver | None = Field(None, description="Who brings the client.")
    driver_told: str | None = Field(
        None, max_length=500, description="For the driver; kept for 30 days. Never why the client is sheltered."
    )

    def told(self) -> HandoverNotes:
        return HandoverNotes(self.for_shelter, self.driver, self.driver_told)


class ToldOut(Output):
    """The notes of a decision. A note is null if nobody entered it, and from 30 days after the decision. `driver`: the
    driver whom the shelter named when it confirmed. The desk gets null for `for_shelter` and `driver_told` in a case to
    which it has no access.
    """

    for_shelter: str | None
    driver: Driver | None
    driver_told: str | None
    road_telephone: str | None = Field(
        description="The number to call on the way, as E.164; from the confirmation to the arrival, and never to a key."
    )
