"""Audit events against requests: each request and its answer are compared with the lines of the log."""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from litestar.middleware import AuthenticationResult as WithoutProtocol
from sqlalchemy import event as engine_event
from sqlalchemy import text

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.audit.verification import verify
from placement.core.codes import Action, Outcome, Protocol, Role
from placement.core.context import SYSTEM, Act
from placement.reports import store as report_store
from placement.storage import hash_chain
from placement.storage.database import Database
from tests.support.api.bodies import BODIES
from tests.support.api.pages import signed_in
from tests.support.api.service import API, AT, somebody
from tests.support.audit_log import READ_BY_THE_DESK, logged
from tests.support.second_person import grant_waiting
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store

REQUESTS = 10_000 if os.environ.get("PROOF_SIZE") == "full" else 100
REFUSED, CONFLICT = {401, 403, 404}, {409, 412}


def head_of(service):
    with service.database.transaction() as session:
        return hash_chain.head(session)[0]


def requests_of(service):
    """Returns right and wrong requests: caller, method, path, body, and the line of a good answer (`None`: any)."""
    own = service.coordinator.made("/registrations", somebody())["id"]
    proposal = service.coordinator.made(f"/registrations/{own}/proposals")["id"]
    foreign = service.desk.made("/registrations", somebody(region="limburg"))["id"]
    service.shelter.made("/shelters/S01/capacity/confirm")
    other = service.desk.made("/registrations", somebody())["id"]
    offered = service.desk.made(f"/registrations/{other}/proposals")
    decided = service.desk.made(f"/proposals/{offered['id']}/decision", {"decision": "accept"})
    service.signed_in("desk").made(f"/registrations/{other}/legal-hold", BODIES["LegalHoldIn"])
    [asked] = service.desk.get("/second-person-requests").json()["items"]
    webhook = service.signed_in("admin").made("/webhooks", BODIES["NewWebhookIn"])["id"]
    with service.database.transaction() as session:
        report_store.make(Act(session, SYSTEM, AT, service.country.settings), AT.date())
    return [
        (service.coordinator, "GET", f"/registrations/{own}", None, Event.REGISTRATION_READ),
        (service.desk, "GET", f"/registrations/{foreign}", None, Event.REGISTRATION_READ),
        (service.desk, "POST", f"/registrations/{own}/opening", {"reason": "record_check"}, Event.OPENED_WITH_REASON),
        (service.coordinator, "POST", f"/registrations/{foreign}/opening", {"reason": "danger_now", "text": "-"}, None),
        (service.desk, "POST", f"/holds/{decided['hold']}/address", None, None),
        (service.desk, "POST", f"/registrations/{other}/proposals", None, None),
        (service.coordinator, "POST", f"/registrations/{other}/close", {"reason": "found_other_place"}, None),
        (service.coordinator, "GET", f"/registrations/{foreign}", None, None),
        (service.coordinator, "GET", "/registrations/R-2222-2222-2222", None, None),
        (service.coordinator, "GET", "/registrations/Fatima", None, None),
        (service.shelter, "GET", f"/registrations/{own}", None, None),
        (service.coordinator, "GET", "/registrations?limit=5", None, Event.REGISTRATIONS_LISTED),
        (service.coordinator, "GET", "/registrations?limit=x", None, None),
        (service.coordinator, "POST", "/registrations/search", {"said": "Merel"}, Event.REGISTRATIONS_SEARCHED),
        (service.shelter, "POST", "/registrations/search", {"said": "Merel"}, None),
        (service.coordinator, "GET", f"/registrations/{own}/changes", None, Event.HISTORY_READ),
        (service.coordinator, "GET", f"/registrations/{own}/requests", None, Event.REQUESTS_READ),
        (service.desk, "GET", f"/registrations/{other}/legal-hold", None, Event.LEGAL_HOLD_READ),
        (service.desk, "GET", f"/registrations/{own}/legal-hold", None, None),
        (service.coordinator, "GET", f"/registrations/{other}/legal-hold", None, None),
        (service.coordinator, "GET", f"/registrations/{own}/timeline", None, Event.TIMELINE_READ),
        (service.coordinator, "GET", f"/registrations/{own}/whereabouts", None, Event.WHEREABOUTS_READ),
        (service.coordinator, "POST", "/registrations/duplicates", BODIES["DescribedIn"], Event.ALIKE_SOUGHT),
        (service.desk, "POST", f"/registrations/{other}/legal-hold/lift", None, None),
        (service.coordinator, "GET", f"/proposals/{proposal}", None, Event.PROPOSAL_READ),
        (service.elsewhere, "GET", f"/proposals/{proposal}", None, None),
        (service.desk, "GET", "/decisions", None, Event.DECISIONS_LISTED),
        (service.desk, "GET", f"/decisions/{decided['id']}", None, Event.DECISION_READ),
        (service.shelter, "GET", "/holds", None, Event.HOLDS_LISTED),
        (service.desk, "GET", f"/holds/{decided['hold']}", None, Event.HOLD_READ),
        (service.shelter, "GET", "/holds/H-2222-2222-2222", None, None),
        (service.shelter, "GET", "/stays", None, Event.STAYS_LISTED),
        (service.shelter, "GET", "/shelters/S01/capacity", None, Event.CAPACITY_READ),
        (service.shelter, "GET", "/shelters/S02/capacity", None, None),
        (service.shelter, "GET", "/shelters/S01", None, Event.REGISTER_READ),
        (service.shelter, "GET", "/shelters", None, Event.REGISTER_LISTED),
        (service.shelter, "GET", "/second-person-requests", None, Event.SECOND_PERSON_LISTED),
        (service.shelter, "GET", "/units/S01-L1-U1/profile", None, Event.PROFILE_READ),
        (service.shelter, "POST", "/units/S01-L1-U1/profile/effect", BODIES["ProfileQuestionIn"], Event.PROFILE_TRIED),
        (service.desk, "GET", "/capacity", None, Event.COUNTRY_READ),
        (service.desk, "GET", "/capacity/history", None, Event.COUNTRY_READ),
        (service.desk, "GET", "/vocabulary", None, None),
        (service.reader, "GET", "/reports", None, Event.REPORTS_LISTED),
        (service.reader, "GET", "/reports/dictionary", None, Event.REPORTS_LISTED),
        (service.reader, "GET", f"/reports/{AT.date()}", None, Event.REPORT_READ),
        (service.auditor, "GET", "/reports", None, None),
        (service.desk, "GET", f"/registrations/{own}/accesses", None, Event.ACCESSES_READ),
        (service.auditor, "GET", "/audit/events?limit=3", None, Event.LOG_SEARCHED),
        (service.auditor, "GET", "/audit/review", None, Event.REVIEW_LISTED),
        (service.auditor, "GET", "/audit/chain", None, Event.CHAIN_READ),
        (service.auditor, "GET", f"/registrations/{own}", None, None),
        (service.admin, "GET", "/accounts", None, Event.ACCOUNTS_LISTED),
        (service.admin, "GET", f"/accounts/{service.second.account}", None, Event.ACCOUNT_READ),
        (service.admin, "GET", "/organisations", None, Event.ORGANISATIONS_LISTED),
        (service.admin, "GET", "/organisations/O-amsterdam", None, Event.ORGANISATION_READ),
        (service.reader, "GET", "/absences", None, Event.ABSENCES_LISTED),
        (service.admin, "GET", "/invitations", None, Event.INVITATIONS_LISTED),
        (service.admin, "GET", "/second-person-requests", None, Event.SECOND_PERSON_LISTED),
        (service.admin, "GET", "/encryption-keys", None, Event.ENCRYPTION_KEYS_LISTED),
        (service.desk, "GET", "/encryption-keys", None, None),
        (service.admin, "GET", "/policy", None, Event.POLICY_READ),
        (service.auditor, "GET", "/policy/versions", None, Event.POLICY_READ),
        (service.desk, "POST", "/policy/effect", {"weights": {"scheme_step": 900}}, Event.POLICY_TRIED),
        (service.desk, "POST", "/policy/effect/cases", {"weights": {"scheme_step": 900}}, Event.POLICY_TRIED),
        (service.coordinator, "GET", "/policy", None, None),
        (service.coordinator, "GET", "/rules", None, None),
        (service.desk, "POST", "/municipalities/list", BODIES["MunicipalityListIn"], Event.MUNICIPALITIES_TRIED),
        (service.coordinator, "GET", "/areas", None, None),
        (service.desk, "GET", f"/second-person-requests/{asked['id']}", None, Event.SECOND_PERSON_READ),
        (service.coordinator, "GET", "/second-person-requests", None, Event.SECOND_PERSON_LISTED),
        (service.desk, "POST", "/rules/rehearsal", BODIES["RehearsalIn"], Event.RULES_TRIED),
        (service.desk, "GET", "/accounts", None, None),
        (service.desk, "GET", "/messages", None, Event.MESSAGES_LISTED),
        *((service.desk, "GET", path, None, event) for path, event in READ_BY_THE_DESK),
        (service.desk, "GET", "/subscription", None, Event.SUBSCRIPTION_READ),
        (service.shelter, "GET", "/reminders", None, Event.REMINDERS_LISTED),
        (service.auditor, "GET", "/tasks", None, Event.TASKS_LISTED),
        (service.admin, "GET", "/webhooks", None, Event.WEBHOOKS_LISTED),
        (service.admin, "GET", f"/webhooks/{webhook}/events", None, Event.WEBHOOK_READ),
        (service.desk, "GET", f"/webhooks/{webhook}/events", None, None),
        (service.admin, "GET", "/retention", None, Event.RETENTION_READ),
        (service.desk, "GET", "/legal-holds", None, Event.LEGAL_HOLDS_LISTED),
        (service.admin, "GET", "/legal-holds", None, None),
        (service.admin, "GET", "/reminders", None, None),
        (service.coordinator, "GET", "/keys", None, Event.KEYS_LISTED),
        (service.reader, "POST", "/registrations", somebody(), None),
        (service.shelter, "POST", "/shelters/S01/capacity/confirm", None, Event.CAPACITY_REPORTED),
        (service.coordinator, "POST", "/registrations", somebody(urgency=9), None),
        (service.coordinator, "POST", "/registrations", somebody(), Event.REGISTERED),
        (None, "GET", f"/registrations/{own}", None, None),
    ]


