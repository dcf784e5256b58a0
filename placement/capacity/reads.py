"""Read access to shelters, their rooms and units, and to the capacity of the country. Each read writes an audit event.
If the actor may not see an object, the read raises `NotFound`.
"""

from collections.abc import Sequence

from placement.access import scoped_queries
from placement.access.need_to_know import sees_by_name
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity import elsewhere, place_names
from placement.capacity import overview as capacity_overview
from placement.capacity.elsewhere import Group
from placement.capacity.history import History, for_reader
from placement.capacity.overview import ShelterAtAGlance, ShelterCapacity
from placement.core.context import Act
from placement.core.place_codes import FreeBand
from placement.tables import (
    Unit,
)


def capacity(act: Act, shelter_id: str) -> ShelterCapacity:
    shelter = scoped_queries.readable_shelter(act.session, act.actor, shelter_id)
    audit_log.write(act, Event.CAPACITY_READ, subject=shelter.id)
    return capacity_overview.shelter_capacity(act, shelter)


def profile(act: Act, unit_id: str) -> Unit:
    found = scoped_queries.readable_unit(act.session, act.actor, unit_id)
    audit_log.write(act, Event.PROFILE_READ, subject=found.id)
    return found


def country(act: Act) -> Sequence[ShelterAtAGlance]:
    """Returns a summary of every shelter that the actor sees by name."""
    audit_log.write(act, Event.COUNTRY_READ)
    return capacity_overview.country(act)


@needs(Permission.COUNTRY_READ)
def unit_names(act: Act) -> list[tuple[str, str, str]]:
    """Returns id, shelter and name of each present unit that the actor sees by name. `country` has the same units."""
    return [
        (unit.id, shelter.name, unit.name)
        for unit, location, shelter in place_names.read_all(act.session)
        if unit.exists_on(act.day) and location.exists_on(act.day) and sees_by_name(act.actor, location.region)
    ]


def country_elsewhere(act: Act) -> list[tuple[Group, FreeBand | None]]:
    """Returns the groups of all other units, each with its band of free beds."""
    return elsewhere.rows(act)


def history(act: Act) -> History:
    """Returns the free beds of every unit by day, or by week for a reader who sees only some regions by name."""
    audit_log.write(act, Event.COUNTRY_READ, part="history")
    return for_reader(act)
