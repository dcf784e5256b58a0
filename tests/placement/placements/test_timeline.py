"""The timeline of a case: everything that happened, with who and why, as the reader may see it."""

from datetime import date

import pytest

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AvoidedKind, MessageStatus, Role
from placement.core.context import Actor
from placement.core.errors import NotAllowed, NotFound
from placement.core.link_codes import LinkKind
from placement.core.reason_codes import ChangeReason
from placement.core.timeline_codes import About
from placement.placements import timeline
from placement.placements.stays import fact_changes, stays
from placement.registrations import links, registrations
from placement.registrations.case import AvoidedInput, PersonInput
from placement.retention import erasure, legal_hold
from placement.text.catalogue import languages, translate
from tests.support.accounts import person
from tests.support.messages import settle_all
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, shelter

AUDITOR = Actor("A-auditor", Role.AUDITOR, session_id="Z")


def told(town, client, actor=DESK, **which):
    which = {"before": None, "limit": 100, **which}
    return town.do(timeline.timeline, client, actor=actor, **which).entries


def events(town, client, actor=DESK):
    return [one.event.value for one in told(town, client, actor)]


def details(entry):
    return {detail.about.value: list(detail.values) for detail in entry.details}


def the(town, client, event, actor=DESK):
    return next(one for one in told(town, client, actor) if one.event == event)


def refused(town, reason="staff_shortage", *more):
    """A client in Amsterdam whose hold a shelter has refused."""
    client = town.register(actor=COORDINATOR)
    held = town.hold_in(client, "U1-women")
    town.later(minutes=5)
    town.refuse(held, reason, *more)
    return client


@pytest.mark.wide
def test_everything_of_a_case_is_told_the_newest_first(town):
    client = refused(town)
    town.later(minutes=5)
    stay = town.house(client)
    town.do(stays.end, stay, "moved_for_safety")
    assert events(town, client) == [
        "registration:reopened", "avoidance:set", "stay:ended",
        "stay:arrived", "stay:planned", "hold:confirmed", "hold:asked", "hold:made", "decision:made", "proposal:made",
        "registration:reopened", "avoidance:set", "hold:refused",
        "hold:asked", "hold:made", "decision:made", "proposal:made", "registration:made",
    ]  # fmt: skip


def test_refusal_says_its_reason_and_what_it_did_by_itself(town):
    client = refused(town, "staff_shortage", "Ziekte", date(2026, 12, 1))
    entry = the(town, client, "hold:refused")
    assert details(entry) == {
        "reason": ["staff_shortage"],
        "effect": ["avoid_unit", "close_unit"],
        "place": ["U1-women, Opvang 1"],
        "text": ["Ziekte"],
    }
    assert details(the(town, client, "avoidance:set")) == {
        "reason": ["staff_shortage"],
        "kind": ["unit"],
        "target": ["U1-women, Opvang 1"],
    }


def test_coordinator_is_told_the_role_alone_of_shelters_people(town):
    client = refused(town)
    entry = the(town, client, "hold:refused", COORDINATOR)
    assert (entry.by, entry.role) == (None, Role.SHELTER_STAFF)
    assert the(town, client, "hold:refused").by == "S1"
    assert the(town, client, "registration:made", COORDINATOR).by == COORDINATOR.id


def test_auditor_reads_what_the_log_says_and_no_place_or_words(town):
    client = refused(town, "staff_shortage", "Ziekte")
    assert details(the(town, client, "hold:refused", AUDITOR)) == {
        "reason": ["staff_shortage"],
        "effect": ["avoid_unit", "close_unit"],
    }
    assert details(the(town, client, "avoidance:set", AUDITOR)) == {"reason": ["staff_shortage"], "kind": ["unit"]}
    with pytest.raises(NotFound):
        told(town, "R-2222-2222-2222", AUDITOR)


def test_timeline_of_a_case_elsewhere_is_not_found(town):
    client = town.register(actor=COORDINATOR)
    with pytest.raises(NotFound):
        told(town, client, ELSEWHERE)
    with pytest.raises(NotAllowed):
        told(town, client, shelter("S1"))


def test_timeline_needs_the_reason_that_the_case_needs(town, monkeypatch):
    client = town.register(actor=COORDINATOR)
    monkeypatch.setattr("placement.access.case_access._with_coordinator", lambda _, areas: areas)
    with pytest.raises(NotAllowed, match="reason_needed"):
        told(town, client)


