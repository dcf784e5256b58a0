"""The requests in `docs/guide/events.md`, as they stand there; and what a left house learns of its clients' next."""

from random import Random

import pytest

from fixtures.credentials import Post
from fixtures.events import NAME, store_event
from placement.core.codes import Role
from tests.support.api.bodies import BODIES
from tests.support.api.events import accepted, planned
from tests.support.api.guide_requests import requests_of
from tests.support.stores import one_store


@pytest.mark.wide
@one_store
def test_rehearsal_of_the_guide_runs_on_the_demo_event(service):
    service.close_all()
    desk = Post(service.desk.account, "", Role.DESK, "")
    with service.database.transaction() as session:
        store_event(session, Random(1), [desk], service.moment.at)
    answers, event = [], ""
    for method, path, body in requests_of("events.md"):
        answers.append(service.desk.ask(method, path.replace("{id}", event), body))
        assert answers[-1].is_success, (path, answers[-1].text)
        if not event:
            [row] = answers[-1].json()["items"]
            event = row["id"]
    _, pasted, registered, planned, begun = (answer.json() for answer in answers)
    assert (row["name"], row["status"], row["beds"]["expected"]) == (NAME, "planned", 20)
    wrong = [one["column"] for member in pasted["items"] for one in member["faults"]]
    assert (len(pasted["items"]), wrong) == (21, ["age"])
    assert registered["registered"] == 17
    assert (begun["status"], begun["keeps_beds"], begun["beds"]["persons"]) == ("under_way", True, 21)
    done = accepted(service, event, planned["version"])
    asked = {line["registration"] for house in planned["houses"] for line in house["lines"]}
    assert ({*done["registrations"]}, done["changed"]) == (asked, [])


@pytest.mark.wide
@one_store
def test_left_house_reads_nowhere_the_next_place_of_its_client(service):
    service.close_all()
    stay = service.staff.get("/stays?status=in_house").json()["items"][0]
    today = str(service.moment.at.date())
    event = service.desk.made("/evacuations", BODIES["EvacuationIn"] | {"place": stay["unit"], "until": today})
    assert stay["registration"] in str(service.desk.get(f"/events/{event['id']}/members").json())
    offered = service.desk.made(f"/registrations/{stay['registration']}/proposals")
    assert not offered["chosen"] or offered["chosen"]["unit"] != stay["unit"]
    others = [
        one["unit"] for one in [offered["chosen"], *offered["others"]] if one and one["unit"][:3] != stay["unit"][:3]
    ]
    assert others
    plan = planned(service, event["id"])
    done = accepted(service, event["id"], plan["version"])
    assert stay["registration"] in done["registrations"]  # its next house was asked
    [house] = [one for one in plan["houses"] if stay["registration"] in str(one)]
    assert house["shelter"] != stay["unit"].split("-")[0]
    hidden = [*others, house["shelter"], house["name"]]
    paths = ("/stays", f"/stays?registration={stay['registration']}", "/holds", "/tasks", "/reminders", "/capacity")
    for path in (*paths, "/telephone-entries", "/shelters/S01/capacity"):
        answer = service.staff.get(path).text
        assert not [one for one in hidden if one in answer], path
    assert service.staff.get(f"/events/{event['id']}").status_code == 403
