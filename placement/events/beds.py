"""The number of persons of an event who have a bed tonight, for the top of the event's page."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.place_codes import RegisterKind
from placement.events.events import member_rows
from placement.shelters import closing
from placement.tables import Hold, Location, MassEvent, Registration, Shelter, Stay, Unit
from placement.tables.event import LeftPlace
from placement.tables.shelter import Lifetime

PLACES: Mapping[RegisterKind, type[Lifetime]] = {
    RegisterKind.SHELTER: Shelter,
    RegisterKind.LOCATION: Location,
    RegisterKind.UNIT: Unit,
}
"""The kinds of places that an evacuation can empty, each with its table."""


@dataclass(frozen=True, slots=True)
class BedsTonight:
    """Numbers of persons. `with_bed`: persons who live in a bed, or whose bed a shelter confirmed. `asked`: persons for
    whom a bed is reserved, and whose shelter has not answered yet. `without`: all other persons. `expected`: the
    forecast number of persons.
    """

    persons: int
    with_bed: int
    asked: int
    expected: int = 0

    @property
    def without(self) -> int:
        return self.persons - self.with_bed - self.asked


def beds_tonight(act: Act, event: MassEvent) -> BedsTonight:
    """Counts the persons of the members that the actor sees, by the bed that they have tonight. Does not count beds in
    the place that the evacuation empties.
    """
    rows = member_rows(act, event)
    ids = {row.registration_id for row in rows if row.registration_id}
    cases = act.session.exec(select(Registration).where(col(Registration.id).in_(ids))).all()
    persons = {one.id: len(one.known("persons") or ()) for one in cases}
    stays = act.session.exec(
        select(Stay).where(col(Stay.registration_id).in_(ids), Stay.status != StayStatus.ENDED)
    ).all()
    asked_states = (HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER)
    holds = select(Hold.registration_id).where(col(Hold.registration_id).in_(ids), col(Hold.status).in_(asked_states))
    left = _left_stays(act, event)
    housed = {stay.registration_id for stay in stays if stay.id not in left}
    asked = set(act.session.exec(holds)) - housed
    typed = sum(1 for row in rows if row.registration_id is None)
    return BedsTonight(
        persons=sum(persons.values()) + typed,
        with_bed=sum(persons.get(one, 0) for one in housed),
        asked=sum(persons.get(one, 0) for one in asked),
        expected=event.content.forecast.persons,
    )


def _left_stays(act: Act, event: MassEvent) -> set[str]:
    left = event.content.left
    place = None if left is None else place_left(act, left)
    return {stay.id for stay in closing.inside(act.session, place, act.day).stays} if place else set()


def place_left(act: Act, left: LeftPlace) -> Lifetime | None:
    return act.session.get(PLACES[left.kind], left.id)
