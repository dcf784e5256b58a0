"""Every act writes its line in its own transaction: no act without a line, no line without an act."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import (
    account_changes,
    accounts,
    api_keys,
    approvals,
    details,
    login,
    organisations,
    sessions,
    totp,
)
from placement.audit import key_rotation
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity import unit_profile
from placement.core.codes import AvoidedKind, Protocol, Region, Registrant, ResidenceBasis, Role, Scheme
from placement.core.context import Act, Actor, Origin
from placement.core.errors import Invalid, Unauthenticated
from placement.core.place_codes import ChangeKind
from placement.core.whereabouts_codes import Informed
from placement.duty import absences
from placement.placements import address_disclosure
from placement.placements.decisions import decisions
from placement.placements.holds import arrivals, holds
from placement.placements.proposals import proposals
from placement.placements.stays import reversals, stays, whereabouts
from placement.registrations import case_rows, reads, registrations, reopening
from placement.registrations.case import AvoidedInput, PersonInput, PointInput
from placement.retention import legal_hold
from placement.retention.job import erase_everything_due
from placement.shelters import change_requests, closing, moving, register
from placement.solver import weight_versions
from placement.tables import AuditEvent, Location, Provider, Room, Shelter, Unit
from tests.support import second_person
from tests.support.accounts import PASSWORD, add_accounts, person
from tests.support.missing_clients import FRESH, find_out, lost
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, F, case_of, key_store_of, shelter

PROFILE = (
    "admits",
    "min_age",
    "max_age",
    "children_max_age",
    "boys_max_age",
    "languages",
    "interpreter_languages",
    "specialisms",
    "high_care_limit",
)

STORED_BY_THE_JOURNEY = {
    Event.ADDRESS_SET, Event.ARRIVAL_POSTPONED, Event.DECISION_WITHDRAWN, Event.INVITED_AGAIN, Event.LEGAL_HOLD_KEPT,
    Event.NO_SHOW_REVERSED, Event.PLACE_CLOSED, Event.PLACE_MOVED, Event.PLACE_OPENED, Event.PLACE_REOPENED,
    Event.PROPOSAL_EXPIRED, Event.RECOVERY_CODE_USED, Event.RETURNED, Event.SEARCH_CLOSING_ASKED,
    Event.SEARCH_CLOSING_REFUSED, Event.SECOND_FACTOR_GIVEN, Event.SECOND_PERSON_LAPSED, Event.UNUSED_KEYS_REMOVED,
}  # fmt: skip
"""Events of the journey that no operation of the API stores by a single request."""


def lines(town, since):
    return [(line.event, line.actor) for line in town.all(select(AuditEvent).order_by(AuditEvent.id))[since:]]


def arrives_in_the_end(town, case):
    """Returns the stay of a client who comes late: the arrival is postponed, a no-show and an end are reversed."""
    held = town.hold_in(case)
    town.confirm(held)
    town.do(arrivals.postpone, held, town.at + timedelta(hours=20))
    town.no_show(held)
    town.do(arrivals.reverse_no_show, held)
    town.arrive(held)
    town.do(reversals.reverse_arrival, held)
    stay = town.arrive(held).id
    town.end(stay)
    return town.do(reversals.reverse_end, stay).id


def search_for_a_child(town):
    """A mother and a girl leave to an unknown destination; the end of the search is refused, and they come back."""
    client, _ = lost(town, ((F, 34), (F, 9)), "U2-family")
    find_out(town, whereabouts.inform, client, Informed.POLICE)
    find_out(town, whereabouts.look_again, client)
    find_out(town, whereabouts.stop, client, "police_search_on")
    find_out(town, whereabouts.answer_stop, client, granted=False, actor=FRESH)
    find_out(town, whereabouts.come_back, client)


def legal_holds(town, client):
    """Asks for three legal holds: the first is granted, kept and lifted; the second is refused; the third waits."""
    town.do(legal_hold.ask, client, "complaint", town.at.date() + timedelta(days=30))
    town.do(second_person.answer_about, client, granted=True, actor=OTHER_DESK)
    for granted in (False, True):
        town.do(legal_hold.lift, client)
        town.do(second_person.answer_about, client, granted=granted, actor=OTHER_DESK)
    town.do(legal_hold.ask, client, "complaint", town.at.date() + timedelta(days=30))
    town.do(second_person.answer_about, client, granted=False, actor=OTHER_DESK)
    town.do(legal_hold.ask, client, "complaint", town.at.date() + timedelta(days=30))


@pytest.mark.wide
def test_lines_of_a_case_name_no_place_in_a_whole_journey(town):
    add_accounts(town, DESK)
    with town.database.transaction() as session:
        api_keys.issue_token(session, town.at, town.settings, api_keys.new_key(session, town.at, shelter_id="S1"))
    client = town.register(actor=COORDINATOR, parts={"avoided": [AvoidedInput(AvoidedKind.UNIT, "U2-family")]})
    town.do(registrations.change, client, 1, {"urgency": 2})
    with town.act() as act:
        [avoidance] = case_rows.active_avoidances(act, client)
    town.do(registrations.lift_avoidance, client, avoidance.id)
    town.propose(client)
    decision = town.decide(town.propose(client), actor=COORDINATOR)
    town.do(decisions.answer_decision, decision.id, granted=True)
    town.refuse(town.hold_of(decision.id).id, "need_beyond_unit")
    other = town.register(actor=COORDINATOR)
    decision = town.decide_on(other, "U1-women", actor=COORDINATOR)
    town.do(decisions.answer_decision, decision.id, granted=False)
    town.refuse(town.hold_in(other, "U1-women"), "no_capacity")
    town.release(town.hold_in(other), "unreachable")
    kept = town.hold_of(town.decide_on(other, "U2-family", actor=COORDINATOR).id)
    town.release(kept.id, "unreachable")
    town.decide_on(other, "U2-family", actor=COORDINATOR)
    town.later(hours=4)
    town.do(decisions.expire_waiting)
    town.hold_in(other)
    town.propose(client)
    town.later(hours=4)
    town.do(holds.expire_due)
    town.do(proposals.expire_proposals)
    stay = arrives_in_the_end(town, other)
    verified = replace(DESK, session_id="Z", verified_at=town.at)
    town.do(address_disclosure.address_of, town.one("stay", stay).hold_id, actor=verified)
    town.do(stays.name_blocker, stay, "waits_for_housing")
    town.end(stay)
    town.do(reads.registrations_called, "niemand", 10)
    legal_holds(town, client)
    town.do(registrations.close, client, "withdraws_consent")
    town.do(reopening.reverse_closing, client)
    town.do(registrations.close, client, "withdraws_consent")
    unit = town.one("unit", "U1-women")
    town.do(
        unit_profile.change_profile, unit.id, 1, {name: getattr(unit, name) for name in PROFILE}, actor=shelter("S1")
    )
    search_for_a_child(town)
    comings_and_goings(town)
    changes_of_the_register(town)
    key_store_of(town).make("R-rolled-back")
    town.later(days=400)
    town.do(second_person.lapse)
    town.do(key_rotation.remove_unused)
    list(erase_everything_due(town.database, town.act_now))
    assert {event.value for event in STORED_BY_THE_JOURNEY} <= set(town.events())
    assert places_in_lines_of_cases(town) == []


def places_in_lines_of_cases(town):
    """Returns the events of cases that name a place: beside a reference, it would show for years who lived there."""
    places = {key for table in (Provider, Shelter, Location, Unit, Room) for key in town.all(select(table.id))}
    places |= {region.value for region in Region}
    lines = [line for line in town.all(select(AuditEvent)) if line.registration_id]
    assert {"address:read", "avoidance:set", "hold:refused", "stay:arrived"} <= {line.event for line in lines}
    return [line.event for line in lines if places & {*values_in(line.facts), line.object_id}]


def values_in(facts):
    return {one for fact in facts.values() for one in (fact if isinstance(fact, list) else [fact])}


def changes_of_the_register(town):
    """A shelter from its planning to its closing and back; and a client who lived in another one already."""
    town.take_over("U3-omm", "R4", ago=30)
    provider = town.do(register.make_provider, "Drie")
    made = town.do(register.make_shelter, provider.id, "Opvang 4")
    where = PointInput(place="Zwolle")
    first = town.do(register.make_location, made.id, "Locatie 1", where)
    second = town.do(register.make_location, made.id, "Locatie 2", where, opens_on=town.at.date() + timedelta(days=1))
    address = town.do(change_requests.ask_for_address, first.id, "Geheimstraat 4")
    town.do(second_person.grant, address.id, "geheimstraat 4", actor=OTHER_DESK)
    unit = town.do(register.make_unit, first.id, "Unit", Scheme.COSM)
    town.do(register.make_room, unit.id, "Kamer", 1)
    town.do(moving.move_unit, unit.id, 1, second.id)
    town.do(register.change_unit, unit.id, 2, {"name": "Unit 2"})
    town.do(closing.close, Unit, unit.id, 3, town.at.date())
    asked = town.do(change_requests.change, ChangeKind.REOPEN_UNIT, unit.id, 5, {}, actor=shelter(made.id))
    town.do(second_person.refuse, asked.id)
    town.do(closing.reopen, Unit, unit.id, 5)
    town.later(days=1)
    town.do(closing.carry_out_due)


def comings_and_goings(town):
    """Lets a person come by invitation, sign in, change the account and leave."""
    client = person(town, town.at)
    with pytest.raises(Unauthenticated):
        client.sign_in(code="000000")
    client.sign_in(client.recovery_codes[0])
    secret = client.sign_in().session
    with client.database.transaction() as session:
        actor = sessions.actor_of(session, client.at, client.settings, secret)
    with pytest.raises(Invalid):
        login.give_code_again(client.database, client.settings, client.at, actor, code="000000", origin=Origin())
    client.later(seconds=30)
    login.give_code_again(client.database, client.settings, client.at, actor, code=client.code(), origin=Origin())
    town.do(totp.renew_recovery_codes, actor=replace(actor, verified_at=town.at))
    fresh = replace(actor, verified_at=client.at)
    for current, good in (("-", False), (PASSWORD, True)):
        with nullcontext() if good else pytest.raises(Invalid):
            login.change_password(
                client.database,
                client.settings,
                client.at,
                fresh,
                current=current,
                password=PASSWORD + " 2",
                origin=Origin(),
            )
    _, key = town.do(api_keys.make, None, ["read"], 90, actor=fresh)
    town.do(api_keys.revoke, key.id, actor=actor)
    other = person(town, town.at, "other@placement.example", Role.ADMIN)
    third = person(town, town.at, "third@placement.example", Role.ADMIN)
    admin, other_admin = (Actor(one.account, Role.ADMIN, session_id="Z") for one in (other, third))
    asked = town.do(approvals.to_change, client.account, {"role": Role.ADMIN}, actor=admin)
    town.do(second_person.grant, asked.id, actor=other_admin)
    town.do(weight_versions.set_weights, 0, {"scheme_step": 900}, "asked by the council", actor=admin)
    town.do(details.change, details.Details("Medewerker Een"), actor=admin)
    named = town.do(absences.name, town.at.date(), town.at.date(), None, actor=admin)
    town.do(absences.withdraw, named.absence.id, actor=admin)
    with town.act() as act:
        centre = accounts.coordination_centre(act).id
    town.do(organisations.change, centre, {"name": "Centrum"}, actor=admin)
    town.do(account_changes.disable, client.account, actor=admin)
    town.do(account_changes.enable, client.account, actor=admin)
    for _ in range(2):
        asked = town.do(approvals.to_invite_again, client.account, actor=admin)
        town.do(second_person.grant, asked.id, actor=other_admin)
    town.do(second_person.withdraw, town.do(approvals.to_invite_again, client.account, actor=admin).id, actor=admin)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (lambda town, client: town.propose(client), ["proposal:made"]),
        (lambda town, client: town.do(registrations.change, client, 1, {"urgency": 1}), ["registration:changed"]),
        (lambda town, client: town.do(registrations.close, client, "not_entitled"), ["registration:closed"]),
        (lambda town, client: town.hold_in(client), ["proposal:made", "decision:made", "hold:made", "hold:asked"]),
        (lambda town, _: town.report("S1"), ["capacity:reported"]),
        (lambda town, client: town.decline(town.propose(client), "unreachable"), ["proposal:made", "decision:made"]),
    ],
)
def test_each_write_has_its_own_events(town, verb, expected):
    client = town.register()
    since = len(town.events())
    verb(town, client)
    assert town.events(since) == expected


@pytest.mark.wide
def test_event_names_the_actor_or_the_system_for_consequences(town):
    client = town.register()
    held = town.hold_in(client)
    since = len(town.events())
    town.later(hours=4)
    town.do(holds.expire_due, actor=DESK)
    assert lines(town, since) == [("hold:expired", "system"), ("registration:reopened", "system")]
    stay = town.house(client)
    since = len(town.events())
    town.do(stays.end, stay, "own_housing", actor=OTHER_DESK)
    assert lines(town, since) == [("stay:ended", OTHER_DESK.id), ("registration:closed", OTHER_DESK.id)]
    assert town.one("hold", held).status == "expired"


def test_consequence_event_has_the_request_but_no_protocol(town):
    with town.database.transaction() as session:
        act = Act(session, DESK, town.at, town.settings, Origin(Protocol.SESSION, "192.0.2.1"))
        for one in (act, act.by_the_system()):
            audit_log.write(one, Event.COUNTRY_READ)
    own, its = town.all(select(AuditEvent).order_by(AuditEvent.id))[-2:]
    assert (own.actor, own.protocol, its.actor, its.protocol) == (DESK.id, "session", "system", "system")
    assert (own.request_id, own.address) == (its.request_id, its.address)


def test_write_and_event_are_stored_or_rolled_back_together(town, monkeypatch):
    since = len(town.events())
    with pytest.raises(RuntimeError):
        town.do(registered_and_then_broken_off)
    assert town.events(since) == []

    def unable(*_args, **_facts):
        raise RuntimeError

    monkeypatch.setattr("placement.audit.log.write", unable)
    with pytest.raises(RuntimeError):
        town.register()
    assert town.problem().registrations == ()


def registered_and_then_broken_off(act):
    facts = {"region": Region.LIMBURG, "registrant": Registrant.NP, "residence_basis": ResidenceBasis.EU}
    registrations.register(act, case_of(facts, language_required=False, persons=[PersonInput(F, 20)]))
    act.session.flush()
    raise RuntimeError


def test_event_holds_no_free_text_or_place(town):
    client = town.register(alias="Kanarie", parts={"near": PointInput(place="Delft")})
    town.refuse(town.hold_in(client), "house_mix", "Kanarie zei iets")
    written = repr([(line.facts, line.object_id) for line in town.all(select(AuditEvent))])
    assert "Kanarie" not in written
    assert "Delft" not in written
