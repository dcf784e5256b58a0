"""Mails to registrants: a question of the desk, the end of the case, its reversal; no word about the client."""

from datetime import timedelta

import pytest

from placement.core.codes import MessageKind
from placement.core.registrant_codes import SentMessageKind
from placement.core.setting_parts import Smtp
from placement.notifications import emails
from placement.registrants import messages
from placement.registrations import links, registrations, reopening
from placement.tables import Account
from tests.support.messages import sent as messages_of
from tests.support.registrants import COLLEAGUE, POLICE, accepted, sent, with_registrants
from tests.support.stores import one_store
from tests.support.town import DESK, F

pytestmark = one_store
K = MessageKind
SERVER = Smtp("127.0.0.1", 25, "none", "x@placement.example")


@pytest.fixture
def office(town):
    return with_registrants(town)


def mails(town, *kinds):
    """Returns kind and recipient of each mail to a registrant."""
    wanted = kinds or (K.SENT_ASKED, K.SENT_CLOSED, K.SENT_REOPENED)
    return [(one.kind, one.account_id) for one in messages_of(town) if one.kind in wanted]


def case_of(town, made):
    return town.one("sentregistration", made).registration_id


def asked(town, made):
    town.do(messages.ask, made, "Which language?")
    return town.one("sentregistration", made).content.open_questions[-1].id


def test_question_is_mailed_until_it_is_answered_or_withdrawn(office):
    made = sent(office, urgency=1)
    questions = [asked(office, made) for _ in range(3)]
    assert mails(office) == [(K.SENT_ASKED, POLICE.id)] * 3
    office.do(messages.write, made, SentMessageKind.ANSWER, "Dutch", answers=questions[0], actor=COLLEAGUE)
    office.do(messages.withdraw_question, made, questions[1])
    with office.act() as act:
        open_ones = [one for one in messages_of(office, K.SENT_ASKED) if not emails.is_moot(act.session, one)]
    assert [one.facts["question"] for one in open_ones] == questions[2:]
    office.later(minutes=1)
    asked(office, made)
    assert mails(office)[3:] == [(K.SENT_ASKED, COLLEAGUE.id), (K.SENT_ASKED, POLICE.id)]


def test_mail_about_a_question_has_its_term_and_no_content(office):
    made = sent(office, urgency=1, danger="Utrecht")
    asked(office, made)
    [message] = messages_of(office, K.SENT_ASKED)
    with office.act() as act:
        mail = emails.email_of(act.session, act.settings, SERVER, message, act.at)
    text = mail.get_body(("plain",)).get_content()
    assert "/sent" in text
    assert f"{office.at + timedelta(hours=5):%H:%M}" in text  # four hours later, in Amsterdam in winter
    assert not [one for one in ("language", made, case_of(office, made), "Utrecht", "31") if one in text]


def test_closing_and_its_reversal_are_mailed_to_the_senders(office):
    made = sent(office)
    case = accepted(office, made)
    office.do(registrations.close, case, "found_other_place")
    office.later(minutes=1)
    office.do(reopening.reverse_closing, case)
    assert mails(office) == [(K.SENT_CLOSED, POLICE.id), (K.SENT_REOPENED, POLICE.id)]


def test_merged_registration_follows_the_case_that_goes_on(office):
    known = office.register(((F, 31),))
    made = sent(office)
    office.do(links.merge, case_of(office, made), known)
    assert mails(office) == []
    office.do(registrations.close, known, "found_other_place")
    assert mails(office) == [(K.SENT_CLOSED, POLICE.id)]


def test_disabled_sender_is_replaced_by_the_organisation(office):
    made = sent(office)
    with office.act() as act:
        act.session.get_one(Account, POLICE.id).disabled_at = act.at
    office.do(registrations.close, case_of(office, made), "not_entitled", actor=DESK)
    assert mails(office) == [(K.SENT_CLOSED, COLLEAGUE.id)]
