"""The count register over the API: what is sent, corrected and imported, and what no answer shows."""

import pytest

from placement.audit.events import Event
from tests.support.api.service import API
from tests.support.audit_log import logged
from tests.support.counts import BODY, LIST, next_day
from tests.support.stores import one_store

pytestmark = one_store


def items(service, caller=None, query=""):
    return (caller or service.registrar).get(f"/count-records{query}").json()["items"]


@pytest.fixture
def sent(service):
    """Sends two records about the same person; returns the references, the older file kind first."""
    for body in (BODY, {**BODY, "file": "with_advice"}):
        service.desk.made("/count-records", body)
    next_day(service)
    return [one["reference"] for one in sorted(items(service), key=lambda one: one["file"])]


@pytest.mark.wide
def test_record_is_in_the_register_the_next_day_without_a_name(service):
    answer = service.coordinator.made("/count-records", BODY)
    again = service.coordinator.made("/count-records", BODY)
    assert answer == again == {"in_register_on": "2026-11-25"}
    assert items(service) == []
    next_day(service)
    first, second = items(service)
    assert (first["region"], first["reporter"], first["month"]) == ("west", "NLA", "2026-11-01")
    assert (first["comparable"], first["from_on"], first["file"]) == (True, "2026-11-25", "count_only")
    assert first["reference"] != second["reference"]
    assert [one["reference"] for one in items(service, service.analyst)] == ["", ""]
    assert "Merel" not in service.registrar.get("/count-records").text
    for caller in (service.coordinator, service.desk, service.registrant):
        assert caller.get("/count-records").status_code == 403
    assert service.analyst.get(f"/count-records/{first['reference']}").status_code == 403


def test_registrant_counts_for_the_own_unit_and_sees_nothing(service):
    service.registrant.made("/count-records", BODY | {"unit": None})
    next_day(service)
    [one] = items(service)
    assert one["reporter"] == "NP"
    wrong = service.registrant.post("/count-records", BODY | {"unit": "limburg"})
    assert wrong.status_code == 400


def test_key_with_the_scope_counts_send_sends_and_no_more(service):
    person = service.verified(service.registrar.account)
    key = person.made("/keys", {"shelter": None, "scopes": ["counts:send"], "days": 9})["key"]
    reader = service.verified(service.report_reader.account)
    assert reader.post("/keys", {"shelter": None, "scopes": ["counts:send"], "days": 9}).status_code == 400
    token = service.client.post(f"{API}/token", json={"key": key}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert service.client.post(f"{API}/count-records", json=BODY, headers=headers).status_code == 201
    lists = service.client.get(f"{API}/count-codes?month=2024-06", headers=headers).json()["lists"]
    [forms] = [one for one in lists if one["name"] == "exploitation"]
    assert "surrogacy" not in [one["code"] for one in forms["codes"]]
    for route in ("/session", "/details", "/count-records", "/count-doubles", "/registrations"):
        assert service.client.get(f"{API}{route}", headers=headers).status_code == 403, route


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"month": "november"}, "month", "count_month_wrong"),
        ({"month": "2027-01"}, "month", "count_month_in_future"),
        ({"origin": "AN"}, "origin", "count_code_abolished"),
        ({"unit": "mars"}, "unit", "count_unit_unknown"),
    ],
)
def test_wrong_record_gets_a_clear_answer(service, changed, field, code):
    answer = service.desk.post("/count-records", BODY | changed)
    [fault] = answer.json()["errors"]
    assert (answer.status_code, fault["field"], fault["code"]) == (400, field, code)


@pytest.mark.wide
def test_double_is_merged_with_its_history(service, sent):
    [double] = service.registrar.get("/count-doubles").json()["items"]
    assert ({one["reference"] for one in double["items"]}, double["differing"]) == ({*sent}, ["file"])
    merge = {"into": sent[1], "reason": "the same person"}
    done = service.registrar.post(f"/count-records/{sent[0]}/merge", merge, If_Match='"1"').json()
    assert (done["version"], done["items"][0]["status"], done["items"][0]["into"]) == (2, "merged", sent[1])
    [merged] = logged(service, event=Event.COUNT_MERGED)
    assert (merged.actor, merged.object_id) == (service.registrar.account, sent[0])
    assert merged.facts == {"into": sent[1]}
    assert service.registrar.get("/count-doubles").json()["items"] == []
    read = service.registrar.get("/count-records").json()
    assert read["months"] == [{"month": "2026-11-01", "records": 1}]
    past = service.registrar.get("/count-records?month=2026-11&day=2026-11-24").json()
    assert (past["items"], past["months"]) == ([], [])
    assert service.registrar.get("/count-records?day=2027-01-01").status_code == 400


