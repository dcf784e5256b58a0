"""Periods in a report that are over: they have no effect, and the answer reports that."""

from tests.support.api.service import rooms_as_they_are
from tests.support.stores import one_store

PATH = "/shelters/S01/capacity"


@one_store
def test_period_that_is_over_is_told_and_refuses_nothing(service):
    shelter, day = service.shelter, service.moment.at.date().isoformat()
    rooms = rooms_as_they_are(shelter, "S01")
    free = {one["room"]: one["free_now"] for one in shelter.get(PATH).json()["rooms"]}
    name = next(room for room, beds in free.items() if beds >= 2)
    [room] = (one for one in rooms if one["room"] == name)
    room["out_of_service"] = {"beds": 1, "until": day}
    room["used_by_others"] = [
        {"count": 1, "gender": "female", "until": "2026-11-01"},
        {"count": 1, "gender": "female", "until": "2027-11-01"},
    ]
    told = [
        {"room": name, "field": "out_of_service", "beds": 1, "until": day},
        {"room": name, "field": "used_by_others", "beds": 1, "until": "2026-11-01"},
    ]
    answer = shelter.put(PATH, {"rooms": rooms})
    assert answer.status_code == 200
    assert [one for one in answer.json()["ended"] if one["room"] == name] == told
    assert [one for one in shelter.get(PATH).json()["ended"] if one["room"] == name] == told
    [now] = (one for one in answer.json()["rooms"] if one["room"] == name)
    assert now["free_now"] == free[name] - 1
