"""A closed case of which a part was erased: no page suggests that this part never existed."""

import re

import pytest

from placement.core.context import SYSTEM, Act
from placement.retention.erasure import erase_content
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store


@pytest.fixture
def closed(service):
    danger = [{"place": "Alkmaar", "min_km": 30}]
    case = service.coordinator.made("/registrations", somebody(alias="Merel", threats=danger))["id"]
    service.coordinator.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
    return case


def not_filled_in(text):
    return re.search(r"<dt>Not filled in</dt><dd[^>]*>(.*?)</dd>", text).group(1)


@pytest.mark.wide
@one_store
def test_page_of_an_erased_case_tells_no_part_as_left_out(service, closed):
    coordinator = signed_in(service, "coordinator")
    assert "Alkmaar" in coordinator.get(f"/registrations/{closed}").text
    with service.database.transaction() as session:
        erase_content(Act(session, SYSTEM, service.moment.at, service.country.settings), [closed])
    text = coordinator.get(f"/registrations/{closed}").text
    assert "Erased at the end of its term: Alias" in text
    assert "Alias" not in not_filled_in(text)
    assert "Danger point" not in text


@pytest.mark.wide
@one_store
def test_closed_case_waits_in_no_list(service, closed):
    page = signed_in(service, "coordinator").get("/registrations?status=closed").text
    row = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*{closed}.*?</tr>", page, re.DOTALL).group(0)
    assert re.findall(r'<td role="cell">(.*?)</td>', row)[0] == "\u2013"
