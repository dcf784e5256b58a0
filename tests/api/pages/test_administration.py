"""Pages of administration: invitations, roles, the audit log, anomalies, legal holds, and help in both languages."""

import html
import re
from dataclasses import replace

import pytest
from sqlmodel import select

from matching import RULES
from matching.explanations.phrases import TERMS
from placement.audit import anomaly_review
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Role, Scheme
from placement.core.context import Act, Actor, Origin, Protocol
from placement.core.ids import new_id
from placement.registrations.case_handles import handle_of
from placement.tables import Account, Anomaly
from placement.text import guidance
from placement.text.catalogue import translate
from tests.support.api.page_content import words_of
from tests.support.api.pages import PRIVATE, Reader, signed_in
from tests.support.api.service import AT, somebody
from tests.support.audit_log import anomaly
from tests.support.paths import ROOT
from tests.support.settings import changed
from tests.support.stores import one_store

DOMAIN = ROOT / "docs" / "domain.md"
INVITED = {"email": "nieuw@placement.example", "role": "reader", "organisation": "O-oversight"}


@pytest.mark.wide
def test_two_admins_invite_by_page_and_the_link_is_seen_once(service):
    admin, other = signed_in(service, "admin"), signed_in(service, "admin", number=1)
    admin.get("/accounts")
    asked = admin.send("/accounts/invite", **INVITED)
    assert "/invitation#" not in asked.text
    grant = re.search(r'action="(/second-person/G-[^"]+/grant)"', other.get("/second-person").text)[1]
    made = other.send(grant)
    link = re.search(r"https?://[^<]+/invitation#pli_[\w-]+", made.text)[0]
    listed = admin.get("/accounts")
    assert "nieuw@placement.example" in listed.text
    assert link.partition("#")[2] not in listed.text
    withdraw = re.search(r'action="(/accounts/invitations/I-[^"]+/withdraw)"', listed.text)[1]
    assert "nieuw@placement.example" not in admin.send(withdraw).text
    token = {"token": link.partition("#")[2]}
    assert service.client.post("/api/v1/invitations/look", json=token).status_code == 401


@pytest.mark.wide
@one_store
def test_admin_is_given_a_link_at_the_service_own_address(service):
    service.app.state.settings = changed(service.app.state.settings, address="https://opvang.example")
    admin, other = signed_in(service, "admin"), signed_in(service, "admin", number=1)
    admin.get("/accounts")
    admin.send("/accounts/invite", **INVITED)
    grant = re.search(r'action="(/second-person/G-[^"]+/grant)"', other.get("/second-person").text)[1]
    assert ">https://opvang.example/invitation#pli_" in other.send(grant).text


@pytest.mark.wide
@one_store
def test_invitation_form_error_is_at_its_field_and_keeps_input(service):
    admin = signed_in(service, "admin")
    admin.get("/accounts")
    wrong = admin.send("/accounts/invite", **(INVITED | {"role": "coordinator"}))
    assert wrong.status_code == 400
    assert 'id="regions-fault"' in wrong.text
    assert 'value="nieuw@placement.example"' in wrong.text


@pytest.mark.wide
def test_role_change_and_account_closure_take_effect_at_once(service):
    admin, reader = signed_in(service, "admin"), signed_in(service, "coordinator")
    account = next(
        one["id"] for one in service.admin.get("/accounts?role=coordinator").json()["items"]
        if one["email"] == reader.person.email
    )  # fmt: skip
    page = admin.get(f"/accounts/{account}")
    assert "registration:read" in words_of(page)
    assert "account:read" not in words_of(page)
    assert reader.get("/registrations").status_code == 200
    asked = admin.send(f"/accounts/{account}", role="reader", organisation="O-oversight")
    assert asked.status_code == 200, words_of(asked)
    assert reader.get("/registrations").status_code == 200  # asked, and not granted
    other = signed_in(service, "admin", number=1)
    changed = other.send(re.search(r'action="(/second-person/G-[^"]+/grant)"', other.get("/second-person").text)[1])
    assert changed.url.path == f"/accounts/{account}"
    admin.get(f"/accounts/{account}")
    assert reader.get("/registrations").status_code == 403
    admin.send(f"/accounts/{account}/disable")
    assert reader.get("/account").url.path == "/sign-in"
    assert admin.send(f"/accounts/{account}/enable").status_code == 200


