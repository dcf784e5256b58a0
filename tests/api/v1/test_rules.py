"""Rules as data: read by day, rehearsed on the cases of today, changed by two persons, and the past kept."""

from datetime import timedelta

import pytest

from placement.audit.events import Event
from tests.support.api.service import AT, somebody
from tests.support.stores import both_stores

TODAY = AT.date()
NEXT_MONTH, IN_2031 = "2026-12-24", "2031-01-01"
ABOUT = {"ground": "a decree", "source": "Stcrt. 2026, 1", "valid_from": NEXT_MONTH}
WHY = {"reason": "the decree of this autumn"}
DISTANCE = {"kind": "safety_distance", "code": "default", "value": {"km": 80}, **ABOUT}
WORDS = {"nl": "Alleen nog noodopvang.", "en": "Emergency beds alone."}
NO_COSM = {
    "kind": "entitlement",
    "code": "reflection",
    "value": {"bases": ["reflection", "reflection_dublin"], "schemes": ["crisis"], "households": ["adults"],
              "multiple_problems": None, "genders": None},
    "words": WORDS,
    **ABOUT,
}  # fmt: skip


def change(service, body, *, since=TODAY, **facts):
    """Asks for a change as a person of the desk, and grants it as another person."""
    asked = service.desk.made("/rule-changes", {**body, **WHY, "valid_from": str(since), **facts})
    return service.second.made(f"/second-person-requests/{asked['id']}/grant", {})


def rule(caller, kind, code, as_of=None):
    query = f"?kind={kind}" + (f"&as_of={as_of}" if as_of else "")
    found = [one for one in caller.get(f"/rules{query}").json()["items"] if one["code"] == code]
    return found[0] if found else None


def fault(answer):
    assert answer.status_code == 400, answer.text
    return [(one["field"], one["code"]) for one in answer.json()["errors"]]


@pytest.mark.wide
def test_granted_rule_decides_from_its_day_on(service):
    change(service, DISTANCE, since=NEXT_MONTH)
    for day, km in ((None, 50), ("2026-12-23", 50), (NEXT_MONTH, 80), (IN_2031, 80)):
        assert rule(service.reader, "safety_distance", "default", day)["value"] == {"km": km}
    now = rule(service.coordinator, "safety_distance", "default")
    assert (now["since"], now["until"]) == (None, NEXT_MONTH)
    case = service.desk.made("/registrations", somebody(threats=[{"place": "Groningen"}]))
    assert case["threats"][0]["min_km"] == 50
    service.moment.pass_by(days=30)
    later = service.desk.made("/registrations", somebody(threats=[{"place": "Groningen"}]))
    assert later["threats"][0]["min_km"] == 80


@pytest.mark.wide
def test_rule_dated_2031_changes_no_entitlement_today(service):
    case = service.coordinator.made("/registrations", somebody())
    change(service, NO_COSM, since=IN_2031)
    read = service.coordinator.get(f"/registrations/{case['id']}").json()["entitlement"]
    assert (read["schemes"], read["until"]) == (["cosm", "crisis"], IN_2031)
    path = f"/registrations/{case['id']}/entitlement?as_of="
    assert service.coordinator.get(f"{path}{IN_2031}").json()["schemes"] == ["crisis"]
    assert service.coordinator.get(f"{path}2020-01-01").json()["rule"] == "no_rule"
    assert service.elsewhere.get(f"{path}{IN_2031}").status_code == 404


@pytest.mark.wide
def test_changed_rule_reaches_the_engine_and_its_own_words(service):
    service.close_all()
    case = service.coordinator.made("/registrations", somebody())
    change(service, NO_COSM)
    read = service.coordinator.get(f"/registrations/{case['id']}", accept_language="nl").json()["entitlement"]
    assert (read["schemes"], read["words"]) == (["crisis"], WORDS["nl"])
    change(service, {**NO_COSM, "value": {**NO_COSM["value"], "schemes": []}})
    refused = service.coordinator.post(f"/registrations/{case['id']}/proposals", accept_language="en")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "no_scheme_open")
    assert WORDS["en"] in refused.json()["detail"]


def test_rule_change_by_one_person_alone_counts_for_nothing(service):
    asked = service.desk.made("/rule-changes", {**DISTANCE, **WHY, "valid_from": str(TODAY)})
    alone = service.desk.post(f"/second-person-requests/{asked['id']}/grant", {})
    assert (alone.status_code, alone.json()["type"].rpartition(":")[2]) == (409, "second_person_needed")
    assert rule(service.desk, "safety_distance", "default")["value"] == {"km": 50}
    assert [one["id"] for one in service.second.get("/second-person-requests").json()["items"]] == [asked["id"]]
    assert service.second.post(f"/second-person-requests/{asked['id']}/withdraw").is_success
    assert service.second.post(f"/second-person-requests/{asked['id']}/grant", {}).status_code == 409
    assert service.second.get("/second-person-requests").json()["items"] == []


def test_rule_change_of_a_disabled_account_is_not_granted(service):
    third = service.person("desk")
    asked = third.made("/rule-changes", {**DISTANCE, **WHY})
    assert service.admin.post(f"/accounts/{third.account}/disable").is_success
    refused = service.second.post(f"/second-person-requests/{asked['id']}/grant", {})
    assert refused.json()["type"].rpartition(":")[2] == "asker_may_not"


