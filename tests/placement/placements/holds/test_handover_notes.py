"""Notes with a decision: from the client, for the shelter, and for the driver."""

import pytest

from placement.core.codes import DecisionKind, DecisionStatus
from placement.core.consent_codes import ClientSays, Driver
from placement.core.errors import Invalid
from placement.core.timeline_codes import About
from placement.placements import timeline
from placement.placements.holds.handover_notes import HandoverNotes, told_of
from placement.retention.job import erase_everything_due
from tests.support.town import DESK

SAID = HandoverNotes("Belt aan bij de zijdeur", Driver.TAXI, "Naar het station")


def erased(town):
    return {kind.name: count for kind, count in erase_everything_due(town.database, town.act_now)}


def decided(town, **said):
    client = town.register()
    return client, town.decide(town.propose(client), **said)


def test_what_is_said_goes_with_the_hold(town):
    _, decision = decided(town, told=SAID, client_says=ClientSays.YES)
    assert decision.client_says == "yes"
    assert told_of(town.hold_of(decision.id)) == SAID


def test_decision_without_words_keeps_none(town):
    _, decision = decided(town, told=HandoverNotes())
    assert town.hold_of(decision.id).told is None
    assert told_of(town.hold_of(decision.id)) == HandoverNotes()


def test_no_of_the_client_needs_words_and_keeps_the_priority(town):
    client = town.register()
    proposal = town.propose(client)
    with pytest.raises(Invalid) as error:
        town.decide(proposal, client_says=ClientSays.NO)
    assert [(fault.field, fault.code) for fault in error.value.faults] == [("text", "client_says_no")]
    before = town.registration(client)
    said = {"reason": "declines_place", "client_says": ClientSays.NO, "text": "Te ver"}
    declined = town.decide(proposal, DecisionKind.DECLINE, **said)
    after = town.registration(client)
    assert (declined.status, declined.client_says) == (DecisionStatus.FINAL, "no")
    assert (after.urgency, after.waits_since) == (before.urgency, before.waits_since)


def test_answer_of_the_client_is_in_the_timeline(town):
    client, _ = decided(town, client_says=ClientSays.NOT_ASKED)
    entries = town.do(timeline.timeline, client, before=None, limit=50, actor=DESK).entries
    entry = next(one for one in entries if one.event == "decision:made")
    assert [detail.values for detail in entry.details if detail.about is About.CLIENT] == [("not_asked",)]


@pytest.mark.wide
def test_what_was_said_is_erased_after_thirty_days(town):
    _, decision = decided(town, told=SAID, client_says=ClientSays.YES)
    town.later(days=29)
    assert "told" not in erased(town)
    assert told_of(town.hold_of(decision.id)) == SAID
    town.later(days=1)
    assert erased(town)["told"] == 1
    assert town.hold_of(decision.id).told is None
    assert town.one("decision", decision.id).client_says == "yes"
