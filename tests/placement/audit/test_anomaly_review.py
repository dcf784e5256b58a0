"""Anomalies of the log: each is found once, and reviewed by another account than the account that it is about."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import account_changes, accounts, api_keys, organisations
from placement.audit import anomaly_review, settings_changes
from placement.audit import log as audit_log
from placement.audit import search as audit_search
from placement.audit.search import Search
from placement.capacity import reads as capacity_reads
from placement.core.codes import Action, OrganisationKind, Outcome, Protocol, Region, ReviewOutcome, Role
from placement.core.context import SYSTEM, Act, Actor, Origin
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.setting_parts import SsoProvider
from placement.core.telephone_codes import TelephoneUse
from placement.placements import reads as placements_reads
from placement.registrations import break_glass, duplicates
from placement.registrations import reads as registrations_reads
from placement.tables import Anomaly, AuditEvent
from tests.support.accounts import add_accounts, invited, person
from tests.support.settings import changed
from tests.support.stores import one_store
from tests.support.town import ADMIN, AT, COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, F

NIGHT = AT.replace(hour=21)  # 22:00 in Amsterdam in November
AUDITOR = Actor("A-auditor", Role.AUDITOR, session_id="Z")
STAFF = Actor("A-staff", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")


@pytest.fixture
def logged(town):
    """The town, with the coordinators' accounts: the rule about regions asks for them."""
    add_accounts(town, COORDINATOR, ELSEWHERE)
    town.do(anomaly_review.find_anomalies, actor=SYSTEM)
    assert odd(town) == []
    return town


def odd(town):
    town.do(anomaly_review.find_anomalies, actor=SYSTEM)
    return sorted((row.rule, row.actor, row.counted) for row in town.all(select(Anomaly)))


def refused(town, actor=ELSEWHERE, times=1, event=audit_log.Event.ACCESS_REFUSED, **facts):
    origin = Origin(Protocol.API_KEY if actor else Protocol.NONE, "192.0.2.7")
    with town.database.transaction() as session:
        for _ in range(times):
            audit_log.refuse(
                session,
                town.at,
                origin,
                actor,
                event=event,
                action=Action.READ,
                outcome=Outcome.NOT_FOUND,
                code="not_found",
                **facts,
            )


@one_store
def test_first_two_admins_of_a_service_are_no_anomaly(empty):
    """A third admin whom nobody asked for is an anomaly."""

    def rules():
        with empty.database.transaction() as session:
            anomaly_review.find_anomalies(Act(session, SYSTEM, AT, empty.settings))
            return [row.rule for row in session.exec(select(Anomaly))]

    for name in ("one", "two"):
        invited(empty, AT, f"{name}@placement.example", Role.ADMIN)
    assert rules() == []
    invited(empty, AT, "three@placement.example", Role.ADMIN)
    assert rules() == ["invited"]


@one_store
def test_admin_invited_beside_an_account_is_an_anomaly(empty):
    person(empty, AT, role=Role.DESK)
    invited(empty, AT, "one@placement.example", Role.ADMIN)
    with empty.database.transaction() as session:
        anomaly_review.find_anomalies(Act(session, SYSTEM, AT, empty.settings))
        assert [row.rule for row in session.exec(select(Anomaly))] == ["invited", "invited"]


@one_store
def test_anomaly_coordinator_asks_for_foreign_region_is_found(logged):
    client = logged.register(actor=COORDINATOR)
    logged.do(registrations_reads.registration, client, actor=COORDINATOR)
    logged.do(registrations_reads.registration, client, actor=replace(DESK, opened=frozenset({client})))
    assert odd(logged) == []
    refused(logged, registration=client, times=2)
    assert odd(logged) == [("foreign_region", ELSEWHERE.id, 2)]
    refused(logged, registration=client)
    assert odd(logged) == [("foreign_region", ELSEWHERE.id, 2)]  # once a day, a case and a person
    logged.later(days=1)
    refused(logged, registration=client)
    assert len(odd(logged)) == 2


