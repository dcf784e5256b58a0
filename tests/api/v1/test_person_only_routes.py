"""No program decides: with a key nothing is placed, no hold answered, no case opened and no address disclosed.

Each operation for a key of each role: `tests/api/contract/test_operations.py`.
"""

import pytest

from tests.support.api.bodies import CONFIRM
from tests.support.api.service import Program, somebody
from tests.support.audit_log import logged
from tests.support.stores import one_store

UNIT, LOCATION = "S01-L1-U1", "S01-L1"
ACCEPT, GRANT = {"decision": "accept"}, {"granted": True}
ZWOLLE = {"place": "Zwolle", "min_km": 30}
OVERRIDE = {"decision": "override", "unit": UNIT, "reason": "safety_judgement", "review_on": "2026-12-01"}


@pytest.fixture
def things(service):
    """Everything that could be decided, confirmed, answered, opened or disclosed now, by persons."""
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    told, asked = _placed(service), _placed(service)
    service.staff.made(f"/holds/{told}/answer", CONFIRM)
    waits = service.coordinator.made("/registrations", somebody(avoided=[{"kind": "region", "target": "limburg"}]))
    avoids = _registered(service, avoided=[{"kind": "location", "target": LOCATION}])
    unsafe = service.coordinator.made(f"/registrations/{avoids}/proposals")["id"]
    service.opened(avoids)
    decision = service.verified(service.desk.account).made(f"/proposals/{unsafe}/decision", OVERRIDE)
    assert decision["status"] == "waiting_for_second"
    return {
        "registration": waits["id"],
        "avoidance": waits["avoided"][0]["id"],
        "proposal": service.coordinator.made(f"/registrations/{waits['id']}/proposals")["id"],
        "decision": decision["id"],
        "hold": asked,
        "told": told,
        "rule_change": "Y-2222-2222-2222",
    }


def _registered(service, **facts):
    return service.coordinator.made("/registrations", somebody(**facts))["id"]


def _placed(service):
    """A hold in COSM of the coordinator's registration, with which the desk agreed."""
    proposal = service.coordinator.made(f"/registrations/{_registered(service, needs=['pregnancy'])}/proposals")["id"]
    decision = service.coordinator.made(f"/proposals/{proposal}/decision", ACCEPT)["id"]
    return service.desk.made(f"/decisions/{decision}/confirmation", GRANT)["hold"]


@pytest.mark.wide
@one_store
def test_two_keys_cannot_override_a_safety_rule(service, things):
    client = _registered(service, avoided=[{"kind": "location", "target": LOCATION}])
    one, other = service.desk.software, service.second.software
    proposal = service.coordinator.made(f"/registrations/{client}/proposals")["id"]
    service.opened(client)
    refused = one.post(f"/proposals/{proposal}/decision", OVERRIDE)
    seconded = other.post(f"/decisions/{things['decision']}/confirmation", GRANT)
    assert [answer.json()["type"] for answer in (refused, seconded)] == ["urn:placement:problem:sign_in_needed"] * 2
    assert service.desk.get(f"/registrations/{client}").json()["status"] == "open"
    assert service.desk.get(f"/holds?registration={client}").json()["items"] == []
    assert service.desk.get(f"/decisions/{things['decision']}").json()["status"] == "waiting_for_second"
    with service.database.transaction() as session:
        lines = logged(session, outcome="refused")
        assert [(line.protocol, line.facts["permission"]) for line in lines] == [
            ("api_key", "proposal:decide"),
            ("api_key", "decision:confirm"),
        ]


@pytest.mark.wide
@one_store
def test_signed_in_actor_may_do_what_a_key_may_not(service, things):
    second = service.verified(service.second.account)
    assert second.made(f"/decisions/{things['decision']}/confirmation", GRANT)["status"] == "final"
    assert service.staff.made(f"/holds/{things['hold']}/answer", CONFIRM)["status"] == "confirmed"
    opened = service.desk.made(f"/registrations/{things['registration']}/opening", {"reason": "record_check"})
    assert opened["registration"] == things["registration"]
    decline = {"decision": "decline", "reason": "unreachable"}
    assert service.desk.made(f"/proposals/{things['proposal']}/decision", decline)["kind"] == "decline"


@pytest.mark.wide
@one_store
def test_shelter_key_reports_reads_and_records_arrivals(service, things):
    program = service.shelter
    assert isinstance(program, Program)
    assert program.get("/shelters/S01/capacity").is_success
    assert program.get(f"/holds/{things['told']}").json()["status"] == "confirmed"
    assert program.made(f"/holds/{things['told']}/arrival")["status"] == "in_house"


@pytest.mark.wide
@one_store
def test_case_opened_by_a_person_stays_shut_to_their_key(service, things):
    case = f"/registrations/{things['registration']}"
    service.desk.made(f"{case}/opening", {"reason": "record_check"})
    assert service.desk.get(case).is_success
    refused = service.desk.software.get(case)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:placement:problem:reason_needed")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    "less",
    [{"threats": []}, {"threats": [{"place": "Rotterdam", "min_km": 20}, ZWOLLE]}, {"keep_apart": []}],
    ids=["no danger", "a nearer one", "together"],
)
def test_key_takes_back_nothing_that_keeps_a_client_safe(service, less):
    other = _registered(service)
    kept = {"threats": [{"place": "Rotterdam", "min_km": 60}], "keep_apart": [other]}
    client = _registered(service, **kept)
    program, person = service.coordinator.software, service.coordinator

    def change(actor, facts):
        version = person.get(f"/registrations/{client}").headers["etag"]
        return actor.patch(f"/registrations/{client}", facts, if_match=version)

    more = [*kept["threats"], ZWOLLE]
    assert change(program, {"threats": more}).is_success
    assert change(program, kept | {"threats": more}).is_success
    refused = change(program, less)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:placement:problem:sign_in_needed")
    assert change(person, less).is_success
