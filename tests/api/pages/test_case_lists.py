"""The way from a case to the next case of the list that its reader came from. No address contains the cases of the
list.
"""

import re

import pytest

from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def cases(service):
    """Registers three clients who wait, the most urgent first."""
    service.close_all()
    return [service.desk.made("/registrations", somebody(region="den-haag", urgency=one))["id"] for one in (1, 2, 3)]


@pytest.fixture
def desk(service):
    return signed_in(service, "desk", language="en")


def sides(page):
    """Returns the previous case, the next case, and the position of this case."""
    found = re.search(r'<nav class="between".*?</nav>', page.text, re.DOTALL)
    if not found:
        return None
    linked = dict(re.findall(r'<a rel="(prev|next)" href="/registrations/([^"]+)"', found[0]))
    return linked.get("prev"), linked.get("next"), re.search(r"(\d+ of \d+)", found[0])[1]


@pytest.mark.wide
def test_next_case_is_that_of_the_list_the_reader_came_from(desk, cases):
    first, second, third = cases
    desk.get("/")
    assert sides(desk.get(f"/registrations/{second}?in=waits")) == (first, third, "2 of 3")
    assert sides(desk.get(f"/registrations/{third}")) == (second, None, "3 of 3")
    desk.get("/registrations?urgency=2")
    assert sides(desk.get(f"/registrations/{second}")) == (None, None, "1 of 1")
    assert "/registrations?status=open" in re.search(r'<nav class="between".*?</nav>', desk.page.text, re.DOTALL)[0]


@pytest.mark.wide
def test_case_that_left_its_list_still_has_a_next_one(service, desk, cases):
    desk.get("/")
    assert service.desk.post(f"/registrations/{cases[0]}/close", {"reason": "found_other_place"}).is_success
    assert sides(desk.get(f"/registrations/{cases[0]}?in=waits"))[1] == cases[1]


@pytest.mark.wide
def test_case_of_no_list_has_no_sides(desk, cases):
    desk.get("/registrations?urgency=2")
    assert sides(desk.get(f"/registrations/{cases[2]}")) is None
    assert sides(desk.get(f"/registrations/{cases[2]}?in=nonsense")) is None


@pytest.mark.wide
def test_another_session_has_no_list(service, desk, cases):
    desk.get("/")
    other = signed_in(service, "desk", language="en")
    other.cookies |= {name: value for name, value in desk.cookies.items() if name.endswith("-lists")}
    assert sides(other.get(f"/registrations/{cases[1]}?in=waits")) is None


@pytest.mark.wide
def test_longest_lists_fit_in_the_browser(service, desk, cases):
    for _ in range(60):
        service.desk.made("/registrations", somebody(region="den-haag", urgency=4))
    for page in ("/", "/registrations", "/holds", "/stays"):
        desk.get(page)
    assert sides(desk.get("/registrations/" + cases[0] + "?in=all"))[2] == "1 of 50"
    assert all(len(value) < 4000 for value in desk.cookies.values())


@pytest.mark.wide
def test_case_that_must_be_opened_first_has_its_sides(service, desk, cases):
    theirs = service.coordinator.made("/registrations", somebody(urgency=1))["id"]
    desk.get("/")
    page = desk.get(f"/registrations/{theirs}?in=waits")
    before, after, where = sides(page)
    assert page.status_code == 403
    assert (before, after, where) in {(cases[0], cases[1], "2 of 4"), (None, cases[0], "1 of 4")}  # both of today
    assert theirs in sides(desk.get(f"/registrations/{cases[0]}"))[:2]
