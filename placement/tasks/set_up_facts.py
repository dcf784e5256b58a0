"""Facts of the database that show which parts of the set-up are missing. Few SQL statements read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select as select_columns
from sqlmodel import Session, and_, col, func, select

from placement.access.permissions import Permission
from placement.areas.lookup import areas, reach_of
from placement.core.area_codes import SchemesOfArea
from placement.core.codes import Scheme, Sees, StayStatus, StoreFact, roles_that_see
from placement.core.context import Act
from placement.core.place_codes import PlaceStatus
from placement.storage import store_records
from placement.tables import Bed, CapacityReport, Location, Organisation, Room, Shelter, Stay, StoreRecord, Unit
from placement.tasks.staff import StaffMember, are_two, staff

INVITERS = frozenset(Permission.ACCOUNT_INVITE.reach)
REGISTRARS = frozenset(Permission.DECISION_CONFIRM.reach)
"""The roles that maintain the register of shelters: the desk."""
_ASKERS = frozenset(Permission.ADDRESS_DISCLOSE.reach)
"""The roles that request addresses. Their organisation is called if a request is odd."""


@dataclass(slots=True)
class ShelterFacts:
    name: str
    units: int = 0
    beds: int = 0
    reported: bool = False
    admits: bool = False
    """True if a unit with beds has a profile."""
    silent: bool = False
    """True if a unit with beds has no profile, so that it admits nobody."""
    has_staff: bool = False
    some_clients: bool = False
    """True if a client lives or is expected in any shelter. The database does not store in clear in which shelter."""
    no_address: bool = False
    """True if a location with beds has no postal address."""


@dataclass(frozen=True, slots=True)
class KnownSetUp:
    """The present set-up. Invited persons are included as users."""

    two_inviters: bool
    registrars: int
    has_rota: bool
    """True if a person of the desk was on call recently, or will be on call."""
    alone: Mapping[str, str]
    """The areas without a coordinator in which this service places clients: their names by code."""
    unnumbered: Mapping[str, str]
    """The organisations of users who request addresses that have no telephone number: their names by id."""
    shelters: Mapping[str, ShelterFacts]
    schemes: frozenset[Scheme]
    records: Mapping[StoreFact, StoreRecord]
    empty_units: tuple[str, ...] = field(default=())
    """The ids of shelters with a unit that has no beds."""


def known_set_up(act: Act) -> KnownSetUp:
    session, people = act.session, staff(act.session, act.at)
    staffed = {one.shelter_id for one in people if one.shelter_id}
    shelters, schemes, empty = _places(session, staffed)
    known, coordinating = areas(session, act.day), roles_that_see(Sees.REGIONS)
    reached = {
        code for one in people if one.role in coordinating for code in reach_of(known, one.regions, one.organisation_id)
    }
    placing = {code: place.value.name for code, place in known.items() if place.value.schemes is SchemesOfArea.HERE}
    return KnownSetUp(
        two_inviters=are_two([one for one in people if one.role in INVITERS]),
        registrars=sum(one.role in REGISTRARS for one in people),
        has_rota=any(one.called for one in people if one.role in REGISTRARS),
        alone={code: name for code, name in placing.items() if code not in reached},
        unnumbered=_unnumbered(session, people),
        shelters=shelters,
        schemes=schemes,
        records=store_records.records(session),
        empty_units=empty,
    )


def _unnumbered(session: Session, people: Sequence[StaffMember]) -> Mapping[str, str]:
    asking = {one.organisation_id or "" for one in people if one.role in _ASKERS}
    known = session.exec(
        select(Organisation).where(col(Organisation.id).in_(sorted(asking))).order_by(Organisation.name)
    )
    return {one.id: one.name for one in known if not one.telephones}


def _places(
    session: Session, staffed: set[str]
) -> tuple[Mapping[str, ShelterFacts], frozenset[Scheme], tuple[str, ...]]:
    reported = select(CapacityReport.id).where(CapacityReport.shelter_id == Shelter.id).exists()
    clients = select(Stay.id).where(col(Stay.status).in_((StayStatus.PLANNED, StayStatus.IN_HOUSE))).exists()
    unit_is_there = and_(col(Unit.location_id) == Location.id, col(Unit.status) != PlaceStatus.CLOSED)
    bed_is_there = and_(col(Bed.room_id) == Room.id, col(Bed.until_on).is_(None))
    rows = session.execute(
        select_columns(
            col(Shelter.id),
            col(Shelter.name),
            col(Unit.id),
            col(Unit.scheme),
            col(Unit.admits),
            func.count(col(Bed.id)),
            reported,
            clients,
            col(Location.address).is_(None),
        )
        .join(Location, col(Location.shelter_id) == Shelter.id, isouter=True)
        .join(Unit, unit_is_there, isouter=True)
        .join(Room, col(Room.unit_id) == Unit.id, isouter=True)
        .join(Bed, bed_is_there, isouter=True)
        .where(col(Shelter.status) != PlaceStatus.CLOSED)
        .group_by(col(Shelter.id), col(Shelter.name), col(Location.id), col(Unit.id), col(Unit.scheme))
        .order_by(col(Shelter.name), col(Shelter.id))
    )
    shelters: dict[str, ShelterFacts] = {}
    schemes, empty = set(), []
    for shelter_id, name, unit_id, scheme, admits, beds, has_reported, some_clients, no_address in rows:
        one = shelters.setdefault(
            shelter_id,
            ShelterFacts(name, reported=has_reported, has_staff=shelter_id in staffed, some_clients=some_clients),
        )
        if unit_id is not None:
            one.units += 1
            one.beds += beds
            one.admits |= bool(beds and admits)
            one.silent |= bool(beds and not admits)
            one.no_address |= bool(beds and no_address)
            schemes.add(scheme)
            if not beds:
                empty.append(shelter_id)
    return shelters, frozenset(schemes), tuple(empty)
