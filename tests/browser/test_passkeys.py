"""Passkeys in a browser: made at the invitation, signed in with, given again, lost, and reset by two admins."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from placement.accounts.totp import code_at
from placement.core import clock
from placement.tables import AccountSession
from placement.text.messages import say
from tests.support.browser.barriers import barriers_of
from tests.support.browser.beginning import CENTRE, DESK, ONE, PASSWORD, TWO, begun
from tests.support.browser.journey import ways
from tests.support.browser.reader import CODE_LIVES, PHONE, Reader, person_of
from tests.support.browser.resources import DESK as STAFF_OF_DESK
from tests.support.browser.resources import SOMEBODY, Caller
from tests.support.browser.virtual_authenticator import VirtualAuthenticator
from tests.support.service_process import Service, environment_for

NONE_HERE = (
    "This did not work. It was stopped, it took too long, or this device has no passkey of yours. Try again, or use the"
    " device with your passkey. If you have lost that device, ask an admin for a new invitation."
)


class Passkeys:
    """A service that asks for passkeys, and people with an authenticator each."""

    def __init__(self, chromium, folder, way, opened):
        self.service, self.links = begun(folder, "localhost", PLACEMENT_WEBAUTHN="required")
        opened.callback(self.service.stop)
        self._chromium, self._way, self._opened = chromium, way, opened

    def reader(self):
        made = Reader(self._chromium, self.service, self._way.language, self._way.hand, **self._way.how)
        self._opened.callback(made.close)
        made.authenticator = VirtualAuthenticator(made)
        return made

    def comes_in(self, email, link, one=None):
        """By the link of an invitation: a password, a passkey, and signed in with it."""
        one = one or self.reader()
        page = one.go(link)
        expect(page.get_by_text(email)).to_be_visible()
        one.hand.write(page.locator("#password"), PASSWORD)
        press(one, "Go on")
        expect(page.locator("[data-without]")).to_be_hidden()
        expect(page.locator("#code")).to_have_count(0)
        looked_at(one)
        one.hand.write(page.locator("#name"), "Telefoon")
        press(one, "Make a passkey and my account")
        expect(page.locator("h1")).to_have_text(one.word("You have an account."))
        page.locator("main p.row a").last.click()
        expect(page.locator("header .who form[action='/sign-out']")).to_have_count(1)
        return one

    def signs_in(self, one, email):
        gives_password(one, email)
        press(one, "Sign in with my passkey")
        expect(one.page.locator("header .who form[action='/sign-out']")).to_have_count(1)


def press(one, english, what=""):
    button = one.page.locator("main").get_by_role("button", name=f"{one.word(english)}{what}", exact=True)
    with one.page.expect_navigation():
        one.press(button)


def gives_password(one, email):
    one.hand.write(one.page.locator("#email"), email)
    one.hand.write(one.page.locator("#password"), PASSWORD)
    press(one, "Go on")


def looked_at(one):
    """No barrier, and nothing cut off at a phone."""
    size = one.page.viewport_size
    one.page.set_viewport_size(PHONE)
    assert one.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert barriers_of(one.page) == {}
    one.page.emulate_media(color_scheme="light")
    one.page.set_viewport_size(size)


def invites(one, two, email):
    """One admin asks, the other grants, and gives on the link."""
    one.go("/accounts")
    one.hand.write(one.page.locator("#email"), email)
    one.hand.choose(one.page.locator("#role"), "desk")
    one.page.locator("#organisation").select_option(label=CENTRE)
    press(one, "Ask for an invitation")
    return granted(two, email)


def granted(two, email):
    two.go("/second-person")
    with two.page.expect_navigation():
        two.page.locator("li.card", has_text=email).get_by_role("button", name=two.word("Grant")).click()
    return two.page.locator("code.secret").inner_text()


def gives_it_again(desk):
    """Confirms with a fresh second factor."""
    desk.go("/leave")
    looked_at(desk)
    assert desk.page.locator("form[action='/leave/ask']").count() == 0
    press(desk, "Confirm with my passkey")
    expect(desk.page).to_have_url(f"{desk.service.base}/leave")
    expect(desk.page.locator("form[action='/leave/ask']")).to_be_visible()


def makes_a_second(desk):
    """Makes a second passkey on another device: the first is not removable alone, and this device already has it."""
    desk.go("/account/passkeys")
    looked_at(desk)
    press(desk, "Remove", what=" Telefoon")
    expect(desk.page.locator(".wrong")).to_contain_text(say("last_passkey", {}, desk.language))
    desk.hand.write(desk.page.locator("#name"), "Nog een")
    desk.page.get_by_role("button", name=desk.word("Make a passkey"), exact=True).click()
    expect(desk.page.locator("[data-said]")).to_have_text(desk.word("This device already has a passkey of yours."))
    desk.other = VirtualAuthenticator(desk, "usb")
    press(desk, "Make a passkey")
    expect(desk.page.locator("#own .count")).to_have_text("2")
    looked_at(desk)


def loses_it(place, one, two, desk):
    for device in (desk.authenticator, desk.other):
        device.lose()
    VirtualAuthenticator(desk)
    desk.page.locator("header form[action='/sign-out'] button").click()
    gives_password(desk, DESK)
    desk.page.get_by_role("button", name=desk.word("Sign in with my passkey")).click()
    expect(desk.page.locator("[data-said]")).to_have_text(desk.word(NONE_HERE))
    one.go("/accounts")
    one.page.get_by_role("link", name=DESK).click()
    press(one, "Ask another admin to invite again")
    place.comes_in(DESK, granted(two, DESK), desk)


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_passkey_is_made_used_lost_and_reset_by_two_admins(language, tmp_path, chromium, opened):
    place = Passkeys(chromium, tmp_path, ways(language)["mouse"], opened)
    one, two = (place.comes_in(email, link) for email, link in zip((ONE, TWO), place.links, strict=True))
    desk = place.comes_in(DESK, invites(one, two, DESK))
    gives_it_again(desk)
    makes_a_second(desk)
    loses_it(place, one, two, desk)
    for each in (one, two, desk):
        assert each.outside() == []
        refused = "Failed to load resource: the server responded with a status of 409"  # the last passkey
        assert [one for one in each.complaints if not one.startswith(refused)] == []


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_unsafe_place_is_chosen_right_after_a_passkey(language, tmp_path, demo, chromium, opened):
    """If codes are valid too, a user signs in with a code, makes a passkey, and gives that."""
    service = Service(tmp_path, environment_for(), demo, host="localhost")
    service.environment |= {"PLACEMENT_ADDRESS": service.base, "PLACEMENT_WEBAUTHN": "optional"}
    service.start()
    opened.callback(service.stop)
    desk = Reader(chromium, service, language)
    opened.callback(desk.close)
    VirtualAuthenticator(desk)
    desk.go("/sign-in")
    looked_at_second_step(desk)
    desk.sign_in(STAFF_OF_DESK)
    desk.go("/account/passkeys")
    looked_at(desk)
    desk.hand.write(desk.page.locator("#code"), code_of(service, later=1))
    press(desk, "Go on")
    desk.hand.write(desk.page.locator("#name"), "Laptop")
    press(desk, "Make a passkey")
    expect(desk.page.locator("#own .count")).to_have_text("1")
    with service.store() as (database, _), database.transaction() as session:
        for one in session.exec(select(AccountSession)).all():
            one.verified_at = None
    with Caller(service, STAFF_OF_DESK) as asking:
        client = asking.post("/registrations", **SOMEBODY)["id"]
        proposal = asking.post(f"/registrations/{client}/proposals")
    unsafe = next(unit for unit in proposal["others"] if unit["review_needed"] and unit["can_be_chosen"])
    desk.go(f"/proposals/{proposal['id']}/units/{unsafe['unit']}")
    expect(desk.page.locator("#reason")).to_have_count(0)
    looked_at(desk)
    press(desk, "Confirm with my passkey")
    desk.hand.choose(desk.page.locator("#reason"), "safety_judgement")
    desk.hand.write(desk.page.locator("#review_on"), (clock.day_of(clock.now()) + timedelta(days=2)).isoformat())
    press(desk, "Choose this place")
    expect(desk.page).to_have_url(f"{service.base}/registrations/{client}")
    assert desk.outside() == []
    assert desk.complaints == []


def looked_at_second_step(one):
    """Looks at the second step for an address without an account, which looks as any other."""
    gives_password(one, "nobody@placement.example")
    expect(one.page.locator("#code")).to_be_visible()
    looked_at(one)
    one.go("/sign-in")


def code_of(service, later):
    secret = person_of(service, STAFF_OF_DESK)["totp_secret"]
    return code_at(secret, datetime.now(UTC) + later * CODE_LIVES)
