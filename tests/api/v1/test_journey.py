"""A whole journey in each language, with interruptions; and what is revealed to no actor on the way."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

from placement.jobs import periodic
from placement.tables import Location
from tests.support.api.bodies import CONFIRM
from tests.support.api.resources import confirm_counts
from tests.support.api.service import Caller, Service, rooms_as_they_are, somebody
from tests.support.stores import OPERATOR

LANGUAGES = {"nl": "Voor deze aanmelding is nu geen plaats.", "en": "There is no place for this registration now."}

ALIAS, NOTE, ADDRESS = "CANARY-ALIAS", "CANARY-NOTE", "CANARY-ADDRESS"
DANGER = {"lat": 51.876543, "lon": 4.123457}
POINT = re.compile(r"51\.8765|4\.1234")
OF_SHELTERS = ("shelter", "other_shelter", "staff", "other_staff")
CALLERS = ("desk", "coordinator", "elsewhere", *OF_SHELTERS)
_HIDDEN = {"region", "alias", "threats", "near", "residence_basis", "registrant", "address", "lat", "lon", "min_km"}


def run_job(service: Service, name: str) -> None:
    job = next(job for job in periodic.JOBS if job.name == name)
    assert periodic.run(service.database, service.country.settings, job, service.moment.at)


@pytest.mark.wide
@pytest.mark.parametrize("language", LANGUAGES)
def test_journey_from_report_to_bed_with_interruptions(service, language):  # noqa: PLR0915  (one story)
    reads = {"Accept_Language": language}
    service.close_all()
    coordinator, desk, shelter, staff = service.coordinator, service.desk, service.shelter, service.staff

    # The other shelters are full, S01 has four beds free, and has not reported for four days.
    service.moment.pass_by(days=4)
    client = coordinator.made("/registrations", somebody(urgency=2, needs=["pregnancy"]), **reads)
    assert client["entitlement"]["schemes"] == ["cosm", "crisis"]
    assert client["entitlement"]["words"].startswith("Bedenktijd" if language == "nl" else "Reflection period")

    # The one unit for pregnancy is proposed; COSM needs the desk's word, another person's.
    proposal = coordinator.made(f"/registrations/{client['id']}/proposals", **reads)
    assert proposal["chosen"]["unit"] == "S01-L1-U1"
    assert proposal["chosen"]["freshness"] == "stale"
    assert {unit["kind"] for unit in proposal["others"]} <= {"given_to_another", "nearly", "not_eligible"}
    assert len(proposal["alternatives"]) <= 5
    assert all(unit["broken"] for unit in proposal["others"] if unit["kind"] != "given_to_another")
    assert proposal["chosen"]["total"] == sum(term["points"] for term in proposal["chosen"]["points"])
    decision = coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"}, **reads)
    assert decision["status"] == "waiting_for_desk"
    assert desk.get(f"/holds/{decision['hold']}").json()["status"] == "reserved"
    assert shelter.get(f"/holds/{decision['hold']}").status_code == 404  # it was not asked yet
    again = coordinator.post(f"/registrations/{client['id']}/proposals", **reads)
    assert (again.status_code, again.json()["type"]) == (409, "urn:placement:problem:decision_waits")
    assert decision["id"] in again.json()["detail"]
    assert coordinator.get(f"/registrations/{client['id']}").json()["decision"]["id"] == decision["id"]
    assert desk.get("/decisions?status=waiting_for_desk").json()["items"] == [decision | {"answer_until": None}]
    itself = coordinator.post(f"/decisions/{decision['id']}/confirmation", {"granted": True}, **reads)
    assert itself.status_code == 403

    # The desk agrees; the count is stale, so the shelter is asked first. One tap, and the bed is held.
    granted = desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True}, **reads)
    assert (granted["status"], granted["hold"]) == ("waiting_for_shelter", decision["hold"])
    assert shelter.get("/shelters/S01/capacity").json()["confirmation_asked_at"]
    assert shelter.made("/shelters/S01/capacity/confirm")["confirmation_asked_at"] is None
    [hold] = shelter.get("/holds?status=waiting_for_shelter").json()["items"]
    assert hold["registration"] == client["id"]
    assert coordinator.get(f"/registrations/{client['id']}").json()["status"] == "held"

    # No place after all: the count is corrected, the unit avoided, and the registration is open again.
    refused = staff.made(f"/holds/{hold['id']}/answer", {"answer": "refuse", "reason": "no_capacity"}, **reads)
    assert refused["status"] == "refused"
    rooms = {room["room"]: room for room in shelter.get("/shelters/S01/capacity").json()["rooms"]}
    assert rooms[hold["rooms"][0]["room"]]["free_now"] == 0
    assert rooms[hold["rooms"][0]["room"]]["withheld"] > 0
    again = coordinator.get(f"/registrations/{client['id']}").json()
    assert (again["status"], again["waits_since"]) == ("open", client["waits_since"])
    assert [(row["kind"], row["target"], row["reason"]) for row in again["avoided"]] == [
        ("unit", "S01-L1-U1", "no_capacity")
    ]

    # Now no unit can take the client, and the answer contains the reason.
    nowhere = coordinator.made(f"/registrations/{client['id']}/proposals", **reads)
    assert (nowhere["chosen"], nowhere["nobody"][: len(LANGUAGES[language])]) == (None, LANGUAGES[language])
    nothing = coordinator.post(f"/proposals/{nowhere['id']}/decision", {"decision": "accept"}, **reads)
    assert (nothing.status_code, nothing.json()["type"]) == (409, "urn:placement:problem:nothing_proposed")

    # The shelter counts again, the coordinator lifts what was avoided; the desk decides, and nobody answers in time.
    report = shelter.put("/shelters/S01/capacity", {"rooms": rooms_as_they_are(shelter, "S01")}, **reads).json()
    assert not any(room["withheld"] for room in report["rooms"])
    coordinator.made(f"/registrations/{client['id']}/avoided/{again['avoided'][0]['id']}/lift", **reads)
    refused = desk.post(f"/registrations/{client['id']}/proposals", **reads)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:placement:problem:reason_needed")
    service.opened(client["id"])
    third = desk.made(f"/registrations/{client['id']}/proposals", **reads)
    held = desk.made(f"/proposals/{third['id']}/decision", {"decision": "accept"}, **reads)
    assert held["status"] == "final"
    service.moment.pass_by(hours=4, seconds=1)
    run_job(service, "expire_holds")
    assert shelter.get(f"/holds/{held['hold']}").json()["status"] == "expired"
    late = staff.post(f"/holds/{held['hold']}/answer", CONFIRM, **reads)
    assert (late.status_code, late.json()["type"]) == (409, "urn:placement:problem:hold_expired")
    assert coordinator.get(f"/registrations/{client['id']}").json()["status"] == "open"

    # At last: proposed, decided, confirmed, arrived, and after some days gone.
    service.opened(client["id"])  # the hour was over
    last = desk.made(f"/registrations/{client['id']}/proposals", **reads)
    held = desk.made(f"/proposals/{last['id']}/decision", {"decision": "accept"}, **reads)
    tomorrow = (service.moment.at.replace(microsecond=0)).isoformat().replace("+00:00", "Z")
    answer = {**CONFIRM, "expected_at": tomorrow}
    assert staff.made(f"/holds/{held['hold']}/answer", answer, **reads)["status"] == "confirmed"
    stay = shelter.made(f"/holds/{held['hold']}/arrival", **reads)
    assert (stay["status"], stay["day"]) == ("in_house", 1)
    assert coordinator.get(f"/registrations/{client['id']}").json()["status"] == "placed"
    service.moment.pass_by(days=10)
    ended = staff.made(f"/stays/{stay['id']}/end", {"reason": "own_housing"}, **reads)
    assert (ended["status"], ended["day"], ended["end_reason"]) == ("ended", 11, "own_housing")
    closed = coordinator.get(f"/registrations/{client['id']}").json()
    assert (closed["status"], closed["closed_reason"]) == ("closed", "own_housing")


@pytest.mark.wide
def test_a_hard_rule_is_broken_by_two_persons_of_the_desk_only(service):
    service.close_all()
    confirm_counts(service)
    client = service.coordinator.made("/registrations", somebody(avoided=[{"kind": "unit", "target": "S01-L1-U1"}]))
    proposal = service.coordinator.made(f"/registrations/{client['id']}/proposals")
    service.opened(client["id"])
    override = {"decision": "override", "unit": "S01-L1-U1", "reason": "safety_judgement"}
    unsafe = service.desk.post(f"/proposals/{proposal['id']}/decision", override)
    assert [fault["field"] for fault in unsafe.json()["errors"]] == ["review_on"]
    reviewed = {**override, "review_on": "2026-12-01"}
    stale = service.desk.post(f"/proposals/{proposal['id']}/decision", reviewed)
    assert (stale.status_code, stale.json()["type"]) == (403, "urn:placement:problem:second_factor_needed")
    desk, second = service.verified(service.desk.account), service.verified(service.second.account)
    decision = desk.made(f"/proposals/{proposal['id']}/decision", reviewed)
    assert (decision["status"], decision["broken"]) == ("waiting_for_second", ["avoided_unit"])
    alone = desk.post(f"/decisions/{decision['id']}/confirmation", {"granted": True})
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:placement:problem:second_person_needed")
    granted = second.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})
    assert granted["status"] == "final"
    assert granted["hold"]


@pytest.mark.wide
def test_displaced_client_is_named_to_authorised_actors_only(service):
    """One emergency bed, and two to whom nothing else is open: it goes to the more urgent, of another region."""
    service.close_all()
    confirm_counts(service)
    rooms = rooms_as_they_are(service.crisis_shelter, "S03")
    for room in rooms[:-1]:
        room["out_of_service"], room["used_by_others"] = {"beds": 1, "reason": "repair"}, []
    assert service.crisis_shelter.put("/shelters/S03/capacity", {"rooms": rooms}).is_success
    theirs = service.desk.made("/registrations", somebody(region="den-haag", residence_basis="none_yet"))["id"]
    own_rows = service.coordinator.made("/registrations", somebody(urgency=4, residence_basis="none_yet"))["id"]
    seen = service.coordinator.post(f"/registrations/{own_rows}/proposals")
    assert seen.json()["chosen"] is None
    [given] = [unit for unit in seen.json()["alternatives"] if unit["unit"] == "S03-L1-U2"]
    assert (given["cost"]["registrations"], given["cost"]["others"]) == ([], 1)
    assert given["cost"]["points"] > 0
    assert theirs not in seen.text
    service.opened(own_rows)
    to_the_desk = service.desk.get(f"/proposals/{seen.json()['id']}").json()
    [given] = [unit for unit in to_the_desk["alternatives"] if unit["unit"] == "S03-L1-U2"]
    assert (given["cost"]["registrations"], given["cost"]["others"]) == ([theirs], 0)
    [last, *_] = service.auditor.get(f"/registrations/{theirs}/accesses").json()["items"]
    assert (last["event"], last["actor"], last["in_a_list"]) == ("proposal:read", service.desk.account, True)


@pytest.fixture
def disclosed(service: Service) -> dict[str, Any]:
    """Runs a journey with canaries in all secret fields, and returns all content that anybody received in it."""
    with service.database.transaction() as session:
        for location in session.exec(select(Location)):
            location.address = f"{ADDRESS} {location.id}"
            session.add(location)
    service.close_all()
    confirm_counts(service)
    threats = [{**DANGER, "min_km": 5}]
    own_rows = service.coordinator.made(
        "/registrations", somebody(alias=ALIAS, threats=threats, near=DANGER, needs=["pregnancy"])
    )
    theirs = service.desk.made(
        "/registrations", somebody(region="den-haag", alias=ALIAS, threats=threats, needs=["pregnancy"])
    )
    other = service.elsewhere.made("/registrations", somebody(region="limburg", urgency=4))
    for caller, one in [(service.coordinator, own_rows), (service.elsewhere, other), (service.desk, theirs)]:
        caller.made(f"/registrations/{one['id']}/proposals")
    proposal = service.coordinator.made(f"/registrations/{own_rows['id']}/proposals")
    accept = {"decision": "accept", "text": NOTE}
    service.opened(own_rows["id"])
    decision = service.desk.made(f"/proposals/{proposal['id']}/decision", accept)
    refusal = {"answer": "refuse", "reason": "house_mix", "text": NOTE}
    for caller in (service.staff, service.other_staff, service.shelter):
        caller.post(f"/holds/{decision['hold']}/answer", refusal)
    placed = service.desk.made(f"/registrations/{theirs['id']}/proposals")
    decision = service.desk.made(f"/proposals/{placed['id']}/decision", accept)
    service.staff.made(f"/holds/{decision['hold']}/answer", CONFIRM)
    stay = service.shelter.made(f"/holds/{decision['hold']}/arrival")
    for caller in (getattr(service, name) for name in CALLERS):
        for path in ("/registrations", "/holds", "/stays", "/decisions", "/capacity", "/vocabulary"):
            caller.get(path)
        for kind, thing in [("registrations", own_rows), ("registrations", theirs), ("proposals", placed)]:
            caller.get(f"/{kind}/{thing['id']}")
            caller.post(f"/{kind}/{thing['id']}/decision", {"decision": "accept", "text": NOTE, "unit": ALIAS})
        caller.get(f"/holds/{decision['hold']}")
        caller.get(f"/proposals/{proposal['id']}")
    bad = somebody(alias=ALIAS * 20, threats=[{**DANGER, "min_km": NOTE}], near={"lat": ADDRESS}, region=ALIAS)
    service.coordinator.post("/registrations", bad)
    service.coordinator.post(f"/registrations/{ALIAS}/close", {"reason": NOTE})
    service.staff.made(f"/stays/{stay['id']}/end", {"reason": "other", "text": NOTE})
    metrics = service.client.get("/metrics", headers=OPERATOR).text
    ids = {"hers": own_rows["id"], "theirs": theirs["id"], "other": other["id"]}
    return {"log": service.log.getvalue(), "metrics": metrics, **ids}


def values(found: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yields every name and value of an answer, however deep."""
    if isinstance(found, dict):
        for key, part in found.items():
            yield key, None
            yield from values(part, key)
    elif isinstance(found, list):
        for part in found:
            yield from values(part, name)
    else:
        yield name, found


