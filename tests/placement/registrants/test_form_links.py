"""Links to the form for callers without an account: one use, a day, a word, one browser."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import RegistrationStatus
from placement.core.errors import Conflict, Invalid, Unauthenticated
from placement.core.registrant_codes import CallNeeded
from placement.registrants import form_links, messages, received
from placement.registrants.sending import SentFacts
from placement.tables import FormLink, Registration, SentRegistration
from tests.support.registrants import NUMBER, a_case, rung, with_registrants
from tests.support.town import SYSTEM

TELEPHONE = "+31300000009"


@pytest.fixture
def office(town):
    return with_registrants(town)


def link(town):
    """Returns the secret of a new link, and its word."""
    with town.act() as act:
        made = form_links.make(act, "advocaat", "Kantoor", TELEPHONE)
        return made.secret, made.word


def opened(town, secret, word):
    with town.act(SYSTEM) as act:
        return form_links.open_link(act, secret, word)


def sent(town, browser, **case):
    case = {"region": "limburg", **case}
    with town.act(SYSTEM) as act:
        return form_links.send_with_link(act, browser, a_case(**case), SentFacts(telephone=TELEPHONE)).id


def test_link_sends_one_registration_and_is_used_up(office):
    secret, word = link(office)
    browser = opened(office, secret, f" {word.upper()} ")
    made = sent(office, browser)
    with office.act() as act:
        row = act.session.get_one(SentRegistration, made)
        case = act.session.get_one(Registration, row.registration_id)
        assert (case.status, row.organisation) == (RegistrationStatus.RECEIVED, None)
        assert row.content.caller == "advocaat, Kantoor"
        assert received.call_needed(act, row, case) is CallNeeded.LINK
    with pytest.raises(Unauthenticated):
        sent(office, browser)
    with pytest.raises(Conflict, match="sender_without_account"):
        office.do(messages.ask, made, "-")
    with pytest.raises(Invalid):
        rung(office, made, TELEPHONE)
    office.do(received.accept, rung(office, made, NUMBER))
    assert {"form_link:made", "form_link:opened"} <= set(office.events())


def test_link_opens_in_one_browser_alone(office):
    secret, word = link(office)
    browser = opened(office, secret, word)
    for act in (lambda: opened(office, secret, word), lambda: sent(office, "another browser")):
        with pytest.raises(Unauthenticated):
            act()
    sent(office, browser)


@pytest.mark.parametrize(("wrong", "opens"), [(4, True), (5, False)])
def test_link_is_dead_after_five_wrong_words(office, wrong, opens):
    secret, word = link(office)
    assert [opened(office, secret, "gele boot") for _ in range(wrong)] == [None] * wrong
    if opens:
        assert opened(office, secret, word)
    else:
        with pytest.raises(Unauthenticated):
            opened(office, secret, word)


@pytest.mark.parametrize(("hours", "opens"), [(23.99, True), (24, False)])
def test_link_ends_after_a_day(office, hours, opens):
    secret, word = link(office)
    browser = opened(office, secret, word)
    office.at += timedelta(hours=hours)
    if opens:
        sent(office, browser)
    else:
        with pytest.raises(Unauthenticated):
            sent(office, browser)


def test_refused_form_leaves_the_link_as_it_was(office):
    browser = opened(office, *link(office))
    with pytest.raises(Invalid):
        sent(office, browser, danger="Antwerpen")
    sent(office, browser)
    with office.act() as act:
        [row] = act.session.exec(select(FormLink)).all()
        assert row.used_at is not None


@pytest.mark.parametrize("empty", ["caller", "organisation", "telephone"])
def test_link_without_a_caller_or_number_is_refused(office, empty):
    given = {"caller": "-a", "organisation": "-a", "telephone": TELEPHONE, empty: " "}
    with pytest.raises(Invalid) as refused:
        office.do(form_links.make, given["caller"], given["organisation"], given["telephone"])
    assert [one.field for one in refused.value.faults] == [empty]
