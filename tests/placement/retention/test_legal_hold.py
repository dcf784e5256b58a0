"""Nothing of a registration is erased while a legal hold stands; two persons make it, and two lift it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import LegalHoldStatus, Role
from placement.core.context import SYSTEM
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.link_codes import LinkKind
from placement.registrations import links, registrations
from placement.retention import legal_hold
from placement.retention.job import erase_due, erase_everything_due
from placement.retention.legal_hold import ANSWERED_WITHIN, LOOKED_AT_WITHIN
from placement.retention.schedule import SCHEDULE
from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.tables import Registration, RegistrationLink
from placement.tasks.listing import open_tasks
from placement.tasks.task import TaskKind
from tests.support import second_person
from tests.support.accounts import add_accounts, disable
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY

REVIEW = TODAY + timedelta(days=90)


@pytest.fixture
def client(town):
    """A client whose registration is closed, with a secret; the two of the desk have accounts."""
    add_accounts(town, DESK, OTHER_DESK)
    made = town.register(alias="Merel")
    town.do(registrations.close, made, "withdraws_consent")
    return made


def ask(town, client, *, reason="complaint", review_on=REVIEW, actor=DESK):
    return town.do(legal_hold.ask, client, reason, review_on, actor=actor)


def granted(town, client, yes=True, actor=OTHER_DESK):
    town.do(second_person.answer_about, client, granted=yes, actor=actor)
    return town.do(legal_hold.newest_of, client)


def is_kept(town, client, **later):
    """Returns True if the client's alias can still be read after this time and a run of the job."""
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


def test_hold_is_not_lifted_for_an_account_disabled_since(town, client):
    ask(town, client)
    granted(town, client)
    town.do(legal_hold.lift, client)
    disable(town, DESK)
    with pytest.raises(Conflict) as refused:
        granted(town, client)
    assert refused.value.code == "asker_may_not"
    assert granted(town, client, yes=False).status is LegalHoldStatus.STANDING
    town.do(legal_hold.lift, client, actor=OTHER_DESK)


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


def test_legal_hold_keeps_each_kind_of_data_of_a_case():
    """But for a hold that is over, answers kept for two days for a repetition; requests and drafts have no case."""
    tables = {kind.name: getattr(kind.key, "class_", None) for kind in SCHEDULE if kind.erase is not None}
    of_cases = {name for name, table in tables.items() if table is Registration or hasattr(table, "registration_id")}
    kept = {kind.name for kind in SCHEDULE if kind.registration is not None}
    assert of_cases - kept == {"legal_holds", "answers", "askings", "key_rotations", "sent_drafts"}


@pytest.mark.wide
@one_store
def test_link_of_a_kept_case_outlives_the_other_case(town, client):
    other = town.register()
    town.do(registrations.close, other, "withdraws_consent")
    town.do(links.link, client, other, LinkKind.SAME_CLIENT)
    ask(town, client)
    granted(town, client)
    assert is_kept(town, client, days=CONTENT_FOR.days)
    assert town.registration(other).content_erased_at is not None
    assert [one.kind for one in town.do(links.links, client)] == [LinkKind.SAME_CLIENT]
    town.do(legal_hold.lift, client)
    granted(town, client)
    assert not is_kept(town, client)
    assert town.all(select(RegistrationLink)) == []


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_case_for_which_a_hold_is_being_asked_is_passed_over(town, client):
    town.later(days=CONTENT_FOR.days)
    [kind] = [one for one in SCHEDULE if one.name == "registration_content"]
    with town.act() as act:
        legal_hold.ask(act, client, "complaint", town.at.date() + timedelta(days=30))
        act.session.flush()
        assert town.do(erase_due, kind, actor=SYSTEM) == 0
    assert is_kept(town, client)


@pytest.mark.wide
@one_store
def test_requested_legal_hold_keeps_for_a_week_and_lapses(town, client):
    town.later(days=CONTENT_FOR.days - 1)
    ask(town, client, review_on=town.at.date() + timedelta(days=30))
    assert is_kept(town, client, days=ANSWERED_WITHIN.days - 1)
    assert not is_kept(town, client, days=1)
    with pytest.raises(Conflict) as refused:
        granted(town, client)
    assert refused.value.code == "asking_settled"


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
def test_missing_legal_hold_cannot_be_lifted_or_read(town, client):
    with pytest.raises(NotFound):
        town.do(legal_hold.lift, client)
    ask(town, client)
    with pytest.raises(Conflict) as refused:
        town.do(legal_hold.lift, client)
    assert refused.value.code == "legal_hold_not_standing"
    assert town.do(legal_hold.newest_of, client).reason == "complaint"


