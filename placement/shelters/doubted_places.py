"""The end of the doubt about a place. A place is in doubt if its rows were changed outside the service. Its shelter
must then report its rooms, and a person of the desk must save the place again. Until then no client is placed there.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from placement.access.fresh_factor import require_fresh
from placement.access.register_queries import shelter_id_of
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Sees
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.storage import log_index, sealed_session
from placement.storage.log_index import Wanted
from placement.tables import Location, Unit
from placement.tables.shelter import Lifetime

_GIVEN_ANEW: Mapping[type[Lifetime], tuple[str, str]] = MappingProxyType(
    {Location: ("cell_row", "where"), Unit: ("scheme", "scheme")}
)
"""The column that a person must enter again, and the field that contains it, by kind of place."""


def open_anew(act: Act, place: Lifetime, given: Collection[str]) -> None:
    """Ends the doubt about a place, if any, when a person changes it. `given`: the columns that the person entered.
    Raises `NotAllowed` without a fresh second factor. Raises `Conflict` if another row is in doubt, or if the shelter
    has not reported since the doubt began. Also raises it unless a person of the desk enters the column in
    `_GIVEN_ANEW`.
    """
    if not place.is_in_doubt:
        return
    if not act.actor.role.has_authority or act.actor.session_id is None:
        raise Conflict("place_in_doubt")
    require_fresh(act)
    column, field = _GIVEN_ANEW.get(type(place), ("", ""))
    if column and column not in given:
        raise Conflict("place_anew", missing=[field])
    name = f"{place.__tablename__}/{place.id}"
    if not _has_reported(act, place, name):
        raise Conflict("shelter_reports_first")
    if not sealed_session.release(act.session, place):
        raise Conflict("others_in_doubt")
    audit_log.write(act, Event.ROWS_RESTATED, subject=place.id, rows=[name])


def _has_reported(act: Act, place: Lifetime, name: str) -> bool:
    """Checks whether the shelter itself has reported since the audit event that recorded the doubt about the place."""
    named = [
        event.id
        for kind in (Event.SEAL_BROKEN, Event.ROWS_DIFFER)
        for event in log_index.find(act.session, Wanted(event=kind.value))
        if name in (f"{event.facts.get('table')}/{event.facts.get('row')}", *event.facts.get("rows", ()))
    ]
    reports = log_index.find(act.session, Wanted(event=Event.CAPACITY_REPORTED.value, after=max(named, default=0)))
    shelter = shelter_id_of(act.session, place)
    return any(one.object_id == shelter and one.role and one.role.sees is Sees.SHELTER for one in reports)