def _all_come_in(kinds):
    """Signs in all callers, so that later requests leave only their own lines."""
    for caller in {id(kind[0]): kind[0] for kind in kinds if kind[0]}.values():
        caller.authorization()


def expected_of(status, event):
    """Returns the event and the outcome of the line that a request leaves; `None` if it leaves no line."""
    if status in REFUSED:
        return Event.ACCESS_REFUSED, Outcome.NOT_FOUND if status == 404 else Outcome.REFUSED
    if status in CONFLICT:
        return Event.REQUEST_REFUSED, Outcome.REFUSED
    if status < 300 and event is not None:
        return event, Outcome.DONE
    return None


@pytest.mark.wide
def test_requests_and_audit_events_match_one_to_one(service):
    kinds = requests_of(service)
    _all_come_in(kinds)
    since, chance, expected = head_of(service), random.Random(1), []
    for number in range(REQUESTS):
        caller, method, path, body, event = kinds[number] if number < len(kinds) else chance.choice(kinds)
        sent = {"json": body} if body is not None else {}
        headers = caller.authorization() if caller else {}
        answer = service.client.request(method, API + path, headers=headers, **sent)
        assert answer.status_code < 500, answer.text
        expected.append(expected_of(answer.status_code, event))
    found = [(line.event, line.outcome) for line in logged(service, since)]
    assert found == [one for one in expected if one is not None]
    assert {status for _, status in found} == set(Outcome)
    assert verify(service.database, []).first_bad is None


