"""The map of a proposal: a coordinator's page shows no cell but those of the places that fit; the desk's shows all."""

import re

import pytest
from sqlmodel import select

from api.pages.map import spot
from placement.core.geography import Cell
from placement.tables import Location, Unit
from tests.support.api.pages import signed_in
from tests.support.api.resources import offered
from tests.support.stores import one_store

HERE = 60
"""More than the largest half width of a mark, in units of the picture; less than three cells."""


@pytest.fixture
def spread(service):
    """Moves each shelter to a place of its own, far from the others, and leaves nobody without a decision."""
    service.close_all()
    with service.database.transaction() as session:
        for number, location in enumerate(session.exec(select(Location).order_by(Location.id))):
            location.cell_row, location.cell_column = 575 + 3 * number, 33 + 3 * number
    return service


def drawn(page):
    """Returns the corners and points of everything on the map but the land, as a set of positions."""
    picture = page.split('id="where-map"')[1].split("</svg>")[0]
    shown = re.sub(r'<path class="land" [^>]*>', "", picture)
    pairs = [*re.findall(r'x="([\d.]+)" y="([\d.]+)"', shown), *re.findall(r"M([\d.]+) ([\d.]+)h", shown)]
    return {(float(x), float(y)) for x, y in pairs}


def on_the_map(service, page):
    """Returns the units whose cell has a mark on the page."""
    corners = drawn(page)
    with service.database.transaction() as session:
        located = session.exec(select(Unit.id, Location).join(Location)).all()
        cells = {unit: spot(Cell(one.cell_row, one.cell_column).centre) for unit, one in located}
    return {unit for unit, (x, y) in cells.items() if any(abs(x - a) < HERE and abs(y - b) < HERE for a, b in corners)}


def houses(units):
    return {unit.rsplit("-", 1)[0] for unit in units}


@pytest.mark.wide
@one_store
def test_map_shows_a_coordinator_only_cells_of_places_that_fit(spread):
    proposal = offered(spread)
    fitting = {one["unit"] for one in (proposal["chosen"], *proposal["alternatives"])}
    hidden = houses(one["unit"] for one in proposal["others"]) - houses(fitting)
    assert hidden
    page = signed_in(spread, "coordinator", language="en").get(f"/proposals/{proposal['id']}").text
    assert houses(on_the_map(spread, page)) == houses(fitting)
    assert "Other places, as numbers:" in page


@pytest.mark.wide
@one_store
def test_map_shows_the_desk_the_cells_of_all_places(spread):
    proposal = offered(spread)
    every = {one["unit"] for one in (proposal["chosen"], *proposal["alternatives"], *proposal["others"])}
    spread.opened(proposal["registration"])
    page = signed_in(spread, "desk", language="en").get(f"/proposals/{proposal['id']}").text
    assert houses(on_the_map(spread, page)) == houses(every)
    assert "Other places, as numbers:" not in page