def test_anomaly_many_cases_in_any_hour_is_found(logged):
    logged.having(odd_cases_an_hour=3)
    cases = [logged.register(region=Region.ROTTERDAM) for _ in range(5)]
    logged.later(hours=1)
    for case in cases[:3]:
        logged.do(registrations_reads.registration, case)
        logged.do(registrations_reads.registration, case)  # the same case twice is one case
    logged.do(registrations_reads.registration, cases[3], actor=OTHER_DESK)
    assert [row for row in odd(logged) if row[1] == OTHER_DESK.id] == []
    before = odd(logged)
    logged.do(registrations_reads.registration, cases[4])
    assert [row for row in odd(logged) if row not in before] == [("many_cases", DESK.id, 4)]
    logged.do(registrations_reads.registration, cases[0])
    assert len(odd(logged)) == len(before) + 1
    assert {row.registration_id for row in logged.all(select(Anomaly))} == {None}  # it is about several


@one_store
def test_cases_that_the_desk_enters_are_no_odd_openings(logged):
    """A person who sets a country up takes over all residents within an hour, and looks at the entries."""
    logged.having(odd_cases_an_hour=3)
    stays = [logged.take_over("U2-family", "R3", persons=((F, 40 + number),)) for number in range(3)]
    stays += [logged.take_over("U1-women", "R1", persons=((F, 60 + number),)) for number in range(2)]
    entered = [logged.one("stay", stay).registration_id for stay in stays]
    registered = [logged.register(((F, 20 + number),)) for number in range(4)]
    for case in (*entered, *registered):
        logged.do(registrations_reads.registration, case)
    assert odd(logged) == []
    for case in entered[:4]:  # another one opens them
        logged.do(registrations_reads.registration, case, actor=replace(OTHER_DESK, opened=frozenset(entered)))
    assert odd(logged) == [("many_cases", OTHER_DESK.id, 4)]


@one_store
def test_coordinator_comparing_often_in_a_day_is_found(logged):
    logged.having(odd_comparisons_a_day=2)
    case = logged.register(actor=COORDINATOR)
    for actor, times in ((COORDINATOR, 2), (replace(DESK, opened=frozenset({case})), 3)):  # the desk sees every region
        for _ in range(times):
            logged.do(duplicates.alike_of, case, actor=actor)
    logged.later(days=1)
    logged.do(duplicates.alike_of, case, actor=COORDINATOR)
    assert odd(logged) == []
    for _ in range(2):
        logged.do(duplicates.alike_of, case, actor=COORDINATOR)
    assert odd(logged) == [("many_alike", COORDINATOR.id, 3)]


@one_store
def test_number_that_an_admin_replaces_is_found(logged):
    shelters = OrganisationKind.SHELTER
    house = logged.do(lambda act: accounts.make_organisation(act, "Opvang 1", shelters, "S1").id, actor=ADMIN)

    def rung_at(number):
        logged.do(organisations.change, house, {"telephones": {TelephoneUse.NIGHT: number}}, actor=ADMIN)

    rung_at("030 123 45 67")
    assert odd(logged) == []
    rung_at("030 765 43 21")
    assert odd(logged) == [("numbers_replaced", ADMIN.id, 1)]


@one_store
def test_key_of_an_actor_that_sees_clients_is_found(logged):
    reader = Actor("A-reader", Role.READER, session_id="Z")
    add_accounts(logged, reader)
    for actor in (reader, replace(COORDINATOR, session_id="Z")):
        logged.do(api_keys.make, None, ["read"], 7, actor=replace(actor, verified_at=logged.at))
    assert odd(logged) == [("key_made", COORDINATOR.id, 1)]


@one_store
def test_account_that_an_admin_enables_again_is_found(logged):
    for verb in (account_changes.disable, account_changes.enable):
        logged.do(verb, ELSEWHERE.id, actor=ADMIN)
    assert odd(logged) == [("account_enabled", ADMIN.id, 1)]


AT_NIGHT = [
    (NIGHT, COORDINATOR, True),
    (NIGHT - timedelta(seconds=1), COORDINATOR, False),
    (NIGHT + timedelta(hours=8, seconds=-1), COORDINATOR, True),
    (NIGHT + timedelta(hours=8), COORDINATOR, False),
    (NIGHT, DESK, False),  # on duty
    (NIGHT, Actor("S1", Role.SHELTER, shelter_id="S1"), False),  # a program
    (NIGHT, STAFF, True),
]