@pytest.mark.wide
@one_store
def test_every_audit_event_has_the_fields_of_nen_7513(service):
    kinds = requests_of(service)
    _all_come_in(kinds)
    since = head_of(service)
    for caller, method, path, body, _ in kinds:
        sent = {"json": body} if body is not None else {}
        service.client.request(method, API + path, headers=caller.authorization() if caller else {}, **sent)
    lines = logged(service, since)
    for line in lines:
        assert line.event in set(Event)
        assert all((line.actor, line.action, line.outcome, line.address, line.protocol, line.request_id)), line
        assert (line.role is None) == (line.protocol is Protocol.NONE) == (line.actor == audit_log.NOBODY), line
    by_protocol = {line.protocol for line in lines}
    assert by_protocol == {Protocol.API_KEY, Protocol.SESSION, Protocol.NONE}
    assert {line.address for line in lines} == {"testclient"}
    assert len({line.request_id for line in lines}) > 25
    refused = [line for line in lines if line.outcome is not Outcome.DONE]
    assert {line.action for line in refused} == {Action.READ, Action.CHANGE}
    assert all(line.facts["code"] for line in refused)


@one_store
def test_search_by_name_is_not_written_into_the_log(service):
    since = head_of(service)
    service.coordinator.get("/registrations/Fatima")
    [line] = [line for line in logged(service, since) if line.outcome is Outcome.NOT_FOUND]
    assert (line.registration_id, line.object_id) == (None, None)
    service.coordinator.get("/registrations/R-2222-2222-2222")
    assert logged(service, since)[-1].registration_id == "R-2222-2222-2222"
    service.shelter.get("/shelters/S02/capacity")
    assert logged(service, since)[-1].object_id == "S02"


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("asked", ["actor", "registration"])
def test_log_search_by_name_is_not_written_into_the_log(service, asked):
    since = head_of(service)
    service.auditor.get(f"/audit/events?{asked}=Fatima")
    auditor = signed_in(service, "auditor")
    assert auditor.get(f"/log?{asked}=Fatima").status_code == 200
    page = auditor.get(f"/log?{asked}=Fatima%20de%20Jong")
    assert page.status_code == 400
    assert f'id="{asked}-fault"' in page.text
    assert "Fatima" not in repr([line.content for line in logged(service, since)])
    assert service.auditor.get("/registrations/Fatima/accesses").status_code == 404


