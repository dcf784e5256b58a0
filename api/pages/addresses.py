"""The page that discloses a postal address once, after a fresh second factor. It hides the address after a minute."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.frame import Page, Reply, page
from api.v1 import addresses, holds
from api.v1.addresses import AddressOut
from api.v1.holds import HoldOut
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act


@dataclass(frozen=True, slots=True)
class HoldWithAddress:
    one: HoldOut
    verified: bool
    disclosed: AddressOut | None

    @property
    def address(self) -> str | None:
        return self.disclosed.address if self.disclosed else None

    @property
    def called_meanwhile(self) -> list[str] | None:
        """The people to call while the desk's call-back is awaited; `None` if no call-back is awaited."""
        return self.disclosed.ring if self.disclosed and self.disclosed.call_back else None


@get("/holds/{hold_id:str}/address", permission=Permission.ADDRESS_DISCLOSE)
def ask(request: Page, acts: RequestActs, hold_id: FromPath[str]) -> Response[str]:
    """Shows the form for the second factor, but no address."""
    return _page(request, acts, hold_id)


@post("/holds/{hold_id:str}/address", permission=Permission.ADDRESS_DISCLOSE)
def disclose(request: Page, acts: RequestActs, hold_id: FromPath[str]) -> Reply:
    """Shows the postal address as the answer to the form. It has no URL of its own, so it cannot be loaded again."""
    return _page(request, acts, hold_id, disclosed=True)


def _page(request: Page, acts: Acts, hold_id: str, *, disclosed: bool = False) -> Response[str]:
    def found(act: Act) -> HoldWithAddress:
        address = addresses.reveal_address(act, hold_id) if disclosed else None
        return HoldWithAddress(holds.read_hold(act, hold_id), fresh_factor.is_fresh(act), address)

    view = acts.show("address", found, Permission.ADDRESS_DISCLOSE, Permission.HOLD_READ)
    return page(request, "address.html", view, address=view.address, called_meanwhile=view.called_meanwhile)
