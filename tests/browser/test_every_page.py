"""Requirements of every page in every state."""

import pytest

from api.pages.routes import PAGES
from tests.support.browser.views import PARTS, VIEWS

LARGEST = 150_000
"""Bytes of a page with everything that it needs, as they came over the wire."""


def test_every_page_route_has_a_view():
    routes = {route.path_format for route in PAGES.routes if "GET" in route.methods}
    assert len(routes) >= 8
    assert {view.route for view in VIEWS} == routes - PARTS


@pytest.mark.wide
def test_axe_finds_nothing(looked):
    assert looked.barriers == {}


@pytest.mark.wide
def test_layout_has_no_fault_in_dutch_and_in_longer_words(looked):
    """No text covers another or is cut; no column is too narrow for its words; no target is small on a phone."""
    assert looked.faults == []
    assert looked.faults_longer == []


@pytest.mark.wide
def test_page_has_at_most_one_first_act(looked, view):
    """More than one button of the first rank shows no order. The page of the design shows each part."""
    assert view.route == "/help/design" or len(looked.first_acts) <= 1, looked.first_acts


@pytest.mark.wide
def test_page_asks_no_other_site_fits_phone_and_zoom_is_light(looked):
    """A single look at each view gives all of this; a test for each would make the browser come back."""
    assert looked.outside == []
    assert looked.complaints == []
    assert looked.missing == []
    assert {wide: found for wide, found in looked.widths.items() if found > wide} == {}
    assert 0 < looked.weight < LARGEST
