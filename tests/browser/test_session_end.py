"""A page goes off the screen with its session, by whatever ended it; its reader is warned, and keeps what was typed."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.support.api.resources import offered
from tests.support.api.service import somebody
from tests.support.browser.barriers import barriers_of
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.geometry import faults_of
from tests.support.browser.lives import STAFF
from tests.support.stores import one_store

pytestmark = [pytest.mark.wide, one_store]
SIGN_IN = re.compile(r"/sign-in\?ended=1&to=")
IDLE, MINUTE, SECOND = timedelta(minutes=15), timedelta(minutes=1), timedelta(seconds=1)
WARNED = IDLE - 2 * MINUTE
SOON = 20_000


@pytest.fixture
def coordinator(life):
    return life.service.coordinator.account


@pytest.fixture
def case(life, coordinator):
    """The page of a case, which has no live updates."""
    made = life.service.coordinator.made("/registrations", somebody(alias="Zilveren Merel"))
    page = life.goes(coordinator, f"/registrations/{made['id']}")
    expect(page.locator("main")).to_contain_text("Zilveren Merel")
    return page


def passes(life: Frozen, page: Page, time: timedelta):
    """On the clock of the service, and on that of the page, whose timers fall due."""
    life.service.moment.at += time
    page.context.clock.set_fixed_time(life.at)
    page.clock.fast_forward(int(time.total_seconds() * 1000))


def warning(page: Page):
    return page.get_by_role("alertdialog")


def is_gone(page: Page):
    expect(page).to_have_url(SIGN_IN)
    expect(page.locator("main .note")).to_contain_text("U bent uitgelogd")
    assert "Zilveren Merel" not in page.content()


def test_page_of_a_case_is_cleared_when_its_session_ends(life, case):
    passes(life, case, WARNED - SECOND)
    expect(warning(case)).to_be_hidden()
    passes(life, case, SECOND)
    expect(warning(case)).to_be_visible()
    passes(life, case, IDLE - WARNED)
    is_gone(case)
    case.go_back()
    assert "Zilveren Merel" not in case.content()


def test_list_is_there_again_with_its_filter(life, coordinator):
    page = life.goes(coordinator, "/registrations?status=closed&order=-waiting")
    passes(life, page, IDLE)
    expect(page).to_have_url(re.compile(r"/sign-in\?ended=1&to=%2Fregistrations%3Fstatus%3Dclosed%26order%3D-waiting$"))


def test_reader_is_warned_and_stays_signed_in_by_one_key(life, case):
    passes(life, case, WARNED)
    expect(warning(case)).to_contain_text(re.compile(r"Om \d\d:\d\d eindigt uw sessie"))
    expect(case.get_by_role("button", name=life.word("Stay signed in"))).to_be_focused()
    assert barriers_of(case) == {}
    assert faults_of(case) == []
    for key in ("Enter", "Escape"):
        with case.expect_response(f"{life.base}/session"):
            case.keyboard.press(key)
        expect(warning(case)).to_be_hidden()
        passes(life, case, WARNED - SECOND)
        expect(warning(case)).to_be_hidden()
        passes(life, case, SECOND)
        expect(warning(case)).to_be_visible()
    other = case.context.new_page()
    other.goto(f"{life.base}/registrations")
    passes(life, case, MINUTE)
    expect(warning(case)).to_be_hidden()
    passes(life, case, IDLE)
    is_gone(case)


@pytest.mark.parametrize("status", [None, 503])
def test_reader_is_told_that_the_service_does_not_answer(life, case, status):
    """A proxy answers for a service that is down."""
    passes(life, case, WARNED)
    button = case.get_by_role("button", name=life.word("Stay signed in"))
    expect(warning(case)).to_be_visible()
    case.route("**/session", lambda route: route.fulfill(status=status) if status else route.abort())
    for key in ("Enter", "Escape", "Escape"):
        with case.expect_request(f"{life.base}/session"):
            case.keyboard.press(key)
        expect(warning(case).get_by_role("alert")).to_contain_text("Er is geen verbinding")
        expect(button).to_be_focused()
        assert (barriers_of(case), faults_of(case)) == ({}, [])
    case.unroute("**/session")
    with case.expect_response(f"{life.base}/session"):
        case.keyboard.press("Enter")
    expect(warning(case)).to_be_hidden()
    passes(life, case, WARNED)
    expect(warning(case)).to_be_visible()
    expect(warning(case).get_by_role("alert")).to_be_hidden()


def test_warning_before_the_last_end_offers_no_more_time(life, case):
    for _ in range(51):
        life.service.moment.at += 14 * MINUTE
        assert case.request.get(f"{life.base}/api/v1/session").ok
    passes(life, case, 4 * MINUTE)
    expect(warning(case)).to_contain_text("bijna de langste duur bereikt")
    case.keyboard.press("Enter")
    expect(warning(case)).to_be_hidden()
    passes(life, case, MINUTE)
    expect(warning(case)).to_be_hidden()
    passes(life, case, MINUTE)
    is_gone(case)


def test_page_is_cleared_by_sign_out_in_another_window(life, case):
    other = case.context.new_page()
    other.goto(life.base)
    other.get_by_role("button", name=life.word("Sign out")).click()
    is_gone(case)


def test_page_is_cleared_by_another_account_in_a_window(life, case):
    cookies = life.service.session_of(STAFF).cookies
    case.context.add_cookies([{"name": name, "value": value, "url": life.base} for name, value in cookies.items()])
    case.context.new_page().goto(life.base)
    is_gone(case)


def test_page_of_a_disabled_account_is_cleared_in_a_minute(life, case, coordinator):
    life.service.session_of("A-admin").made(f"/accounts/{coordinator}/disable")
    passes(life, case, MINUTE)
    is_gone(case)


def test_page_that_is_shown_again_is_cleared_by_then(life, case):
    life.service.moment.at += IDLE
    case.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    is_gone(case)


@pytest.mark.parametrize("answer", [None, "<html></html>"])
def test_page_is_cleared_where_no_readable_answer_comes(life, case, answer):
    """The page for signing in does not come either: the browser stays on its page, as if its user stopped it."""
    case.route("**/session", lambda route: route.fulfill(body=answer) if answer else None)
    case.route("**/sign-in?*", lambda route: route.fulfill(status=204))
    passes(life, case, IDLE)
    passes(life, case, MINUTE)
    expect(case.locator("main")).to_have_count(0)
    assert "Zilveren Merel" not in case.content()


def test_typed_input_is_kept_unseen_for_the_same_account(life, coordinator):
    page = life.goes(STAFF, "/capacity")
    shown, title = page.locator("h1").inner_text(), page.title()
    typed = page.locator("[name='rooms.0.others']")
    typed.fill("1")
    passes(life, page, WARNED)
    expect(warning(page)).to_be_visible()
    passes(life, page, IDLE - WARNED)
    expect(page.locator("h1")).to_have_text("U bent uitgelogd")
    expect(page.locator("main")).to_be_focused()
    assert shown not in page.content()
    assert barriers_of(page) == {}
    page.keyboard.press("Control+k")
    for account, there in ((coordinator, 0), (STAFF, 1)):
        cookies = life.service.session_of(account).cookies
        page.context.add_cookies([{"name": name, "value": value, "url": life.base} for name, value in cookies.items()])
        with page.expect_response(f"{life.base}/session"):
            page.evaluate("dispatchEvent(new Event('focus'))")
        expect(typed).to_have_count(there)
    expect(typed).to_have_value("1")
    expect(typed).to_be_focused()
    expect(page).to_have_title(title)
    offered_to = offered(life.service, needs=["pregnancy"])
    decision = life.service.coordinator.made(f"/proposals/{offered_to['id']}/decision", {"decision": "accept"})
    life.service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})
    expect(page.locator("#asked li")).to_have_count(1, timeout=SOON)
    with page.expect_navigation():
        page.get_by_role("button", name="Stuur 1 wijziging").click()
    expect(page.locator("[name='rooms.0.others']")).to_have_value("1")