@pytest.mark.wide
@one_store
def test_log_page_search_lists_read_access_to_a_case(service):
    client = service.coordinator.made("/registrations", somebody(alias=PRIVATE))["id"]
    auditor = signed_in(service, "auditor")
    found = auditor.get(f"/log?registration={client}")
    assert "registration:made" in words_of(found)
    assert PRIVATE not in found.text
    assert "Registered" in words_of(auditor.get(f"/log/cases/{client}"))
    assert auditor.get(f"/log/cases?registration={client}").url.path == f"/log/cases/{client}"
    said = handle_of(client).replace(" ", "+")
    assert auditor.get(f"/log/cases?registration={said}").url.path == f"/log/cases/{client}"
    by_handle = auditor.get(f"/log?registration={said}")
    assert "registration:made" in words_of(by_handle)
    unknown = auditor.get("/log/cases?registration=nergens+genoemd")
    assert (unknown.status_code, unknown.text.count('value="nergens genoemd"')) == (400, 1)
    assert auditor.get("/log?registration=nergens+genoemd").status_code == 400
    wrong = auditor.get("/log?since=yesterday")
    assert wrong.status_code == 400
    assert 'id="since-fault"' in wrong.text
    for _ in range(60):
        service.auditor.get("/audit/chain")
    older = html.unescape(re.search(r'href="(/log\?[^"]*before=\d+[^"]*)"', auditor.get("/log").text)[1])
    assert auditor.get(older).status_code == 200


@pytest.mark.wide
@one_store
def test_log_page_reports_a_head_that_does_not_agree(service):
    auditor = signed_in(service, "auditor")
    heads = service.country.settings.audit_heads
    assert "recorded outside the database yet" in words_of(auditor.get("/log"))
    chain = service.auditor.get("/audit/chain").json()
    assert (chain["heads"], chain["agrees"]) == (0, None)
    heads.parent.mkdir(parents=True, exist_ok=True)
    line = f'{{"line": {chain["lines"]}, "link": "%s", "at": "{AT.isoformat()}"}}\n'
    heads.write_text(line % chain["link"])
    assert service.auditor.get("/audit/chain").json()["agrees"] is True
    assert "is the same here" in words_of(auditor.get("/log"))
    heads.write_text(line % ("0" * 64))
    assert service.auditor.get("/audit/chain").json()["agrees"] is False
    assert "is not the same here" in words_of(auditor.get("/log"))


@pytest.mark.wide
def test_anomaly_is_acknowledged_with_outcome_incident_with_note(service):
    with service.database.transaction() as session:
        anomaly(session, "O-2222-2222-2222", AT)
    auditor = signed_in(service, "auditor")
    action = "/review/O-2222-2222-2222/tick"
    assert action in auditor.get("/review").text
    assert auditor.send(action, outcome="incident").status_code == 400
    assert auditor.send(action, outcome="incident", note="told the officer").status_code == 200
    assert action not in auditor.page.text
    assert "told the officer" in auditor.get("/review?status=ticked").text
    with service.database.transaction() as session:
        assert session.exec(select(Anomaly.outcome)).all() == ["incident"]


@pytest.mark.wide
@one_store
def test_anomaly_of_an_account_names_its_role_and_actor(service):
    with service.database.transaction() as session:
        admin, staff = (session.exec(select(Account).where(Account.role == role)).first() for role in ("admin", "desk"))
        operator = Actor(id="os:root", role=Role.SYSTEM)
        by_command = Act(session, operator, AT, service.country.settings, Origin(Protocol.COMMAND_LINE))
        audit_log.write(by_command, Event.INVITED, subject="I-1", role="auditor", account=None)
        by_nobody = replace(by_command, actor=Actor(id=audit_log.NOBODY, role=Role.SYSTEM))
        audit_log.write(by_nobody, Event.INVITED, subject="I-2", role="auditor", account=None)
        audit_log.write(by_command, Event.ACCOUNT_CHANGED, subject=staff.id, role="desk", regions=[], asked_by=admin.id)
    with service.database.transaction() as session:
        anomaly_review.find_anomalies(replace(by_command, session=session))
    found = {one["rule"]: one for one in service.auditor.get("/audit/review").json()["items"]}
    assert (found["invited"]["role"], found["invited"]["account"]) == ("auditor", None)
    assert (found["account_changed"]["role"], found["account_changed"]["account"]) == ("desk", staff.id)
    said = words_of(signed_in(service, "auditor").get("/"))
    assert "operator root" in said
    assert "Who not signed in" in said
    assert said.count("Role Auditor") == 2, said


@pytest.mark.wide
@one_store
def test_page_of_no_legal_hold_has_its_event_or_is_refused(service):
    client = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    desk = signed_in(service, "desk")
    unknown = new_id("R")
    assert desk.get(f"/registrations/{client}/legal-hold").status_code == 200
    assert desk.get(f"/registrations/{unknown}/legal-hold").status_code == 404
    rows_logged = service.auditor.get("/audit/events?limit=5").json()["items"]
    logged = {(row["event"], row["registration"]) for row in rows_logged}
    assert {("legal_hold:read", client), ("access:refused", unknown)} <= logged


