"""Places that never reported: S1 of the town, with U1-women and U2-family; a unit of the small country."""

from collections.abc import Sequence

from sqlmodel import Session, select

from placement.core.codes import Gender, OrganisationKind, Scheme
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Bed, Location, Organisation, Room, Unit
from tests.support.stores import Stores
from tests.support.town import ROOMS, Town, build

NUMBER = "+31201234567"


def silent_town(stores: Stores) -> Town:
    made = stores.make("silent-town", _build)
    return Town(made.database, made.settings)


def _build(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        build(session)
        kind, numbers = OrganisationKind.SHELTER, {"placing": NUMBER}
        session.add(Organisation(id="O-S1", kind=kind, name="Opvang 1", shelter_id="S1", telephones=numbers))
    story = Town(database, settings)
    for shelter_id in ROOMS.keys() - {"S1"}:
        story.report(shelter_id)


def add_uncounted_unit(session: Session, specialisms: Sequence[str] = ()) -> str:
    """Adds a unit for everybody to a shelter with a number, with two beds that were never reported."""
    known = session.exec(select(Unit).where(Unit.scheme == Scheme.COSM).order_by(Unit.id)).first()
    assert known is not None
    location = session.get_one(Location, known.location_id)
    organisation = session.exec(select(Organisation).where(Organisation.shelter_id == location.shelter_id)).one()
    organisation.telephones = {"placing": NUMBER}
    facts = known.model_dump(exclude={"id", "name", "admits", "specialisms", "version"})
    session.add(Unit(id="U-new", name="Zolder", admits=[*Gender], specialisms=[*specialisms], **facts))
    session.flush()
    session.add(Room(id="K-new", unit_id="U-new", name="1"))
    session.flush()
    session.add_all(Bed(room_id="K-new", number=number) for number in (1, 2))
    return "U-new"