@pytest.mark.wide
def test_change_says_which_facts_why_and_in_words(town):
    client = town.register(actor=COORDINATOR)
    town.house(client)
    version = town.registration(client).version
    why = {"reason": ChangeReason.OTHER, "text": "Na overleg", "confirm": True}
    town.do(fact_changes.change, client, version, {"high_care": True}, actor=COORDINATOR, **why)
    said = details(the(town, client, "registration:changed", COORDINATOR))
    assert said == {"reason": ["other"], "fields": ["high_care"], "text": ["Na overleg"]}


@pytest.mark.parametrize("is_housed", [False, True])
def test_change_names_no_fact_that_coordinator_sent_unchanged(town, is_housed):
    client = town.register(actor=COORDINATOR, alias="Zwaluw")
    if is_housed:
        town.house(client)
    known = town.registration(client)
    persons = [PersonInput(one.gender, one.age) for one in known.persons]
    facts = {"alias": "Zwaluw", "private_room": known.private_room, "high_care": True}
    why = {"reason": ChangeReason.OTHER, "text": "Na overleg", "confirm": True}
    town.do(fact_changes.change, client, known.version, facts, actor=COORDINATOR, persons=persons, threats=[], **why)
    assert details(the(town, client, "registration:changed", COORDINATOR))["fields"] == ["high_care"]


def test_avoided_location_is_told_to_desk_by_its_name(town):
    client = town.register(actor=COORDINATOR)
    town.do(stays.end, town.house(client), "moved_for_safety")
    (target,) = details(the(town, client, "avoidance:set"))["target"]
    assert target.endswith(", Opvang 1")


def test_legal_hold_and_access_are_told_to_their_readers_alone(town):
    client = town.register(actor=COORDINATOR)
    town.do(legal_hold.ask, client, "complaint", date(2027, 1, 1))
    town.do(audit_log.write, Event.GLASS_BROKEN, registration=client, subject="G-1", actor=ELSEWHERE)
    of_others = {"second_person:asked", "registration:glass_broken"}
    assert of_others <= {*events(town, client)}
    assert of_others <= {*events(town, client, AUDITOR)}
    assert of_others.isdisjoint(events(town, client, COORDINATOR))


def test_other_registration_is_named_to_the_readers_of_it(town):
    here = town.register(actor=COORDINATOR, alias="Zwaluw")
    there = town.register(actor=ELSEWHERE, region="limburg", alias="Zwaluw")
    town.do(links.link, there, here, LinkKind.RELATED)
    assert details(the(town, there, "registration:linked"))["other"] == [here]
    assert "other" not in details(the(town, there, "registration:linked", ELSEWHERE))


def test_rules_about_pairs_are_told_to_the_desk_alone(town):
    client, broken = town.register(actor=COORDINATOR), ["keep_apart", "together", "age"]
    town.do(audit_log.write, Event.REGISTRATION_CHANGED, registration=client, broken=broken)
    assert details(the(town, client, "registration:changed"))["broken"] == broken
    assert details(the(town, client, "registration:changed", COORDINATOR))["broken"] == ["age"]


@pytest.mark.wide
def test_messages_are_counted_by_how_far_they_are(town):
    person(town, town.at, role=Role.DESK)
    client = refused(town)
    assert details(the(town, client, "hold:refused"))["waiting"] == ["1"]
    with town.act() as act:
        settle_all(act.session, MessageStatus.DELIVERED, town.at)
    assert details(the(town, client, "hold:refused"))["mailed"] == ["1"]


@pytest.mark.wide
def test_pages_of_a_timeline_follow_each_other(town):
    client = refused(town)
    whole = told(town, client)
    first = town.do(timeline.timeline, client, before=None, limit=4)
    rest = town.do(timeline.timeline, client, before=first.next, limit=100)
    assert first.entries + rest.entries == whole
    assert rest.next is None
    assert town.do(timeline.timeline, client, before=None, limit=len(whole)).next is None


def test_timeline_is_audited_and_not_told_itself(town):
    client = town.register(actor=COORDINATOR, parts={"avoided": [AvoidedInput(AvoidedKind.REGION, "limburg")]})
    before = events(town, client)
    assert town.events()[-1] == "timeline:read"
    assert events(town, client) == before
    assert details(the(town, client, "avoidance:set"))["target"] == ["limburg"]


@pytest.mark.wide
def test_closed_case_with_erased_content_still_has_its_timeline(town):
    client = refused(town)
    town.do(registrations.close, client, "found_other_place")
    town.do(erasure.erase_content, [client])
    entry = the(town, client, "hold:refused")
    assert details(entry) == {"reason": ["staff_shortage"], "effect": ["avoid_unit", "close_unit"]}


@pytest.mark.parametrize("language", languages())
def test_every_event_of_a_timeline_has_its_sentence(language):
    for event in timeline.TOLD:
        assert translate("timeline", event.value, language)
    for about in About:
        assert translate("About", about.value, language)
