"""Every shelter at a glance."""

from litestar import Response, get
from litestar.di import NamedDependency

from api.acts import Acts
from api.pages.frame import Page, page, told
from api.v1 import country as routes
from placement.permissions import Permission


@get("/country", permission=Permission.COUNTRY_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return page(request, "country.html", known=told(routes.read_country.fn(acts)))