def of_cases(town, actor):
    return [one.task for one in town.do(open_tasks, actor=actor) if one.task.registration]


def kinds(town, actor=OTHER_DESK):
    return [one.kind for one in of_cases(town, actor)]


@pytest.mark.wide
def test_review_day_of_a_legal_hold_is_a_task_until_looked_at(town, client):
    ask(town, client)
    assert kinds(town) == [TaskKind.SECOND_PERSON]
    granted(town, client)
    town.later(days=89)
    assert kinds(town) == []
    town.later(days=1)
    [one] = of_cases(town, OTHER_DESK)
    assert (one.kind, one.page_for(Role.DESK)) == (TaskKind.LEGAL_HOLD, f"/registrations/{client}/legal-hold")
    assert kinds(town, DESK) == [TaskKind.LEGAL_HOLD]
    assert kinds(town, COORDINATOR) == []
    kept = town.do(legal_hold.keep, client, REVIEW + timedelta(days=30))
    assert (kept.status, kept.review_on) == (LegalHoldStatus.STANDING, REVIEW + timedelta(days=30))
    assert kinds(town) == []
    town.later(days=30)
    assert kinds(town) == [TaskKind.LEGAL_HOLD]
    town.do(legal_hold.lift, client)
    assert kinds(town) == [TaskKind.SECOND_PERSON]
    assert kinds(town, DESK) == []
    granted(town, client)
    assert kinds(town) == []


@pytest.mark.wide
def test_lapsed_request_of_a_legal_hold_is_told_for_a_week(town, client):
    ask(town, client)
    assert town.do(second_person.lapse) == 0
    town.later(days=7)
    assert kinds(town, DESK) == kinds(town) == [TaskKind.LEGAL_HOLD_LAPSED]  # before the job has run
    assert [town.do(second_person.lapse) for _ in range(2)] == [1, 0]
    assert town.do(legal_hold.newest_of, client).status is LegalHoldStatus.LAPSED
    assert kinds(town, DESK) == kinds(town) == [TaskKind.LEGAL_HOLD_LAPSED]
    ask(town, client)
    assert kinds(town) == [TaskKind.SECOND_PERSON]
    town.later(days=14)
    assert kinds(town) == []


@pytest.mark.parametrize("days", [None, 0, 400])
def test_next_review_day_of_a_legal_hold_is_to_come(town, client, days):
    ask(town, client)
    granted(town, client)
    with pytest.raises(Invalid) as refused:
        town.do(legal_hold.keep, client, None if days is None else TODAY + timedelta(days=days))
    assert refused.value.faults[0].field == "review_on"


def test_legal_hold_that_does_not_stand_is_not_kept(town, client):
    ask(town, client)
    with pytest.raises(Conflict):
        town.do(legal_hold.keep, client, REVIEW)


@one_store
def test_legal_hold_on_erased_content_is_refused(town, client):
    assert not is_kept(town, client, days=CONTENT_FOR.days)
    with pytest.raises(Conflict) as refused:
        ask(town, client, review_on=town.at.date() + timedelta(days=1))
    assert refused.value.code == "content_erased"


@one_store
def test_grant_of_a_hold_that_was_granted_does_not_lift_it(town, client):
    ask(town, client)
    [seen] = town.do(second_person.waiting)
    granted(town, client)
    town.do(legal_hold.lift, client)
    with pytest.raises(Conflict) as refused:
        town.do(second_person.grant, seen, actor=OTHER_DESK)
    assert refused.value.code == "asking_settled"
    with town.act() as act:
        assert legal_hold.newest_of(act, client).status is LegalHoldStatus.LIFT_ASKED
    [asked] = town.do(second_person.waiting)
    town.do(second_person.grant, asked, actor=OTHER_DESK)
    with town.act() as act:
        assert legal_hold.newest_of(act, client).status is LegalHoldStatus.LIFTED


@one_store
def test_review_of_two_at_once_keeps_the_first_day(town, client):
    ask(town, client)
    granted(town, client)
    first, second = (REVIEW + timedelta(days=days) for days in (30, 60))
    town.do(legal_hold.keep, client, first, seen=REVIEW)
    with pytest.raises(Conflict) as refused:
        town.do(legal_hold.keep, client, second, seen=REVIEW, actor=OTHER_DESK)
    assert refused.value.code == "legal_hold_otherwise"
    assert town.do(legal_hold.keep, client, second, seen=first).review_on == second
