"""Read access to shelters, their rooms and units, and to the country's capacity.

Each read writes its audit event; what is outside the actor's scope is not found.
"""

from collections.abc import Sequence

from placement.access import scoped_queries as queries
from placement.audit import log as audit
from placement.audit.log import Event
from placement.capacity import overview as capacity_view
from placement.capacity.history import History
from placement.capacity.history import free_beds as history_of_beds
from placement.capacity.overview import ShelterAtAGlance, ShelterCapacity
from placement.core.context import Act
from placement.tables import (
    Unit,
)


def capacity(act: Act, shelter_id: str) -> ShelterCapacity:
    shelter = queries.readable_shelter(act.session, act.actor, shelter_id)
    audit.write(act, Event.CAPACITY_READ, subject=shelter.id)
    return capacity_view.shelter_capacity(act, shelter)


def profile(act: Act, unit_id: str) -> Unit:
    found = queries.readable_unit(act.session, act.actor, unit_id)
    audit.write(act, Event.PROFILE_READ, subject=found.id)
    return found


def country(act: Act) -> Sequence[ShelterAtAGlance]:
    """Every shelter, summarised."""
    audit.write(act, Event.COUNTRY_READ)
    return capacity_view.country(act)


def history(act: Act) -> History:
    """The free beds of every unit, day by day."""
    audit.write(act, Event.COUNTRY_READ, part="history")
    return history_of_beds(act)