@pytest.mark.wide
def test_secret_fields_appear_only_where_they_belong(service, disclosed):
    callers: dict[str, Caller] = {name: getattr(service, name) for name in CALLERS}
    answers = [(name, answer) for name, caller in callers.items() for answer in caller.answers]
    assert len(answers) > 80
    points = 0
    for name, answer in answers:
        where = (name, answer.request.method, answer.request.url.path)
        assert answer.status_code < 500, where
        assert ADDRESS not in answer.text.replace("near.lat", ""), where
        found = answer.json()
        noted = {key for key, value in values(found) if NOTE in str(value)}
        of_a_decision = {"text"} if "decision" in where[2] and name not in (*OF_SHELTERS, "elsewhere") else set()
        assert noted <= of_a_decision or answer.status_code == 400, where
        if POINT.search(answer.text) or ALIAS in answer.text.replace(str(answer.request.url), ""):
            own = {disclosed["hers"], disclosed["theirs"]}
            assert answer.status_code == 400 or found.get("id") in own, where
            points += bool(POINT.search(answer.text))
        if name in OF_SHELTERS and answer.is_success and "/vocabulary" not in where[2]:
            assert _HIDDEN.isdisjoint(key for key, _ in values(found)), where
        if name == "elsewhere":
            assert disclosed["hers"] not in answer.text, where
            assert disclosed["theirs"] not in answer.text, where
        if name == "coordinator":
            assert disclosed["theirs"] not in answer.text, where
            assert disclosed["other"] not in answer.text, where
    assert points >= 4  # the canaries are alive: registrations show their own


