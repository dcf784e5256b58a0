"""Over HTTP: an alias is searched by POST within the own regions; a legal hold takes two of the desk."""

from placement.registrations.case_handles import handle_of
from tests.support.api.service import somebody


def made(service, **facts):
    return service.coordinator.made("/registrations", somebody(**facts))["id"]


def test_alias_search_finds_accessible_registrations(service):
    client = made(service, alias="Blauwe Reiger")
    for caller, found in ((service.coordinator, [client]), (service.desk, [client]), (service.elsewhere, [])):
        answer = caller.post("/registrations/search", {"said": "blauwe  reiger"})
        assert answer.status_code == 200
        assert [row["id"] for row in answer.json()["items"]] == found
        assert answer.json()["total"] == len(found)
    assert service.shelter.post("/registrations/search", {"said": "x"}).status_code == 403
    assert "reiger" not in service.log.getvalue().lower()


def test_handle_and_reference_find_a_case_within_reach(service):
    client = made(service)
    handle = handle_of(client)
    for said in (handle, client, client[2:11].lower()):
        for caller, found in ((service.coordinator, [client]), (service.desk, [client]), (service.elsewhere, [])):
            answer = caller.made("/registrations/search", {"said": said})
            assert [row["id"] for row in answer["items"]] == found
    assert handle not in service.log.getvalue()


def test_an_alias_in_the_address_is_refused(service):
    answer = service.desk.get("/registrations?alias=Reiger")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "alias"


def test_a_legal_hold_is_asked_granted_and_lifted_by_two(service):
    path = f"/registrations/{made(service)}/legal-hold"
    body = {"reason": "complaint", "review_on": "2027-02-01"}
    with_a_key = service.desk.software.post(path, body)
    assert (with_a_key.status_code, with_a_key.json()["type"]) == (403, "urn:placement:problem:sign_in_needed")
    one, other = service.signed_in("desk"), service.session_of(service.second.account)
    assert one.get(path).status_code == 404
    assert one.made(path, body)["status"] == "asked"
    grant = "/second-person-requests/{}/grant".format
    [hold] = [row["id"] for row in other.get("/second-person-requests").json()["items"]]
    alone = one.post(grant(hold), {})
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:placement:problem:second_person_needed")
    assert other.made(grant(hold), {})["status"] == "granted"
    assert one.get(path).json()["status"] == "standing"
    assert other.made(f"{path}/lift")["status"] == "lift_asked"
    [lifting] = [row["id"] for row in one.get("/second-person-requests").json()["items"]]
    assert one.made(grant(lifting), {})["status"] == "granted"
    read = one.get(path).json()
    assert read["status"] == "lifted"
    assert (read["asked_by"], read["answered_by"]) == (read["lifted_by"], other.get("/session").json()["account"])
    assert service.coordinator.get(path).status_code == 403


def test_the_reasons_of_a_legal_hold_are_in_the_vocabulary(service):
    reasons = service.desk.get("/vocabulary").json()["reasons"]
    assert {row["code"] for row in reasons if "legal_hold" in row["steps"]} >= {"complaint", "criminal_case"}


def test_proposal_with_erased_content_answers_content_erased(service):
    from sqlalchemy import text  # noqa: PLC0415

    service.close_all()
    proposal = service.coordinator.made(f"/registrations/{made(service)}/proposals")["id"]
    with service.database.engine.begin() as connection:
        connection.execute(text("UPDATE proposal SET problem = NULL, advice = NULL"))
    answer = service.coordinator.get(f"/proposals/{proposal}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:placement:problem:content_erased")