@one_store
def test_log_search_event_names_the_user_and_case_asked_for(service):
    client = service.coordinator.made("/registrations", somebody())["id"]
    service.auditor.get(f"/audit/events?actor={service.coordinator.account}&registration={client}")
    line = logged(service)[-1]
    assert (line.registration_id, line.facts["of"]) == (client, service.coordinator.account)


@one_store
def test_refused_key_or_unknown_token_has_an_audit_event(service):
    since = head_of(service)
    assert service.client.post(f"{API}/token", json={"key": "plk_wrong"}).status_code == 401
    assert service.client.get(f"{API}/capacity", headers={"Authorization": "Bearer plt_wrong"}).status_code == 401
    tried, read = logged(service, since)
    assert (tried.action, tried.outcome, tried.facts["code"]) == (Action.SIGN_IN, Outcome.REFUSED, "key_refused")
    assert (read.action, read.outcome, read.facts["code"]) == (Action.READ, Outcome.REFUSED, "token_refused")
    assert "wrong" not in repr([line.content for line in (tried, read)])


def test_list_event_names_each_case_shown(service):
    client = service.coordinator.made("/registrations", somebody())["id"]
    shown = [row["id"] for row in service.coordinator.get("/registrations").json()["items"]]
    line = logged(service)[-1]
    assert client in shown
    assert line.facts["shown"] == sorted(shown)
    for case in shown:
        assert line.id in [
            row["line"] for row in service.auditor.get(f"/registrations/{case}/accesses").json()["items"]
        ]


@one_store
def test_search_event_names_cases_shown_not_the_search_term(service):
    client = service.coordinator.made("/registrations", somebody(alias="Kanarie"))["id"]
    since = head_of(service)
    service.coordinator.made("/registrations/search", {"said": "kanarie"})
    [line] = logged(service, since)
    assert (line.event, line.action, line.facts) == (
        Event.REGISTRATIONS_SEARCHED, Action.SEARCH, {"shown": [client], "found": 1}
    )  # fmt: skip
    assert service.auditor.get(f"/registrations/{client}/accesses").json()["items"][0]["line"] == line.id


@pytest.mark.wide
@one_store
def test_each_step_of_a_legal_hold_has_an_event_with_its_case(service):
    client = service.coordinator.made("/registrations", somebody())["id"]
    path = f"/registrations/{client}/legal-hold"
    one, other = service.signed_in("desk"), service.session_of(service.second.account)
    since = head_of(service)
    one.made(path, {"reason": "complaint", "review_on": "2027-02-01"})
    grant_waiting(service, other)
    one.made(f"{path}/lift")
    grant_waiting(service, other)
    one.get(path)
    found = [(line.event, line.registration_id, line.protocol) for line in logged(service, since)]
    assert [event for event, _, _ in found] == [
        Event.SECOND_PERSON_ASKED, Event.SECOND_PERSON_GRANTED, Event.LEGAL_HOLD_GRANTED,
        Event.SECOND_PERSON_ASKED, Event.SECOND_PERSON_GRANTED, Event.LEGAL_HOLD_LIFTED,
        Event.LEGAL_HOLD_READ,
    ]  # fmt: skip
    assert {one[1:] for one in found} == {(client, Protocol.SESSION)}