@pytest.mark.wide
@both_stores
def test_rule_change_rehearsed_before_another_is_not_granted(service):
    first = service.desk.made("/rule-changes", {**NO_COSM, **WHY})
    other = service.desk.made("/rule-changes", {**NO_COSM, **WHY, "code": "ended"})
    assert service.second.post(f"/second-person-requests/{other['id']}/grant", {}).is_success
    refused = service.second.post(f"/second-person-requests/{first['id']}/grant", {})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "rules_changed_meanwhile")


def test_rule_change_of_a_past_day_is_not_granted(service):
    asked = service.desk.made("/rule-changes", {**DISTANCE, **WHY, "valid_from": str(TODAY)})
    service.moment.pass_by(days=1)
    refused = service.second.post(f"/second-person-requests/{asked['id']}/grant", {})
    assert refused.json()["type"].rpartition(":")[2] == "rule_day_passed"


def test_rule_history_keeps_every_statement_and_its_author(service):
    change(service, DISTANCE)
    change(service, DISTANCE, since=IN_2031, value={"km": 60})
    found = service.auditor.get("/rules/first.safety_distance.default").json()["items"]
    assert [(one["number"], one["value"]["km"]) for one in found] == [(2, 60), (1, 80), (0, 50)]
    assert [one["asked_by"] for one in found] == [service.desk.account, service.desk.account, None]
    assert service.desk.get("/rules/first.safety_distance.other").status_code == 404
    events = service.auditor.get(f"/audit/events?event={Event.RULE_CHANGE_GRANTED}").json()["items"]
    assert [one["facts"]["value"] for one in events] == [{"km": 60}, {"km": 80}]
    assert {one["actor"] for one in events} == {service.second.account}


@pytest.mark.wide
def test_rehearsal_names_waiting_and_housed_clients_concerned(service):
    service.close_all()
    case = service.coordinator.made("/registrations", somebody())["id"]
    other = service.coordinator.made("/registrations", somebody(residence_basis="eu"))["id"]
    before = service.digest()["datedrule"]
    seen = service.desk.made("/rules/rehearsal", NO_COSM)
    waits = {one["registration"]: one for one in seen["cases"]}
    assert waits[case]["schemes_now"] == ["cosm", "crisis"]
    assert (waits[case]["schemes_then"], waits[case]["leaves"]) == (["crisis"], False)
    assert other not in waits
    leaves = [one for one in seen["cases"] if one["leaves"]]
    assert leaves
    assert {one["lives_in"] for one in leaves} == {"cosm"}
    assert (seen["day"], seen["waiting"]) == (NEXT_MONTH, 2)
    assert service.digest()["datedrule"] == before
    [line] = service.auditor.get(f"/audit/events?event={Event.RULES_TRIED}").json()["items"]
    assert case in line["facts"]["shown"]


def test_rehearsal_of_a_waiting_change_is_that_of_its_asking(service):
    asked = service.desk.made("/rule-changes", {**NO_COSM, **WHY})
    again = service.second.made(f"/rule-changes/{asked['id']}/rehearsal")
    assert again == service.desk.made("/rules/rehearsal", NO_COSM)


@pytest.mark.wide
def test_rehearsal_of_a_limit_is_about_stays_that_begin(service):
    service.close_all()
    case = service.coordinator.made("/registrations", somebody())["id"]
    body = {"kind": "stay_limit", "code": "reflection", "value": {"bases": ["reflection"], "days": 180}, **ABOUT}
    seen = service.desk.made("/rules/rehearsal", body)
    assert [(one["registration"], one["days_now"], one["days_then"]) for one in seen["cases"]] == [(case, 90, 180)]


def _reason(code):
    return {"kind": "reason", "code": code, "value": {"whose": "client", "steps": []}}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"valid_from": str(TODAY - timedelta(days=1))}, ("valid_from", "rule_day_passed")),
        ({"valid_until": NEXT_MONTH}, ("valid_until", "ends_before_it_begins")),
        ({"value": {"km": 0}}, ("value.km", "too_low")),
        ({"value": {"km": "80"}}, ("value.km", "not_whole")),
        ({"value": {"km": 80, "more": 1}}, ("value.more", "field_unknown")),
        ({"value": None}, ("value", "rule_leaves_gap")),
        ({"code": "other", "value": None}, ("code", "rule_unknown")),
        ({"code": "of_ours"}, ("words", "words_missing")),
        ({"words": {"nl": "In het Nederlands alleen."}}, ("words", "words_missing")),
        ({"words": {"nl": "-", "en": "-", "xx": "-"}}, ("words", "words_language_unknown")),
        (_reason("of_ours"), ("code", "reason_without_words")),
        (_reason("no_show"), ("value", "reason_needed_by_service")),
        ({"kind": "stay_limit", "code": "others", "value": None}, ("value", "rule_leaves_gap")),
    ],
)  # fmt: skip
def test_rule_change_that_cannot_be_is_refused_by_field(shared, facts, found):
    assert found in fault(shared.desk.post("/rules/rehearsal", {**DISTANCE, **facts}))


@pytest.mark.wide
def test_ended_reason_may_not_be_given_from_its_day_on(service):
    body = {"kind": "reason", "code": "found_other_place", "value": None, **ABOUT}
    change(service, body)
    case = service.coordinator.made("/registrations", somebody())["id"]
    refused = service.coordinator.post(f"/registrations/{case}/close", {"reason": "found_other_place"})
    assert fault(refused) == [("reason", "reason_unknown")]
    codes = [one["code"] for one in service.desk.get("/vocabulary").json()["reasons"]]
    assert "found_other_place" not in codes
    assert "withdraws_consent" in codes
