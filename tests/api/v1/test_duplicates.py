"""Registrations of the same client, over HTTP: described, listed, linked, merged."""

from tests.support.api.service import somebody

SAID = {
    "persons": [{"gender": "female", "age": 33}],
    "alias": "Boomvalk",
    "languages": [{"code": "ti", "level": "native"}],
}


def made(caller, **facts):
    return caller.made("/registrations", somebody(**SAID, **facts))["id"]


def found(caller, **described):
    return caller.made("/registrations/duplicates", described)


def test_description_finds_the_client_while_it_is_typed(service):
    assert found(service.coordinator, **SAID)["items"] == []
    client = made(service.coordinator)
    answer = found(service.coordinator, **SAID)
    [one] = answer["items"]
    assert (one["id"], one["agrees"], one["alias"]) == (client, ["alias", "day", "languages", "persons"], "Boomvalk")
    assert answer["ask_desk"] is False
    said = SAID | {"alias": None, "registrant": "NP", "residence_basis": "reflection", "region": "amsterdam"}
    [one] = found(service.coordinator, **said)["items"]
    assert one["agrees"] == ["basis", "day", "languages", "persons", "region", "registrant"]
    assert found(service.coordinator, registration=client, **SAID)["items"] == []


def test_coordinator_elsewhere_is_told_to_ask_the_desk_alone(service):
    client = made(service.coordinator)
    answer = service.elsewhere.post("/registrations/duplicates", SAID)
    assert answer.json() == {"items": [], "ask_desk": True}
    there = made(service.elsewhere, region="limburg")
    links = service.elsewhere.get(f"/registrations/{there}/links")
    assert client not in links.text
    assert [(one["other"], one["kind"]) for one in links.json()["links"]] == [(None, "asked")]
    assert service.coordinator.get(f"/registrations/{client}/links").json()["links"] == []


def test_desk_without_a_reason_reads_no_content_of_the_other(service):
    made(service.coordinator)
    [one] = found(service.desk, **SAID, region="amsterdam")["items"]
    assert (one["alias"], one["who"], one["languages"], one["persons"]) == (None, None, None, 1)


def test_link_and_merger_over_http(service):
    first = made(service.coordinator)
    service.moment.pass_by(seconds=60)
    second = made(service.coordinator)
    links = service.coordinator.made(f"/registrations/{second}/links", {"other": first, "kind": "related"})
    assert [(one["other"]["id"], one["kind"]) for one in links["links"]] == [(first, "related")]
    refused = service.coordinator.post(f"/registrations/{first}/merge", {"other": second})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:placement:problem:merge_into_earlier")
    merged = service.coordinator.post(f"/registrations/{second}/merge", {"other": first}).json()
    assert (merged["status"], merged["closed_reason"]) == ("closed", "duplicate_registration")
    [link] = service.coordinator.get(f"/registrations/{first}/links").json()["links"]
    assert (link["other"]["id"], link["kind"], link["into"]) == (second, "merged", False)