def test_replayed_answer_has_an_event_with_its_case(service):
    client = service.coordinator.made("/registrations", somebody(), Idempotency_Key="one")["id"]
    since = head_of(service)
    service.coordinator.made("/registrations", somebody(), Idempotency_Key="one")
    [line] = logged(service, since)
    assert (line.event, line.action, line.registration_id) == (Event.ANSWER_REPEATED, Action.READ, client)


def test_request_without_an_audit_event_is_not_answered(service, monkeypatch):
    client = service.coordinator.made("/registrations", somebody(alias="Kanarie"))["id"]
    registrations = service.coordinator.get("/registrations").json()["total"]
    with monkeypatch.context() as forgetful:
        forgetful.setattr(audit_log, "write", lambda *_args, **_facts: None)
        read = service.coordinator.get(f"/registrations/{client}")
        written = service.coordinator.post("/registrations", somebody())
    assert (read.status_code, written.status_code) == (500, 500)
    assert "Kanarie" not in read.text
    assert service.coordinator.get("/registrations").json()["total"] == registrations


@pytest.mark.wide
@both_stores
def test_event_that_cannot_be_stored_refuses_read_and_write(service, monkeypatch):
    client = service.coordinator.made("/registrations", somebody(alias="Kanarie"))["id"]
    since = head_of(service)
    with monkeypatch.context() as broken:
        broken.setattr(hash_chain, "link_after", _breaks)
        broken.setattr(hash_chain.log_buffer, "put", _breaks)
        for answer in (
            service.coordinator.get(f"/registrations/{client}"),
            service.coordinator.post(f"/registrations/{client}/close", {"reason": "withdraws_consent"}),
        ):
            assert answer.status_code == 500
            assert "Kanarie" not in answer.text
    assert logged(service, since) == []
    assert service.coordinator.get(f"/registrations/{client}").json()["status"] == "open"


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_locked_log_refuses_read_and_write_until_retry(service):
    service.app.state.database = quick = Database.open(changed(service.country.settings, lock_wait_seconds=0.2))
    client = service.coordinator.made("/registrations", somebody(alias="Kanarie"))["id"]
    callers = [caller.authorization() for caller in (service.coordinator, service.elsewhere, service.auditor)]
    since = head_of(service)
    requests = [
        ("GET", f"/registrations/{client}", None, 0),
        ("GET", "/registrations", None, 0),
        ("POST", f"/registrations/{client}/close", {"reason": "withdraws_consent"}, 0),
        ("GET", f"/registrations/{client}", None, 1),
        ("GET", "/audit/events", None, 0),
        ("GET", "/audit/events", None, 2),
    ]
    waits = []
    engine_event.listen(quick.engine, "handle_error", lambda context: waits.append(context.original_exception))
    with quick.engine.begin() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "200ms"
    with service.database.engine.begin() as locker:
        locker.execute(text("LOCK TABLE auditevent IN ACCESS EXCLUSIVE MODE"))
        for method, path, body, who in requests:
            waits.clear()
            sent = {"json": body} if body is not None else {}
            answer = service.client.request(method, API + path, headers=callers[who], **sent)
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:placement:problem:busy"), (path, answer)
            assert answer.headers["retry-after"]
            assert len(waits) == 1, "the one wait of its transaction, of as long as the database is told"
            assert "Kanarie" not in answer.text
    assert logged(service, since) == []
    found = service.client.get(f"{API}/registrations/{client}", headers=callers[0])
    assert found.json()["status"] == "open"
    quick.close()


@pytest.mark.wide
@both_stores
def test_many_at_once_leave_one_chain(service):
    callers = [service.coordinator, service.desk, service.shelter, service.elsewhere]
    tokens = [caller.authorization() for caller in callers]
    since, reads = head_of(service), 10

    def read(token):
        for _ in range(reads):
            assert service.client.get(f"{API}/holds", headers=token).status_code == 200

    with ThreadPoolExecutor(len(tokens)) as pool:
        list(pool.map(read, tokens))
    lines = logged(service, since)
    assert [line.id for line in lines] == list(range(since + 1, since + 1 + reads * len(callers)))
    assert Counter(line.role for line in lines)[Role.COORDINATOR] == 2 * reads
    assert verify(service.database, []).first_bad is None


@one_store
def test_actor_without_protocol_is_a_server_fault(service, monkeypatch):
    monkeypatch.setattr("api.http.authentication.AuthenticationResult", lambda user, **_: WithoutProtocol(user, None))
    assert service.client.get(f"{API}/capacity", headers=service.desk.authorization()).status_code == 500


def _breaks(*_args):
    raise RuntimeError