@one_store
def test_anomaly_night_work_off_duty_is_found(logged):
    """Each a night of its own."""
    for number, (at, actor, found) in enumerate(AT_NIGHT):
        before = len(odd(logged))
        logged.at = at + timedelta(days=number)
        logged.do(placements_reads.holds, None, None, 10, 0, actor=actor)
        assert len(odd(logged)) - before == found, (number, actor)
    assert {row[0] for row in odd(logged)} == {"night"}


@one_store
def test_anomaly_night_work_is_found_once_except_on_duty(logged):
    logged.having(night_duty=frozenset({Role.COORDINATOR}))
    for hours in (0, 1, 5, 24):
        logged.at = NIGHT + timedelta(hours=hours)
        logged.do(placements_reads.holds, None, None, 10, 0, actor=DESK)
        logged.do(placements_reads.holds, None, None, 10, 0, actor=COORDINATOR)
    assert odd(logged) == [("night", DESK.id, 1), ("night", DESK.id, 3)]


@one_store
def test_many_refused_attempts_by_a_person_or_from_an_address(logged):
    logged.having(odd_refusals_an_hour=3)
    refused(logged, times=3)
    refused(logged, actor=None, times=3)
    refused(logged, times=9, event=audit_log.Event.REQUEST_REFUSED)  # that somebody was faster is everyday work
    assert odd(logged) == []
    refused(logged)
    refused(logged, actor=None)
    assert odd(logged) == [("many_refused", ELSEWHERE.id, 4), ("many_refused", audit_log.NOBODY, 4)]


@one_store
def test_break_glass_is_an_anomaly_to_acknowledge(logged):
    logged.at = NIGHT
    client = logged.register()
    for _ in range(2):
        logged.do(break_glass.open_case, client, "danger_now", "Kanarie", actor=replace(ELSEWHERE, session_id="Z"))
    found = [row for row in odd(logged) if row[0] == "break_glass"]
    assert found == [("break_glass", ELSEWHERE.id, 1)] * 2


def test_anomaly_is_acknowledged_once_with_events_for_both(logged):
    refused(logged, registration=logged.register(), times=1)
    [found] = odd(logged) and logged.all(select(Anomaly))
    with pytest.raises(Invalid) as wrong:
        logged.do(anomaly_review.acknowledge, found.id, ReviewOutcome.INCIDENT, None, actor=AUDITOR)
    assert wrong.value.faults[0].field == "note"
    ticked = logged.do(anomaly_review.acknowledge, found.id, ReviewOutcome.INCIDENT, "Kanarie", actor=AUDITOR)
    assert (ticked.ticked_by, ticked.ticked_at, ticked.note) == (AUDITOR.id, logged.at, "Kanarie")
    with pytest.raises(Conflict):
        logged.do(anomaly_review.acknowledge, found.id, ReviewOutcome.EXPLAINED, None, actor=DESK)
    with pytest.raises(NotFound):
        logged.do(anomaly_review.acknowledge, "O-2222-2222-2222", ReviewOutcome.EXPLAINED, None, actor=DESK)
    lines = logged.all(select(AuditEvent).order_by(AuditEvent.id))[-2:]
    assert [(line.event, line.actor, line.object_id) for line in lines] == [
        ("review:found", "system", found.id), ("review:ticked", AUDITOR.id, found.id)
    ]  # fmt: skip
    assert "Kanarie" not in repr([line.facts for line in lines])
    with logged.database.engine.connect() as connection:
        assert "Kanarie" not in repr(connection.exec_driver_sql("SELECT * FROM auditoddity").all())
    with logged.act(AUDITOR) as act:
        found = [audit_search.review(act, acknowledged=one, limit=9, offset=0)[1] for one in (None, True, False)]
    assert found == [1, 1, 0]


def test_anomaly_about_the_actor_cannot_be_acknowledged_by_it(logged):
    logged.having(odd_refusals_an_hour=1)
    refused(logged, actor=DESK, times=2)
    assert odd(logged) == [("many_refused", DESK.id, 2)]
    [found] = logged.all(select(Anomaly))
    with pytest.raises(NotAllowed):
        logged.do(anomaly_review.acknowledge, found.id, ReviewOutcome.EXPLAINED, None, actor=DESK)
    assert (
        logged.do(anomaly_review.acknowledge, found.id, ReviewOutcome.EXPLAINED, None, actor=OTHER_DESK).ticked_by
        == OTHER_DESK.id
    )


