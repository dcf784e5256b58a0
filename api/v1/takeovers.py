"""The entry of clients who already lived in a shelter, or waited, before the service was used (take-over)."""

from collections.abc import Mapping
from datetime import date

from litestar.params import JSONBody
from pydantic import Field

from api.http.context import Acts, Input, Output
from api.http.field_types import Code, Day
from api.http.operations import post
from api.v1.all_faults import complete
from api.v1.registration_input import CaseIn
from api.v1.registrations import RegistrationOut, faults_of, serialize_registration
from api.v1.stays import StayOut, serialize_stay
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.placements.stays import takeover
from placement.placements.stays.takeover import RoomTaken
from placement.tables import Registration
from placement.text.catalogue import Language


class RoomTakenIn(Input):
    room: Code
    persons: int | None = Field(
        None, ge=1, le=20, description="The number of persons in it, in the order of `persons`; left out: all others."
    )
    shared: bool = Field(
        default=False,
        description="true: the household does not have the room for itself; its empty beds can be given to others.",
    )


class TakeoverIn(Input, CaseIn):
    """A client to take over: a resident (`unit`, `rooms`, `came_on`), or a waiting client (`waits_since`)."""

    unit: Code | None = None
    rooms: list[RoomTakenIn] = Field([], max_length=20)
    came_on: Day | None = Field(None, description="The first day of the stay, from which its limit is counted.")
    waits_since: Day | None = Field(
        None, description="The day since which a client without a place waits. Not with the fields of a stay."
    )
    confirm: bool = Field(
        default=False,
        description="true: not the client of the same alias, ages and genders who lives in that unit or waits.",
    )

    def unit_and_day(self) -> tuple[str | None, date]:
        """Returns the unit and the first day in it. For a waiting client, returns `None` and the first day of waiting.
        Raises `Invalid` unless the fields are those of either a resident or a waiting client.
        """
        faults = where_faults(unit=self.unit, rooms=self.rooms, came_on=self.came_on, waits_since=self.waits_since)
        since = self.came_on if self.waits_since is None else self.waits_since
        if faults or since is None:
            raise Invalid(faults)
        return self.unit, since


def where_faults(*, waits_since: object, **lives: object) -> list[Fault]:
    """Returns a fault for each wrong field. Expects all fields of a resident (`lives`), or only `waits_since`."""
    if waits_since is not None:
        return [Fault(name, "lives_or_waits") for name, value in lives.items() if value]
    if not any(lives.values()):
        return [Fault("waits_since", "lives_or_waits")]
    return [Fault(name, "missing") for name, value in lives.items() if not value]


class TakeoverOut(Output):
    """The new registration and stay. `registration.lives_against` lists the rules that the place breaks. These rules do
    not prevent the take-over.
    """

    registration: RegistrationOut
    stay: StayOut | None = Field(description="Null for a waiting client.")


def tell_all(acts: Acts, ids: Mapping[str, str], facts: Mapping[str, object]) -> None:  # noqa: ARG001 - as of any route
    where = {name: facts.get(name) for name in ("waits_since", "unit", "rooms", "came_on")}
    complete(
        TakeoverIn,
        facts,
        lambda rest: acts.run(lambda act: faults_of(act, rest.model_copy(update={"open": True}))),
        where_faults(**where),
    )


@post(
    "/takeovers",
    summary="Take over a client who is there already",
    permission=Permission.TAKE_OVER,
    all_faults=tell_all,
    status_code=201,
)
def take_over_client(act: Act, data: JSONBody[TakeoverIn], language: Language) -> TakeoverOut:
    """Enter a client who has lived in a shelter, or waited for a place, since before the service was used.

    The stay and its limit begin on the day on which the client came. There is no proposal and no decision. Rules that
    the place breaks do not prevent this; the answer lists them.
    """
    unit, since = data.unit_and_day()
    if unit is None:
        waits = takeover.take_over_waiting(act, data.case(), waits_since=since, confirm=data.confirm)
        return TakeoverOut(registration=serialize_registration(act, waits, language), stay=None)
    rooms = [RoomTaken(one.room, one.persons, one.shared) for one in data.rooms]
    stay = takeover.take_over_resident(act, data.case(), unit_id=unit, rooms=rooms, came_on=since, confirm=data.confirm)
    registration = act.session.get_one(Registration, stay.registration_id)
    return TakeoverOut(registration=serialize_registration(act, registration, language), stay=serialize_stay(act, stay))
