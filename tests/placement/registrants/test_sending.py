"""Registrations that registrants send in: what is stored, what the registrant sees, and what the desk does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import Registrant, RegistrationStatus
from placement.core.consent_codes import SharingGround
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.registrant_codes import CallNeeded, ConsentTo, SentMessageKind, SentState
from placement.registrants import messages, received, sending
from placement.registrants.sending import SentFacts
from placement.registrants.sent_states import cases_of, state_of
from placement.registrations import links, registrations, reopening
from placement.registrations.case import PersonInput
from placement.retention import erasure
from placement.tables import Registration, SentRegistration
from placement.tasks.listing import derive
from placement.tasks.task import TaskKind
from tests.support.audit_log import logged
from tests.support.registrants import (
    COLLEAGUE,
    FROM_ROTTERDAM,
    NUMBER,
    OTHER_NUMBER,
    POLICE,
    UNION,
    accepted,
    rung,
    sent,
    with_registrants,
)
from tests.support.town import COORDINATOR, DESK, SYSTEM, F, key_store_of

OF_UNION = SentFacts(telephone="010 123 45 67")
NEWS, ANSWER, WITHDRAWAL = SentMessageKind.NEWS, SentMessageKind.ANSWER, SentMessageKind.WITHDRAWAL
ROTTERDAM = replace(COORDINATOR, regions=frozenset({"rotterdam"}))


@pytest.fixture
def office(town):
    return with_registrants(town)


def state(town, sent_id):
    with town.act() as act:
        row = act.session.get_one(SentRegistration, sent_id)
        return state_of(row, cases_of(act, [row]).get(row.id))


def row_of(town, sent_id):
    return town.one("sentregistration", sent_id)


def case_of(town, sent_id):
    return town.one("registration", row_of(town, sent_id).registration_id)


def kinds(town, actor=SYSTEM):
    return [one.kind for one in town.do(derive, actor=actor)]


def refusal(act, *args, **named):
    with pytest.raises((Conflict, Invalid)) as refused:
        act(*args, **named)
    wrong = refused.value
    return wrong.faults[0].code if isinstance(wrong, Invalid) else wrong.code


def test_registration_sent_in_waits_for_the_desk_alone(office):
    made = sent(office, danger="Utrecht", urgency=1)
    case = case_of(office, made)
    assert (case.status, case.region, case.registrant) == (RegistrationStatus.RECEIVED, "rotterdam", Registrant.NP)
    assert (case.registrant_unit, case.sharing_ground) == ("rotterdam", SharingGround.CONSENT)
    assert state(office, made) is SentState.RECEIVED
    assert TaskKind.RECEIVED in kinds(office, DESK)
    assert TaskKind.RECEIVED not in kinds(office, ROTTERDAM)
    with office.act(ROTTERDAM) as act, pytest.raises(NotFound):
        registrations.scoped_queries.registration_of(act.session, act.actor, case.id)
    assert [office.do(received.of_case, case.id, actor=one) for one in (DESK, ROTTERDAM)] == [made, None]


def test_missing_consent_is_a_question_with_a_term(office):
    asked = sent(office, facts=SentFacts("rotterdam"))
    of_police = row_of(office, asked).content
    assert [one.about for one in of_police.open_questions] == [ConsentTo.SHARING]
    of_union = row_of(office, sent(office, actor=UNION, facts=OF_UNION, region="limburg")).content
    assert [one.about for one in of_union.open_questions] == [ConsentTo.REGISTERING, ConsentTo.SHARING]
    assert all(one.due_at == office.at + timedelta(days=1) for one in of_union.open_questions)
    assert state(office, asked) is SentState.QUESTION
    accepted(office, asked)
    assert TaskKind.UNANSWERED not in kinds(office)
    office.later(hours=25)
    assert TaskKind.UNANSWERED in kinds(office)


@pytest.mark.wide
def test_placing_stays_until_the_case_is_closed(office):
    made = sent(office)
    case = accepted(office, made)
    assert (state(office, made), TaskKind.RECEIVED in kinds(office)) == (SentState.PLACING, True)
    version = office.one("registration", case).version
    languages = {"languages": [{"code": "nl", "level": "native"}], "residence_basis": "reflection"}
    office.do(registrations.change, case, version, languages, open_it=True)
    assert TaskKind.RECEIVED not in kinds(office)
    hold = office.hold_in(case)
    assert state(office, made) is SentState.PLACING
    office.confirm(hold)
    stay = office.arrive(hold).id
    assert state(office, made) is SentState.PLACING
    office.end(stay)
    assert state(office, made) is SentState.CLOSED


def test_merged_duplicate_looks_like_any_other_registration(office):
    known = office.register(((F, 31),))
    made = sent(office)
    with office.act() as act:
        links.merge(act, case_of(office, made).id, known)
    assert case_of(office, made).status is RegistrationStatus.CLOSED
    assert state(office, made) is SentState.PLACING
    office.do(registrations.close, known, "found_other_place")
    assert state(office, made) is SentState.CLOSED


def test_first_registration_of_an_organisation_needs_a_call(office):
    made = sent(office, facts=replace(FROM_ROTTERDAM, telephone="+31300000009"))
    assert refusal(office.do, received.accept, made) == "call_registrant_first"
    for wrong in (OTHER_NUMBER, "+31300000009"):
        assert refusal(rung, office, made, wrong) == "not_own_number"
    rung(office, made, knows=False)
    assert refusal(office.do, received.accept, made) == "call_registrant_first"
    rung(office, made)
    office.do(received.accept, made)
    assert case_of(office, made).status is RegistrationStatus.DRAFT
    office.do(received.accept, sent(office))


@pytest.mark.parametrize(("danger", "needed"), [("Alkmaar", CallNeeded.DANGER), ("Maastricht", None)])
def test_new_sender_with_danger_near_a_shelter_needs_a_call(office, danger, needed):
    accepted(office, sent(office))
    made = sent(office, actor=COLLEAGUE, danger=danger)
    with office.act() as act:
        row = act.session.get_one(SentRegistration, made)
        assert received.call_needed(act, row, act.session.get_one(Registration, row.registration_id)) is needed
    accepted(office, made)
    office.do(received.accept, sent(office, actor=COLLEAGUE, danger=danger))


def test_refusal_with_a_reason_closes_and_can_be_taken_back(office):
    made = sent(office)
    office.do(registrations.close, case_of(office, made).id, "not_entitled")
    assert (state(office, made), kinds(office).count(TaskKind.RECEIVED)) == (SentState.CLOSED, 0)
    office.do(reopening.reverse_closing, case_of(office, made).id)
    assert state(office, made) is SentState.RECEIVED


@pytest.mark.wide
def test_messages_are_tasks_and_questions_are_answered_once(office):
    made = sent(office)
    office.do(messages.ask, made, "Which language?")
    first = row_of(office, made).content.open_questions[0].id
    assert state(office, made) is SentState.QUESTION
    office.do(messages.write, made, ANSWER, "Tigrinya", answers=first, actor=COLLEAGUE)
    assert (state(office, made), TaskKind.FROM_REGISTRANT in kinds(office)) == (SentState.RECEIVED, True)
    assert refusal(office.do, messages.write, made, ANSWER, "-", answers=first, actor=POLICE) == "question_answered"
    office.do(messages.mark_read, made)
    assert TaskKind.FROM_REGISTRANT not in kinds(office)
    office.do(messages.ask, made, "Where?")
    second = row_of(office, made).content.open_questions[0].id
    office.do(messages.withdraw_question, made, second)
    assert refusal(office.do, messages.write, made, ANSWER, "-", answers=second, actor=POLICE) == "question_withdrawn"
    office.do(messages.write, made, NEWS, "She is in hospital.", actor=POLICE)
    office.do(messages.write, made, WITHDRAWAL, "", actor=POLICE)
    assert case_of(office, made).status is RegistrationStatus.RECEIVED
    office.do(registrations.close, case_of(office, made).id, "withdraws_consent")
    assert refusal(office.do, messages.write, made, NEWS, "late", actor=POLICE) == "sent_not_open"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text": " "}, "missing"),
        ({"text": "-", "kind": ANSWER}, "missing"),
        ({"text": "?", "kind": "question"}, "not_listed"),
    ],
)
def test_message_without_content_is_refused(office, given, code):
    made = sent(office, facts=SentFacts("rotterdam"))
    said = {"kind": NEWS, "answers": None, **given}
    kind = SentMessageKind(said["kind"])
    assert refusal(office.do, messages.write, made, kind, said["text"], answers=said["answers"], actor=POLICE) == code
    about = row_of(office, made).content.open_questions[0].id
    assert refusal(office.do, messages.write, made, ANSWER, "", answers=about, actor=POLICE) == "missing"


def test_other_organisation_finds_nothing(office):
    made = sent(office)
    with office.act(COLLEAGUE) as act:
        assert [one.id for one in sending.listed(act)] == [made]
    with office.act(UNION) as act:
        assert sending.listed(act) == []
        for unknown in (made, "M-2222-2222-2222"):
            with pytest.raises(NotFound):
                sending.own(act, unknown)


def test_form_sent_twice_makes_one_registration(office):
    draft = office.do(sending.keep_draft, [("persons.0.age", "x")], actor=POLICE).id
    assert state(office, draft) is SentState.DRAFT
    office.do(sending.keep_draft, [("persons.0.age", "31")], draft, actor=COLLEAGUE)
    again = replace(FROM_ROTTERDAM, draft=draft)
    assert sent(office, facts=again) == sent(office, facts=again) == draft
    assert refusal(office.do, sending.keep_draft, [], draft, actor=POLICE) == "sent_already"
    assert refusal(office.do, sending.drop_draft, draft, actor=POLICE) == "sent_already"
    with office.act() as act:
        assert len(act.session.exec(select(Registration)).all()) == 1


def test_sender_needs_a_unit_of_its_own(office):
    assert refusal(sent, office, facts=SentFacts()) == "missing"
    assert refusal(sent, office, facts=SentFacts("union")) == "entry_unknown"
    assert refusal(sent, office, actor=UNION, facts=OF_UNION) == "area_missing"
    with pytest.raises(Invalid) as wrong:
        sent(office, facts=SentFacts(telephone="x"), danger="Antwerpen")
    assert [one.field for one in wrong.value.faults] == ["registrant_unit", "telephone", "threats.0.place"]
    with pytest.raises(NotAllowed):
        sent(office, actor=DESK)


def test_what_was_sent_is_erased_with_its_case(office):
    made, draft = sent(office), office.do(sending.keep_draft, [("urgency", "1")], actor=POLICE).id
    keys = [row_of(office, one).key_owner for one in (made, draft)]
    case = case_of(office, made).id
    office.do(registrations.close, case, "not_entitled")
    with office.act(SYSTEM) as act:
        erasure.erase_content(act, [case])
        sending.erase_drafts(act, [draft])
    with office.act() as act:
        assert act.session.exec(select(SentRegistration)).all() == []
    assert all(key_store_of(office).is_destroyed(one) for one in keys)


def test_each_act_is_in_the_log_without_a_text(office):
    since = len(office.events())
    draft = office.do(sending.keep_draft, [("urgency", "1")], actor=POLICE).id
    made = sent(office, facts=replace(FROM_ROTTERDAM, draft=draft))
    accepted(office, made)
    office.do(messages.ask, made, "Which language?")
    question = row_of(office, made).content.open_questions[0].id
    office.do(messages.withdraw_question, made, question)
    office.do(messages.write, made, NEWS, "hospital", actor=POLICE)
    office.do(messages.mark_read, made)
    assert office.events(since) == [
        "sent:draft_changed",
        "registration:received",
        "registrant:rung",
        "registration:accepted",
        "sent:message_written",
        "sent:question_withdrawn",
        "sent:message_written",
        "sent:messages_read",
    ]
    assert not [one for one in logged(office, since) if "hospital" in str(one.facts) or "language" in str(one.facts)]


def test_persons_as_sent_do_not_follow_the_desk(office):
    made = sent(office)
    case = accepted(office, made)
    office.do(registrations.change, case, office.one("registration", case).version, {}, persons=[PersonInput(F, 17)])
    assert [one.age for one in row_of(office, made).content.persons] == [31]
    assert row_of(office, made).content.rung.number == NUMBER
