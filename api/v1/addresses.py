"""The postal address of a client's place, for the people who bring the client there."""

from litestar.params import FromPath
from pydantic import Field

from api.http.context import Output
from api.http.operations import post
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.doubt import contacts
from placement.placements import address_disclosure


class AddressOut(Output):
    """The postal address of the place with the kept beds. No other operation discloses the address. Do not store it."""

    hold: str
    unit: str
    address: str | None = Field(
        description="null: the request is unusual. The desk first calls your organisation back, on a number that it"
        " knew before. Ask again after that."
    )
    call_back: str | None = Field(description="The request that waits for the call-back.")
    ring: list[str] = Field(description="While a call-back is awaited: whom you can call, in this order.")


@post(
    "/holds/{hold_id:str}/address",
    summary="Reveal the postal address of a hold",
    permission=Permission.ADDRESS_DISCLOSE,
    told_once=True,
)
def reveal_address(act: Act, hold_id: FromPath[str]) -> AddressOut:
    """Read the postal address. It is available from the shelter's confirmation until the end of the stay.

    If the request is unusual, `address` is null until the desk has called your organisation back. First give the second
    factor again (`POST /api/v1/session/second-factor`). A key never gets the address. The answer is not stored: an
    `Idempotency-Key` is ignored.
    """
    found = address_disclosure.address_of(act, hold_id)
    waits = found.waits.id if found.waits else None
    ring = contacts.whom_to_ring(act.session, act.settings, act.at, names=True) if waits else []
    return AddressOut.of(found.held, hold=found.held.id, address=found.address, call_back=waits, ring=ring)