def test_correction_by_hand_needs_the_newest_version(service, sent):
    path = f"/count-records/{sent[0]}"
    patch = {"file": "with_shelter", "reason": "a bed was asked for"}
    assert service.registrar.patch(path, patch).status_code == 428
    changed = service.registrar.patch(path, patch, If_Match='"1"').json()
    newest, first = changed["items"]
    assert (newest["file"], newest["region"], first["file"]) == ("with_shelter", "west", "count_only")
    assert (newest["changed_by"], first["until_on"]) == (service.registrar.account, "2026-11-25")
    assert service.registrar.patch(path, patch, If_Match='"1"').status_code == 412
    assert (
        service.registrar.patch(path, {"unit": "limburg", "reason": "-"}, If_Match='"2"').json()["items"][0]["region"]
        == "south"
    )
    told_apart = service.registrar.post(f"{path}/difference", {"reason": "sisters"}, If_Match='"3"').json()
    assert told_apart["items"][0]["comparable"] is False
    withdrawn = service.registrar.post(f"{path}/withdrawal", {"reason": "sent twice"}, If_Match='"4"').json()
    assert withdrawn["items"][0]["status"] == "withdrawn"
    assert [one.facts.get("fields") for one in logged(service, event="count:changed")] == [
        ["file"],
        ["region"],
        ["person"],
    ]


@pytest.fixture
def send(service):
    """Sends a list as the registrar."""
    headers = {**service.registrar.authorization(), "Content-Type": "application/octet-stream"}
    path = f"{API}/count-sheets?name=list.csv"
    return lambda content, query="": service.client.post(f"{path}{query}", content=content, headers=headers)


def test_two_lists_that_contradict_are_a_double_to_settle(service, send):
    heading = "month;exploitation;ground;sector;gender;age;origin;name;born_on\n"
    ours = f"{heading}2026-10;labour;consent;hospitality;male;30-39;PL;Merel Kanarie;1991-02-03\n"
    theirs = f"{heading}2026-11;begging;consent;none;female;18-23;RO;kanarie, MEREL;1991-02-03\n"
    answers = [send(one).json() for one in (ours, theirs)]
    assert [(one["stored"], one["faults"]) for one in answers] == [(1, []), (1, [])]
    next_day(service)
    assert service.registrar.get("/count-records").json()["months"] == [
        {"month": month, "records": 1} for month in ("2026-10-01", "2026-11-01")
    ]
    [double] = service.registrar.get("/count-doubles").json()["items"]
    assert {*double["differing"]} >= {"month", "exploitation", "sector", "gender", "age", "origin"}
    right, wrong = sorted(double["items"], key=lambda one: one["month"])
    merge = {"into": right["reference"], "reason": "the first list was checked"}
    service.registrar.post(f"/count-records/{wrong['reference']}/merge", merge, If_Match='"1"')
    assert service.registrar.get("/count-doubles").json()["items"] == []
    assert service.registrar.get("/count-records").json()["months"] == [{"month": "2026-10-01", "records": 1}]


def test_list_is_stored_whole_or_without_its_wrong_rows(service, send):
    wrong = LIST + "2025-10;labour;consent;roofing;male\n"
    told = send(wrong, "&year=2026").json()
    assert (told["stored"], told["right"], told["wrong"], told["wrong_rows"]) == (0, 2, 1, [4])
    [fault] = told["faults"]
    assert (fault["row"], fault["column"], fault["code"], fault["rows"]) == (4, "A", "count_other_year", 1)
    assert send(wrong, "&year=2026&only_right=true").json()["stored"] == 2
    assert send(wrong, "&year=2026&only_right=true").status_code == 409
    imported = logged(service, event=Event.COUNTS_IMPORTED, actor=service.registrar.account)
    assert [one.facts for one in imported] == [{"records": 0, "wrong": 1}, {"records": 2, "wrong": 1}]
    next_day(service)
    assert {one["exploitation"] for one in items(service, query="?month=2026-10")} == {"labour", "begging"}
    assert {one["comparable"] for one in items(service, query="?month=2026-10")} == {False}
