"""People over HTTP: one's own details and absences, whom to ring, and names in place of ids."""

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.resources import confirm_counts, offered
from tests.support.stores import one_store

NOOR = {"name": "Medewerker Een", "job_title": "plaatser", "telephone": "030 000 00 02"}
NUMBERS = {"placing": "030 000 00 01", "night": None, "general": None}


def errors(answer):
    assert answer.status_code == 400, answer.text
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


def test_details_are_changed_by_their_owner(service):
    kept = {**NOOR, "telephone": "+31300000002", "at_once": "all", "language": "nl"}
    assert service.desk.put("/details", NOOR).json() == kept
    assert service.desk.get("/details").json() == kept
    assert service.second.get("/details").json() == {
        "name": None,
        "job_title": None,
        "telephone": None,
        "at_once": "all",
        "language": "nl",
    }
    assert service.desk.put("/details", {"name": "Medewerker Een"}).json()["telephone"] is None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"name": "A name must contain letters.",
                "telephone": "A number in the Netherlands has 10 digits, such as 030 123 45 67. This number has 6. "
                             "Is it right?"}),
        ("nl", {"name": "Een naam moet letters hebben.",
                "telephone": "Een nummer in Nederland heeft 10 cijfers, zoals 030 123 45 67. Dit heeft er 6. "
                             "Klopt het?"}),
    ],
)  # fmt: skip
@one_store
def test_details_that_are_wrong_are_refused_in_words(service, language, words):
    answer = service.desk.put("/details", {"name": "12", "telephone": "030 123"}, accept_language=language)
    assert errors(answer) == words


@one_store
def test_invited_person_begins_with_the_details_given(service):
    asked = {"email": "n@placement.example", "role": "reader", "organisation": "O-oversight", **NOOR}
    admin = service.signed_in("admin")
    assert admin.made("/invitations", asked)["facts"]["telephone"] == "+31300000002"
    wrong = admin.post("/invitations", asked | {"telephone": "ring the desk"})
    assert errors(wrong)["telephone"].startswith("Een telefoonnummer bestaat uit cijfers")


def test_centre_is_rung_by_the_numbers_that_an_admin_wrote(service):
    admin, patch = service.signed_in("admin"), {"name": "Het Centrum", "telephones": NUMBERS}
    assert admin.ask("PATCH", "/organisations/O-centre", patch).is_success
    for caller in (service.desk, service.coordinator, service.staff, service.shelter, service.report_reader):
        assert caller.get("/centre").json() == {
            "name": "Het Centrum",
            "telephones": {"placing": "+31300000001", "night": None, "general": None},
            "service_address": None,
        }
    wrong = admin.ask("PATCH", "/organisations/O-centre", {"telephones": {"night": "+1"}})
    assert set(errors(wrong)) == {"telephones.night"}
    assert admin.get("/organisations/O-centre").json()["name"] == "Het Centrum"


@pytest.mark.wide
def test_decision_names_the_actor_and_the_second_person(service):
    service.close_all()
    confirm_counts(service)
    for caller, name in ((service.coordinator, "Medewerker Twee"), (service.desk, "Medewerker Een")):
        caller.put("/details", {"name": name})
    proposal = offered(service, needs=["pregnancy"])
    made = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    assert {one["name"] for one in made["people"].values()} == {"Medewerker Twee"}
    service.desk.made(f"/decisions/{made['id']}/confirmation", {"granted": True})
    for found in (
        service.coordinator.get(f"/decisions/{made['id']}").json(),
        service.desk.get(f"/decisions?proposal={proposal['id']}").json()["items"][0],
    ):
        assert found["people"][found["decided_by"]]["name"] == "Medewerker Twee"
        assert found["people"][found["second_by"]]["name"] == "Medewerker Een"


def test_log_keeps_the_id_and_shows_the_name_beside_it(service):
    service.desk.put("/details", NOOR)
    service.auditor.get("/audit/events")
    found = service.auditor.get("/audit/events").json()
    [event] = [one for one in found["items"] if one["event"] == "account:details_changed"]
    assert (event["actor"], found["people"][event["actor"]]["name"]) == (service.desk.account, "Medewerker Een")
    assert "Medewerker" not in str(event)


@pytest.mark.wide
def test_placer_is_told_to_the_shelter_after_confirmation_only(service):
    service.close_all()
    confirm_counts(service)
    service.coordinator.put("/details", {**NOOR, "job_title": None})
    proposal = offered(service, needs=["pregnancy"])
    decided = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decided['id']}/confirmation", {"granted": True})["hold"]
    assert service.staff.get(f"/holds/{hold}").json()["placers"] == []
    told = service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    assert told["placers"] == [{"name": "Medewerker Een", "job_title": None, "telephone": "+31300000002"}]
    assert told["shelter_telephones"] is None
    assert service.shelter.get(f"/holds/{hold}").json()["placers"] == []  # a program rings nobody
    seen = service.coordinator.get(f"/holds/{hold}").json()
    assert (seen["placers"], seen["shelter_telephones"]["placing"][:5]) == ([], "+3130")
    stay = service.shelter.made(f"/holds/{hold}/arrival")["id"]
    assert service.staff.get(f"/holds/{hold}").json()["placers"] == told["placers"]
    service.staff.made(f"/stays/{stay}/end", {"reason": "own_housing"})
    assert service.staff.get(f"/holds/{hold}").json()["placers"] == []
    assert service.coordinator.get(f"/holds/{hold}").json()["shelter_telephones"] is None


def test_absence_takes_a_deputy_that_fits(service):
    days = {"starts_on": "2026-12-01", "ends_on": "2026-12-04"}
    listed = service.coordinator.get("/absences").json()
    assert service.desk.account in listed["deputies"]
    assert service.staff.account not in listed["deputies"]
    assert listed["people"][service.desk.account]["name"]
    refused = service.coordinator.post("/absences", {**days, "deputy": service.staff.account})
    said = "Kies een vervanger uit de lijst. Een vervanger moet alles mogen zien wat u ziet."
    assert errors(refused) == {"deputy": said}
    made = service.coordinator.made("/absences", {**days, "deputy": service.desk.account})
    assert (made["deputy"], made["desk_told"], made["regions"]) == (service.desk.account, False, [])
    assert service.coordinator.post("/absences", days).status_code == 409
    service.coordinator.made(f"/absences/{made['id']}/withdraw")
    assert service.coordinator.get("/absences").json()["items"] == []


@one_store
def test_mail_at_once_is_chosen_with_the_details(service):
    chosen = service.coordinator.put("/details", {**NOOR, "at_once": "urgent"}).json()
    assert chosen["at_once"] == service.coordinator.get("/details").json()["at_once"] == "urgent"
    assert service.coordinator.put("/details", {**NOOR, "at_once": "sometimes"}).status_code == 400


@one_store
def test_choice_of_mail_at_once_stays_where_it_is_left_out(service):
    assert service.coordinator.put("/details", {**NOOR, "at_once": "none"}).is_success
    for body in (NOOR, {**NOOR, "at_once": None}):
        assert service.coordinator.put("/details", body).json()["at_once"] == "none"
