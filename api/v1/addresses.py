"""The postal address of a client's place, for those who bring the client there."""

from litestar.params import FromPath

from api.http.context import Output
from api.http.operations import post
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.placements import address_disclosure


class AddressOut(Output):
    """The address of the held beds. It is disclosed only here; do not store it."""

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
    """The postal address, from the shelter's confirmation to the end of the stay.

    Give the second factor again first (`POST /api/v1/session/second-factor`); a key never gets the address. The answer
    is not stored: an `Idempotency-Key` is ignored.
    """
    held, found = address_disclosure.address_of(act, hold_id)
    return AddressOut.of(held, hold=held.id, address=found)