@pytest.mark.wide
def test_service_log_and_metrics_hold_nothing_of_a_case(disclosed):
    lines = disclosed["log"].splitlines()
    assert len(lines) > 80
    assert any('"route": "/api/v1/registrations/{registration_id}/proposals"' in line for line in lines)
    untimed = re.sub(
        r'"timestamp": "[^"]+"', "", disclosed["log"]
    )  # a moment at 34.1234 seconds is no point on the map
    for told in (untimed, disclosed["metrics"]):
        for canary in (
            ALIAS,
            NOTE,
            ADDRESS,
            disclosed["hers"],
            disclosed["theirs"],
            "plt_",
            "plk_",
            "51.8765",
            "4.1234",
        ):
            assert canary not in told, canary
    for line in lines:
        assert set(json.loads(line)) <= {
            "event", "level", "timestamp", "method", "route", "status", "request_id", "ms", "kind", "place", "reason",
        }  # fmt: skip


def test_server_fault_reveals_nothing_of_the_case(service, monkeypatch):
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError(NOTE)

    client = service.coordinator.made("/registrations", somebody(alias=ALIAS))
    monkeypatch.setattr("api.v1.entitlements.entitlement_of", breaks)
    answer = service.coordinator.get(f"/registrations/{client['id']}")
    assert answer.status_code == 500
    output = answer.text + service.log.getvalue()
    assert '"kind": "RuntimeError"' in output
    assert NOTE not in output
    assert ALIAS not in output
