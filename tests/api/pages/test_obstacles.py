"""The obstacle that a person notes on the page of a waiting client."""

import re

import pytest

from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


def pressed(page):
    return re.findall(r'aria-pressed="true">([^<]+)<', page.text)


@pytest.mark.wide
def test_person_notes_an_obstacle_by_a_single_click(service):
    desk = signed_in(service, "desk", language="en")
    case = service.desk.made("/registrations", somebody())["id"]
    path = f"/registrations/{case}"
    assert pressed(desk.get(path)) == []
    for code, shown, stored in (("transport", ["no transport"], "transport"), ("", [], None)):
        page = desk.send(f"{path}/obstacle", obstacle=code)
        assert (page.url.path, pressed(page)) == (path, shown)
        assert service.desk.get(path).json()["obstacle"] == stored
    assert desk.send(f"{path}/obstacle", obstacle="weather").status_code == 400
