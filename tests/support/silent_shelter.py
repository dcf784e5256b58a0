"""The town with a shelter that never reported: S1, with U1-women and U2-family."""

from placement.core.codes import OrganisationKind
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Organisation
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
