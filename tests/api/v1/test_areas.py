"""Areas, municipalities and units of registrants as data: made, changed from a day on, ended, with their past."""

import pytest

from placement.areas.values import VALUES
from placement.audit.events import Event
from tests.support.api.service import AT
from tests.support.audit_log import logged
from tests.support.stores import both_stores

TODAY, NEXT_MONTH, IN_2031 = str(AT.date()), "2026-12-24", "2031-01-01"
YESTERDAY = "2026-11-23"
LIST = {
    "source": "CBS, Gemeenten 2026",
    "listed_on": "2026-01-01",
    "items": [
        {"code": "0153", "name": "Enschede", "province": "Overijssel", "police_unit": "oost-nederland"},
        {"code": "0141", "name": "Almelo"},
        {"code": "0363", "name": "Amsterdam", "province": "Noord-Holland"},
    ],
}
TWENTE = {"code": "twente", "name": "Twente", "municipalities": ["0153", "0141"]}


def refusal(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def faults(answer):
    assert answer.status_code == 400, answer.text
    return [(one["field"], one["code"]) for one in answer.json()["errors"]]


def test_area_is_made_changed_from_a_day_and_keeps_its_past(service):
    service.desk.made("/municipalities/list", LIST)
    made = service.desk.post("/areas", TWENTE)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    change = {"name": "Twente en Achterhoek", "since": NEXT_MONTH}
    changed = service.desk.patch("/areas/twente", change, if_match='"1"')
    assert (changed.json()["name"], changed.headers["ETag"]) == ("Twente en Achterhoek", '"2"')
    named = [service.coordinator.get(f"/areas/twente?as_of={day}").json()["name"] for day in (TODAY, NEXT_MONTH)]
    assert named == ["Twente", "Twente en Achterhoek"]
    assert service.desk.get(f"/areas/twente?as_of={YESTERDAY}").status_code == 404
    [later, first] = service.auditor.get("/areas/twente/history").json()["items"]
    assert (later["facts"], later["valid_from"], later["set_by"]) == (
        {"name": "Twente en Achterhoek"}, NEXT_MONTH, service.desk.account
    )  # fmt: skip
    assert first["facts"]["municipalities"] == ["0153", "0141"]
    events = service.auditor.get("/audit/events?event=areas:changed").json()["items"]
    assert [one["facts"]["fields"] for one in events] == [["name"], sorted({*first["facts"]})]


def test_area_with_an_end_is_ended_and_never_deleted(service):
    version = service.desk.get("/areas/limburg").headers["ETag"]
    ended = service.desk.patch("/areas/limburg", {"until": NEXT_MONTH}, if_match=version).json()
    assert (ended["ended"], ended["until"]) == (False, NEXT_MONTH)
    then = {one["code"]: one for one in service.desk.get(f"/areas?as_of={IN_2031}").json()["items"]}
    assert then["limburg"]["ended"]
    assert service.client.request("DELETE", "/api/v1/areas/limburg").status_code == 405


@pytest.mark.wide
@both_stores
def test_area_change_with_a_passed_version_is_refused(service):
    assert service.desk.patch("/areas/limburg", {"name": "Zuid"}).status_code == 428
    assert service.desk.patch("/areas/limburg", {"name": "Zuid"}, if_match='"1"').is_success
    late = service.desk.patch("/areas/limburg", {"name": "Zuidoost"}, if_match='"1"')
    assert refusal(late) == (412, "version_passed")
    same = service.desk.patch("/areas/limburg", {"name": "Zuid"}, if_match='"2"')
    assert refusal(same) == (409, "place_unchanged")
    assert refusal(service.desk.post("/areas", {"code": "limburg", "name": "-"})) == (409, "place_code_taken")


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"since": YESTERDAY}, ("since", "rule_day_passed")),
        ({"until": TODAY}, ("until", "ends_before_it_begins")),
        ({"municipalities": ["9999"]}, ("municipalities", "entry_unknown")),
        ({"coordinated_by": ["O-centre"]}, ("coordinated_by", "no_care_coordination")),
        ({"coordinated_by": ["O-nobody"]}, ("coordinated_by", "no_care_coordination")),
        ({"age_from": 23, "age_until": 23}, ("age_until", "ages_reversed")),
        ({"code": "not a code"}, ("code", "not_a_code")),
        ({"name": ""}, ("name", "empty")),
        ({"schemes": "ours"}, ("schemes", "not_listed")),
        ({"ended": True}, ("ended", "field_unknown")),
    ],
)
def test_area_that_cannot_be_is_refused_by_field(shared, facts, found):
    assert found in faults(shared.desk.post("/areas", {"code": "nieuw", "name": "Nieuw", **facts}))


def test_municipality_list_is_rehearsed_taken_over_and_dated(service):
    assert service.desk.get("/municipalities").json()["listed_on"] is None
    counted = {"made": 3, "changed": 0, "ended": 0, "unchanged": 0}
    assert service.desk.made("/municipalities/list", {**LIST, "rehearsed": True}) == counted
    assert service.desk.get("/municipalities").json()["items"] == []
    assert service.desk.made("/municipalities/list", LIST) == counted
    known = service.coordinator.get("/municipalities").json()
    assert (known["listed_on"], known["list_source"]) == ("2026-01-01", LIST["source"])
    assert known["list_age_days"] == (AT.date() - AT.date().replace(month=1, day=1)).days
    again = {**counted, "made": 0, "unchanged": 3}
    assert service.desk.made("/municipalities/list", LIST) == again
    [tried] = logged(service, event=Event.MUNICIPALITIES_TRIED, actor=service.desk.account)
    taken = logged(service, event=Event.MUNICIPALITIES_LISTED, actor=service.desk.account)
    assert [one.facts for one in (tried, *taken)] == [
        {"listed_on": "2026-01-01", "counts": one} for one in (counted, counted, again)
    ]


def test_later_list_ends_what_it_lacks_from_its_day_on(service):
    service.desk.made("/municipalities/list", LIST)
    later = {**LIST, "listed_on": "2027-01-01", "since": NEXT_MONTH, "items": LIST["items"][:2]}
    assert service.desk.made("/municipalities/list", later)["ended"] == 1
    for day, ended in ((TODAY, False), (NEXT_MONTH, True)):
        assert service.desk.get(f"/municipalities/0363?as_of={day}").json()["ended"] == ended
    again = service.desk.made("/municipalities/list", {**LIST, "since": IN_2031})
    assert (again["changed"], again["unchanged"]) == (1, 2)
    assert not service.desk.get(f"/municipalities/0363?as_of={IN_2031}").json()["ended"]


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([LIST["items"][0]] * 2, "listed_twice"),
        ([{"code": "0001", "name": "-", "police_unit": "nowhere"}], "entry_unknown"),
    ],
)
def test_list_that_contradicts_itself_is_refused_whole(shared, items, found):
    assert ("items", found) in faults(shared.desk.post("/municipalities/list", {**LIST, "items": items}))
    assert "0001" not in [one["code"] for one in shared.desk.get("/municipalities").json()["items"]]


def test_unit_of_registrants_is_made_and_changed(service):
    made = service.desk.made("/registrant-units", {"code": "kmar-noord", "name": "KMar Noord", "registrants": ["KMAR"]})
    assert made["registrants"] == ["KMAR"]
    changed = service.desk.patch("/registrant-units/kmar-noord", {"registrants": []}, if_match='"1"')
    assert changed.json()["registrants"] == []
    assert len(service.desk.get("/registrant-units").json()["items"]) == 13
    assert set(VALUES) == {"area", "municipality", "registrant_unit"}