@pytest.mark.wide
def test_a_legal_hold_by_page_takes_two_persons_of_the_desk(service):
    client = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    desk = signed_in(service, "desk")
    path = f"/registrations/{client}/legal-hold"
    desk.is_named("Medewerker 1")
    desk.get(path)
    assert 'id="review_on-fault"' in desk.send(path, reason="complaint", review_on="2020-01-01").text
    asked = desk.send(path, reason="complaint", review_on="2027-01-01")
    assert "Medewerker 1" in words_of(asked)
    other = Reader(service, "desk")
    other.cookies = dict(service.session_of(service.second.account).cookies)
    grant = re.compile(r'action="(/second-person/G-[^"]+/grant)"')
    assert grant.search(desk.get("/second-person").text) is None
    other.send(grant.search(other.get("/second-person").text)[1])
    assert f"{path}/lift" in desk.get(path).text
    assert 'id="review_on-fault"' in desk.send(f"{path}/review", review_on="2020-01-01").text
    assert "2 Feb 2027" in words_of(desk.send(f"{path}/review", review_on="2027-02-02"))
    desk.send(f"{path}/lift")
    assert grant.search(desk.get("/second-person").text) is None
    other.send(grant.search(other.get("/second-person").text)[1])
    assert "lifted" in words_of(desk.get(path))


@pytest.mark.wide
def test_stale_page_of_a_legal_hold_grants_no_lifting(service):
    client = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    path, second = f"/registrations/{client}/legal-hold", service.session_of(service.second.account)
    second.made(path, {"reason": "complaint", "review_on": "2027-01-01"})
    desk = signed_in(service, "desk")
    grant = re.search(r'action="(/second-person/G-[^"]+/grant)"', desk.get("/second-person").text)[1]
    service.signed_in("desk").made(f"/second-person-requests/{grant.split('/')[2]}/grant", {})
    second.made(f"{path}/lift")
    stale = desk.send(grant)
    assert (stale.status_code, service.desk.get(path).json()["status"]) == (409, "lift_asked")


def help_texts(one, language):
    texts = ((f"{one.kind}.means", one.code), ("authority", one.imposed_by), ("source", one.source))
    return [one.name(language), *(translate(context, code, language) for context, code in texts)]


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
@one_store
def test_rule_help_names_authority_and_source(service, language):
    assert tuple(rule.code for rule in guidance.RULES) == RULES
    reader = signed_in(service, "coordinator", language=language)
    shown = reader.get("/help/rules")
    for rule in guidance.RULES:
        assert f'id="{rule.code}"' in shown.text
        put_aside = translate("authority", rule.put_aside_by, language)
        for said in (*help_texts(rule, language), put_aside):
            assert said in words_of(shown)
    assert reader.get("/help/glossary").text.count('<tr role="row">') == len(guidance.TERMS) + 1


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
@one_store
def test_terms_schemes_and_stay_clock_have_help_with_a_source(service, language):
    found = {(one.kind, one.code) for one in guidance.EXPLAINED}
    points = {name for name in TERMS if name != "total"}
    schemes = {("scheme", code.value) for code in Scheme}
    assert found == {("term", name) for name in points} | schemes | {("clock", "stay")}
    shown = signed_in(service, "coordinator", language=language).get("/help/rules")
    for one in guidance.EXPLAINED:
        assert f'id="{one.kind}-{one.code}"' in shown.text
        for said in help_texts(one, language):
            assert said in words_of(shown)


def test_every_source_of_the_help_is_in_the_domain_document():
    known = " ".join(DOMAIN.read_text().split())
    sources = set(guidance.TERMS.values())
    for rule in guidance.RULES:
        said = translate("source", rule.source, "en")
        sources |= set(said.partition(": ")[2].partition(". ")[0].split("; ")) - {""}
    sources |= {translate("source", one.source, "en") for one in guidance.EXPLAINED if one.kind == "scheme"}
    for source in sources:
        name = source.partition(",")[0]
        assert name in known or name.startswith(("guide: domain", "no source")), source


@pytest.mark.wide
@one_store
def test_every_role_has_help(service):
    people = set(Role) - {Role.SYSTEM, Role.SHELTER}
    assert set(guidance.JOURNEYS) == people
    for role in sorted(people):
        shown = words_of(signed_in(service, role).get("/help"))
        assert all(translate("journey", step, "en") in shown for step in guidance.JOURNEYS[role])
