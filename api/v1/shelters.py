"""The register of shelters: providers, shelters and locations."""

from litestar import Response
from litestar.params import FromPath, FromQuery, JSONBody

from api.http import methods
from api.http.context import RequestActs
from api.http.field_types import Day
from api.http.operations import get, put
from api.http.response_formats import FILES, FormAsked, listed
from api.v1.places import (
    AddressIn,
    LocationIn,
    LocationPatch,
    ProviderIn,
    ProviderOut,
    ProvidersOut,
    RegisteredLocationOut,
    RegisteredShelterOut,
    RoomOnDayOut,
    RoomsOnDayOut,
    ShelterIn,
    ShelterPatch,
    SheltersOut,
    ShelterTreeOut,
    location_out,
    shelter_out,
    tree_out,
    within_cell,
)
from api.v1.register_operations import patch, post
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.shelters import change_requests, reads, register


@methods.get("/providers", summary="List providers", permission=Permission.PROVIDER_READ, also_as=FILES)
def list_providers(acts: RequestActs, format: FormAsked = None) -> Response[ProvidersOut]:
    """List the organisations that run shelters."""
    return listed(acts, "providers", providers, _items, "id", "name", form=format)


def providers(act: Act) -> ProvidersOut:
    return ProvidersOut(items=[ProviderOut.of(one) for one in reads.providers(act)])


@post("/providers", summary="Register a provider", permission=Permission.REGISTER_CHANGE, status_code=201)
def create_provider(act: Act, data: JSONBody[ProviderIn]) -> ProviderOut:
    """Register an organisation that runs shelters."""
    return ProviderOut.of(register.make_provider(act, data.name))


@get("/providers/{provider_id:str}", summary="Read a provider", permission=Permission.PROVIDER_READ)
def read_provider(act: Act, provider_id: FromPath[str]) -> ProviderOut:
    """Read an organisation that runs shelters."""
    return ProviderOut.of(reads.provider(act, provider_id))


@patch("/providers/{provider_id:str}", summary="Rename a provider", permission=Permission.REGISTER_CHANGE)
def change_provider(act: Act, provider_id: FromPath[str], data: JSONBody[ProviderIn], version: int) -> ProviderOut:
    """Rename a provider; `If-Match` contains the version that you read."""
    return ProviderOut.of(register.rename_provider(act, provider_id, version, data.name))


@methods.get("/shelters", summary="List shelters", permission=Permission.REGISTER_READ, also_as=FILES)
def list_shelters(acts: RequestActs, format: FormAsked = None) -> Response[SheltersOut]:
    """List all shelters, also closed shelters. Staff and keys of a shelter see only their own."""
    columns = ("id", "name", "provider", "status", "opens_on", "open_until", "closes_on", "no_new_from", "closed_on")
    return listed(acts, "shelters", shelters, _items, *columns, form=format)


def _items(found: ProvidersOut | SheltersOut | RoomsOnDayOut) -> list[dict[str, object]]:
    return [one.model_dump(mode="json") for one in found.items]


def shelters(act: Act) -> SheltersOut:
    return SheltersOut(items=[shelter_out(one) for one in reads.shelters(act)])


@post("/shelters", summary="Register a shelter", permission=Permission.REGISTER_CHANGE, status_code=201)
def create_shelter(act: Act, data: JSONBody[ShelterIn]) -> RegisteredShelterOut:
    """Register a shelter. This also makes an organisation for its staff, who can then be invited."""
    made = register.make_shelter(act, data.provider, data.name, opens_on=data.opens_on, open_until=data.open_until)
    return shelter_out(made)


@get("/shelters/{shelter_id:str}", summary="Read a shelter and all its parts", permission=Permission.REGISTER_READ)
def read_shelter(act: Act, shelter_id: FromPath[str]) -> ShelterTreeOut:
    """Read a shelter with its locations, units and rooms, without addresses."""
    return tree_out(reads.shelter_tree(act, shelter_id))


@patch(
    "/shelters/{shelter_id:str}",
    summary="Change a shelter",
    permission=Permission.REGISTER_CHANGE,
    alone=lambda body: body.model_fields_set == {"name"},
)
def change_shelter(
    act: Act, shelter_id: FromPath[str], data: JSONBody[ShelterPatch], version: int
) -> RegisteredShelterOut:
    """Change the name, first day or last day of a shelter. `If-Match`: the version that you read. A key with the scope
    `register` can change only the name.
    """
    return shelter_out(register.change_shelter(act, shelter_id, version, data.values()))


@methods.get(
    "/shelters/{shelter_id:str}/rooms",
    summary="List the rooms of a day",
    permission=Permission.REGISTER_READ,
    also_as=FILES,
)
def list_rooms(
    acts: RequestActs,
    shelter_id: FromPath[str],
    as_of: FromQuery[Day | None] = None,
    format: FormAsked = None,
) -> Response[RoomsOnDayOut]:
    """List the rooms that a capacity report of this day (default: today) must contain."""
    columns = ("id", "unit", "name", "beds", "features")
    return listed(acts, "rooms", lambda act: _rooms(act, shelter_id, as_of), _items, *columns, form=format)


def _rooms(act: Act, shelter_id: str, as_of: Day | None) -> RoomsOnDayOut:
    day = as_of or act.day
    return RoomsOnDayOut(
        as_of=day,
        items=[
            RoomOnDayOut(
                id=room.id,
                unit=room.values["unit_id"],
                name=room.values["name"],
                beds=room.beds,
                features=room.values["features"],
            )
            for room in reads.rooms_on(act, shelter_id, day)
        ],
    )


@post(
    "/shelters/{shelter_id:str}/locations",
    summary="Register a location",
    permission=Permission.REGISTER_CHANGE,
    status_code=201,
    stored=within_cell,
)
def create_location(act: Act, shelter_id: FromPath[str], data: JSONBody[LocationIn]) -> RegisteredLocationOut:
    """Register a location. Of its position, only the cell of about 10 km is stored."""
    made = register.make_location(
        act,
        shelter_id,
        data.name,
        data.where.point(),
        region=data.region,
        opens_on=data.opens_on,
        open_until=data.open_until,
    )
    return location_out(made)


@patch(
    "/locations/{location_id:str}",
    summary="Change a location",
    permission=Permission.REGISTER_CHANGE,
    stored=within_cell,
)
def change_location(
    act: Act, location_id: FromPath[str], version: int, data: JSONBody[LocationPatch]
) -> RegisteredLocationOut:
    """Change a location's name, region, days or position; `If-Match` contains the version that you read."""
    values = data.values()
    where = values.pop("where", None)
    changed = register.change_location(act, location_id, version, values, where.point() if where else None)
    return location_out(changed)


@put(
    "/locations/{location_id:str}/address",
    summary="Ask for a postal address",
    permission=Permission.REGISTER_CHANGE,
    status_code=202,
)
def request_address(act: Act, location_id: FromPath[str], data: JSONBody[AddressIn]) -> SecondPersonRequestOut:
    """Request that a postal address be stored. A second person of the desk types it again. No answer contains it."""
    return serialize_request(act, change_requests.ask_for_address(act, location_id, data.address))
