"""The postal address of a client's place, for the people who bring the client there."""

from litestar.params import FromPath

from api.http.context import Output
from api.http.operations import post
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.placements import address_disclosure


class AddressOut(Output):
    """The address of the held beds. No other operation discloses it; do not store it."""

    hold: str
    unit: str
    address: str


@post(
    "/holds/{hold_id:str}/address",
    summary="Reveal the postal address of a hold",
    permission=Permission.ADDRESS_DISCLOSE,
    told_once=True,
)
def reveal_address(act: Act, hold_id: FromPath[str]) -> AddressOut:
    """Read the postal address, from the shelter's confirmation until the end of the stay.

    First give the second factor again (`POST /api/v1/session/second-factor`). A key never gets the address. The answer
    is not stored: an `Idempotency-Key` is ignored.
    """
    held, found = address_disclosure.address_of(act, hold_id)
    return AddressOut.of(held, hold=held.id, address=found)
