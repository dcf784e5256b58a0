"""What holds of every page in every state."""

from axe_playwright_python.sync_playwright import Axe

from api.pages.routes import PAGES
from tests.browser.views import PARTS, VIEWS

LARGEST = 150_000
"""Bytes of a page with everything that it needs, as they came over the wire."""


def test_every_page_of_the_routes_is_looked_at():
    routes = {route.path_format for route in PAGES.routes if "GET" in route.methods}
    assert len(routes) >= 8
    assert {view.route for view in VIEWS} == routes - PARTS


def test_axe_finds_nothing(shown):
    """All of its rules in light; in dark, where only the colours differ, the one about colours."""
    page = shown(bypass_csp=True, reduced_motion="reduce").page  # so that axe can be put into the page
    for scheme, only in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"resultTypes": ["violations"], **only})
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"


def test_a_page_asks_nobody_else_fits_a_phone_and_200_percent_and_is_light(looked):
    """One look at each view tells all of this; a test for each would make the browser come back."""
    assert looked.outside == []
    assert looked.complaints == []
    assert looked.missing == []
    assert {wide: found for wide, found in looked.widths.items() if found > wide} == {}
    assert 0 < looked.weight < LARGEST