def test_accesses_of_a_case_include_lists_and_refused_attempts(logged):
    client, other = logged.register(), logged.register()
    logged.do(registrations_reads.registration, client, actor=COORDINATOR)
    logged.do(registrations_reads.registration, other)
    logged.do(registrations_reads.registrations, None, None, 10, 0)
    refused(logged, registration=client)
    for actor in (DESK, AUDITOR):
        with logged.act(actor) as act:
            lines = audit_search.accesses(act, client, before=None, limit=4)
        found = [(line.event, line.actor) for line in lines if line.event != "access:read"]
        assert found[:3] == [
            ("access:refused", ELSEWHERE.id), ("registration:listed", DESK.id), ("registration:read", COORDINATOR.id)
        ]  # fmt: skip
    with logged.act(DESK) as act:
        before, seen = None, []
        while lines := audit_search.accesses(act, client, before=before, limit=2):
            seen += [line.id for line in lines]
            before = seen[-1]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) >= 5
    for actor in (DESK, AUDITOR):
        with pytest.raises(NotFound):
            logged.do(audit_search.accesses, "R-2222-2222-2222", before=None, limit=2, actor=actor)


ASKED = [
    ({}, [7, 6, 5, 4, 3, 2, 1]),
    ({"actor": COORDINATOR.id}, [7]),
    ({"event": audit_log.Event.REGISTERED}, [6]),
    ({"since": AT.date() + timedelta(days=1)}, [7, 6]),
    ({"until": AT.date()}, [5, 4, 3, 2, 1]),
    ({"since": AT.date(), "until": AT.date() + timedelta(days=1), "before": 7}, [6, 5, 4, 3, 2, 1]),
]


def test_log_search_by_actor_event_and_time_is_newest_first(logged):
    """Three lines are the town's reports, one its accounts, one a look at the country, a day before the rest."""
    logged.do(capacity_reads.country)
    logged.later(days=1)
    client = logged.register()
    logged.do(registrations_reads.registration, client, actor=COORDINATOR)
    with logged.act(AUDITOR) as act:
        for asked, found in ASKED:
            assert [line.id for line in audit_search.search(act, Search(**asked), 200)] == found, asked
        assert [line.id for line in audit_search.search(act, Search(before=7), 3)] == [6, 5, 4]
        assert len(audit_search.search(act, Search(registration=client), 200)) == 2


@one_store
def test_day_out_of_range_is_named(logged):
    for year in (1, 9999):
        with pytest.raises(Invalid) as wrong, logged.act(AUDITOR) as act:
            audit_search.search(act, Search(until=AT.date().replace(year=year)), 1)
        assert wrong.value.faults[0].field == "until"


SSO = SsoProvider("https://issuer.example", "placement", "Kanarie", "https://placement.example")


@one_store
def test_settings_of_another_host_are_no_change(logged):
    """A machine with more cores runs more engines by default, and its run folder may have another name."""
    host = changed(logged.settings, engines=logged.settings.engines + 1, run=logged.settings.run / "other")
    for settings in (logged.settings, host, logged.settings):
        with logged.database.transaction() as session:
            settings_changes.record_settings(Act(session, SYSTEM, logged.at, settings))
    assert [line.event for line in logged.all(select(AuditEvent))].count("settings:changed") == 1


def test_settings_in_force_are_logged_once_and_on_change(logged):
    for settings in (logged.settings, logged.settings, changed(logged.settings, odd_cases_an_hour=7, sso=SSO)):
        with logged.database.transaction() as session:
            settings_changes.record_settings(Act(session, SYSTEM, logged.at, settings))
    changes = [line.facts for line in logged.all(select(AuditEvent)) if line.event == "settings:changed"]
    assert [facts["odd_cases_an_hour"] for facts in changes] == ["30", "7"]
    assert not {"audit_key", "field_keys", "database_url"} & set(changes[0])
    assert changes[1]["key_store"] == str(logged.settings.key_store)
    assert "https://issuer.example" in changes[1]["sso"]
    assert "Kanarie" not in str(changes)
