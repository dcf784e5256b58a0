"""Two places beside each other: what differs, what is equal, and their marks on the map."""

from api.pages.comparison import TOPICS, compare
from api.pages.proposal_map import FITS_NOT, PROPOSED, WAY_OUT, map_of
from api.v1.proposals import UnitOut, WhyOut
from api.v1.registrations import ThreatOut
from matching.distance import distance_km
from placement.core.geography import Cell, Point, places
from placement.placements.proposals.fit_reasons import REASONS
from placement.placements.proposals.map_cells import least_km


def unit(name, kind="alternative", region="amsterdam", **why):
    reasons = [WhyOut(code=code, facts={}, words=words) for code, words in why.items()]
    return UnitOut.model_construct(unit=name, name=name, shelter=f"house {name}", kind=kind, region=region, why=reasons)


def test_comparison_has_each_reason_in_one_topic():
    assert sorted(code for codes in TOPICS.values() for code in codes) == sorted(REASONS)


def test_comparison_shows_what_differs_and_names_what_is_equal():
    first = unit("A", "chosen", free_now="Free now.", spoken="Staff speak Tigrinya.", own_room="A room.")
    second = unit("B", free_now="Free now.", interpreter="An interpreter.", own_room="A room.", needs="Care.")
    found = compare(first, second)
    assert found.same == ["Free now.", "A room."]
    assert found.differ == [("language", ("Staff speak Tigrinya.", "An interpreter.")), ("help", ("", "Care."))]


def test_map_has_one_mark_for_the_places_of_a_cell():
    one, other, way, far = (Cell(580, 33), Cell(585, 40), Cell(575, 36), Cell(590, 45))
    fitting = [unit("A1", "chosen"), unit("B1"), unit("C1")]
    others = [unit("W1", "nearly"), unit("N1", "not_eligible"), unit("H1", "not_eligible", region="limburg")]
    cells = {"A1": one, "B1": one, "C1": other, "W1": way, "N1": far}
    picture = map_of(fitting, others, [others[0]], [], cells)
    marks = {(mark.kind, mark.text) for mark in picture.marks}
    assert marks == {(PROPOSED, "AB"), ("fits", "C"), (WAY_OUT, "1"), (FITS_NOT, "")}
    assert picture.marks[-1].kind == PROPOSED
    assert [(area.code, number) for area, number in picture.areas] == [("south_east", 1)]


def test_distance_of_a_cell_holds_at_its_nearest_corner():
    rotterdam = places()["rotterdam"].point
    cell = Cell.of(places()["utrecht"].point)
    corners = [Point((cell.row + up) * 0.09, (cell.column + right) * 0.145) for up in (0, 1) for right in (0, 1)]
    least = least_km(cell, rotterdam)
    assert least > 0
    assert all(distance_km(one.lat, one.lon, rotterdam.lat, rotterdam.lon) >= least for one in corners)
    assert least_km(cell, cell.centre) == 0
    threat = ThreatOut.model_construct(place="Rotterdam", lat=rotterdam.lat, lon=rotterdam.lon, min_km=20)
    assert map_of([unit("A1")], [], [], [threat], {"A1": cell}).least == {"A1": [least]}
