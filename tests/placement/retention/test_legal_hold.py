"""Nothing of a registration is erased while a legal hold stands; two persons make it, and two lift it."""

from datetime import timedelta

import pytest

from placement.core.codes import LegalHoldStatus
from placement.core.errors import Conflict, Invalid, NotFound
from placement.registrations import registrations
from placement.retention import legal_hold
from placement.retention.job import erase_everything_due
from placement.retention.legal_hold import ANSWERED_WITHIN, LOOKED_AT_WITHIN
from placement.retention.schedule_of_cases import CONTENT_FOR
from tests.support.stores import one_store
from tests.support.town import DESK, OTHER_DESK, TODAY

REVIEW = TODAY + timedelta(days=90)


@pytest.fixture
def client(town):
    """A client whose registration is closed, with a secret."""
    made = town.register(alias="Merel")
    town.do(registrations.close, made, "withdraws_consent")
    return made


def ask(town, client, *, reason="complaint", review_on=REVIEW, actor=DESK):
    return town.do(legal_hold.ask, client, reason, review_on, actor=actor)


def granted(town, client, yes=True, actor=OTHER_DESK):
    return town.do(legal_hold.answer, client, granted=yes, actor=actor)


def is_kept(town, client, **later):
    """Whether the client's alias can still be read after this time, with the job having run."""
    town.later(**later)
    list(erase_everything_due(town.database, town.act_now))
    return town.registration(client).alias == "Merel"


@pytest.mark.wide
def test_legal_hold_keeps_everything_until_two_lift_it(town, client):
    ask(town, client)
    assert granted(town, client).status is LegalHoldStatus.STANDING
    assert is_kept(town, client, days=CONTENT_FOR.days * 3)
    assert town.do(legal_hold.lift, client).status is LegalHoldStatus.LIFT_ASKED
    assert is_kept(town, client, days=30)
    assert granted(town, client, yes=False).status is LegalHoldStatus.STANDING
    assert is_kept(town, client, days=30)
    town.do(legal_hold.lift, client, actor=OTHER_DESK)
    assert granted(town, client, actor=DESK).status is LegalHoldStatus.LIFTED
    assert not is_kept(town, client)


def test_registration_without_a_legal_hold_is_erased(town, client):
    assert is_kept(town, client, days=CONTENT_FOR.days - 1)
    assert not is_kept(town, client, days=1)


@one_store
def test_legal_hold_needs_two_persons_to_make_and_lift(town, client):
    ask(town, client)
    with pytest.raises(Conflict) as refused:
        granted(town, client, actor=DESK)
    assert refused.value.code == "second_person_needed"
    granted(town, client)
    town.do(legal_hold.lift, client, actor=OTHER_DESK)
    with pytest.raises(Conflict) as refused:
        granted(town, client, actor=OTHER_DESK)
    assert refused.value.code == "second_person_needed"


@one_store
def test_requested_legal_hold_keeps_for_a_week_and_lapses(town, client):
    town.later(days=CONTENT_FOR.days - 1)
    ask(town, client, review_on=town.at.date() + timedelta(days=30))
    assert is_kept(town, client, days=ANSWERED_WITHIN.days - 1)
    assert not is_kept(town, client, days=1)
    with pytest.raises(Conflict) as refused:
        granted(town, client)
    assert refused.value.code == "legal_hold_not_waiting"


@one_store
def test_legal_hold_lapsed_or_refused_can_be_asked_again(town, client):
    ask(town, client)
    with pytest.raises(Conflict) as refused:
        ask(town, client)
    assert (refused.value.code, refused.value.facts) == ("legal_hold_stands", {"status": "asked"})
    town.later(days=ANSWERED_WITHIN.days)
    ask(town, client)
    assert granted(town, client, yes=False).status is LegalHoldStatus.REFUSED
    ask(town, client)
    granted(town, client)
    with pytest.raises(Conflict) as refused:
        ask(town, client)
    assert refused.value.facts == {"status": "standing"}


@one_store
@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"reason": None}, "reason", "reason_missing"),
        ({"reason": "medical"}, "reason", "reason_unknown"),
        ({"review_on": None}, "review_on", "missing"),
        ({"review_on": TODAY}, "review_on", "day_passed"),
        ({"review_on": TODAY + LOOKED_AT_WITHIN + timedelta(days=1)}, "review_on", "review_too_far"),
    ],
)
def test_legal_hold_needs_a_reason_code_and_a_review_date(town, client, facts, field, code):
    with pytest.raises(Invalid) as refused:
        ask(town, client, **facts)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]


@one_store
def test_missing_legal_hold_cannot_be_answered_lifted_or_read(town, client):
    for verb in (lambda: granted(town, client), lambda: town.do(legal_hold.lift, client)):
        with pytest.raises(NotFound):
            verb()
    ask(town, client)
    with pytest.raises(Conflict) as refused:
        town.do(legal_hold.lift, client)
    assert refused.value.code == "legal_hold_not_standing"
    assert town.do(legal_hold.newest_of, client).reason == "complaint"


@one_store
def test_legal_hold_on_erased_content_is_refused(town, client):
    assert not is_kept(town, client, days=CONTENT_FOR.days)
    with pytest.raises(Conflict) as refused:
        ask(town, client, review_on=town.at.date() + timedelta(days=1))
    assert refused.value.code == "content_erased"
