"""Need to know: the rules for which units a reader sees by name, with their exact numbers of free beds. Every answer
about units follows these rules. The desk sees every unit by name. A coordinator sees by name the units of their own
regions and the units in their open proposals, and all others only as groups (`placement/capacity/elsewhere.py`). A
reader of a case always sees the name of the client's place.
"""

from sqlmodel import Session, select

from placement.core.codes import Sees
from placement.core.context import Actor
from placement.tables import Location, Unit


def sees_by_name(actor: Actor, region: str, *, proposed: bool = False) -> bool:
    """Checks whether the actor sees a unit of this region by name. `proposed`: true if an open proposal for a case of
    the actor names the unit.
    """
    if actor.role.sees is Sees.ALL:
        return True
    return actor.role.sees is Sees.REGIONS and (proposed or region in actor.regions)


def sees_all_by_name(actor: Actor) -> bool:
    return actor.role.sees is Sees.ALL


def units_by_name(session: Session, actor: Actor) -> frozenset[str]:
    """Returns the ids of the units that the actor sees by name because of their region."""
    regions = session.exec(select(Unit.id, Location.region).join(Location))
    return frozenset(unit for unit, region in regions if sees_by_name(actor, region))
