"""The rooms in which a client lives, as a move names them; and everything about one case, by one filter."""

import pytest

from tests.support.api.housed_client import lives_somewhere
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def case(service):
    return lives_somewhere(service).rpartition("/")[2]


@pytest.mark.wide
def test_rooms_of_a_stay_are_those_that_a_move_has_seen(service, case):
    [stay] = service.desk.get(f"/stays?registration={case}").json()["items"]
    [hold] = service.staff.get(f"/holds?registration={case}").json()["items"]
    seen = [room["room"] for room in stay["rooms"]]
    assert stay["rooms"] == [{"room": room["room"], "name": room["name"]} for room in hold["rooms"]]
    rooms = service.staff.get("/shelters/S01/capacity").json()["rooms"]
    other = next(room["room"] for room in rooms if room["free_now"] and room["room"] not in seen)
    body = {"rooms": [other], "seen_rooms": seen, "confirm": True}
    moved = service.staff.made(f"/stays/{stay['id']}/move", body)
    assert [room["room"] for room in moved["rooms"]] == [other]
    assert service.staff.post(f"/stays/{stay['id']}/move", body).status_code == 409
    ended = service.staff.made(f"/stays/{stay['id']}/end", {"reason": "own_housing"})
    assert ended["rooms"] == []


@pytest.mark.wide
@pytest.mark.parametrize("path", ["/decisions", "/holds", "/stays"])
def test_lists_are_filtered_by_registration(service, case, path):
    found = service.desk.get(f"{path}?registration={case}").json()
    assert {row["registration"] for row in found["items"]} == {case}
    assert found["total"] == len(found["items"])
    assert service.desk.get(f"{path}?registration=R-0").json()["total"] == 0
    assert service.elsewhere.get(f"{path}?registration={case}").json()["total"] == 0
