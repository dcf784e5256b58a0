"""The whole journey, from a registration to a bed, as three people go it on the pages."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, expect

from placement.text.languages import spoken_names
from placement.text.messages import Language
from tests.support.browser.input_methods import Finger, Keys, Mouse
from tests.support.browser.reader import PHONE, Reader
from tests.support.browser.resources import DESK, Caller, staff_of


@dataclass(frozen=True)
class Way:
    """How the user operates the pages."""

    language: Language
    hand: Mouse = field(default_factory=Mouse)
    how: dict[str, Any] = field(default_factory=dict)


def ways(language: Language) -> dict[str, Way]:
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    return {
        "mouse": Way(language),
        "keys": Way(language, Keys()),
        "phone": Way(language, Finger(), phone),
        "no-script": Way(language, Mouse(), {"java_script_enabled": False}),
    }


def goes(way: Way, reader: Callable[..., Reader], coordinator: str) -> list[Reader]:
    """Plays the journey, and returns all readers at its end."""
    look = {"language": way.language, "hand": way.hand, **way.how}
    first = reader(**look)
    first.go("/")
    first.sign_in(coordinator)
    reference = _registers(first)
    _decides(first)
    desk = reader(DESK, **look)
    _confirms(desk, reference)
    with Caller(first.service, DESK) as asking:
        decisions = asking.get("/decisions?limit=200")["items"]
    unit = next(row["unit"] for row in decisions if row["registration"] == reference)
    staff = reader(staff_of(unit), **look)  # with a stale count, the beds are held only when the shelter confirms
    _answers(staff, reference)
    _lives_there_and_leaves(staff, reference)
    return [first, desk, staff]


def _registers(one: Reader) -> str:
    one.press(one.page.get_by_role("link", name=one.word("New registration")))
    region = one.page.locator("#region")
    own = region.locator("option").nth(1).get_attribute("value")
    for name, code in (("region", own), ("registrant", "ZORGCOORDINATIE"), ("residence_basis", "reflection")):
        one.hand.choose(one.page.locator(f"#{name}"), str(code))
    one.hand.choose(_named(one, "persons.0.gender"), "female")
    one.hand.write(_named(one, "persons.0.age"), "24")
    one.hand.choose(_named(one, "urgency"), "1")
    english = next(name for name, code in spoken_names(one.language).items() if code == "en")
    one.hand.write(_named(one, "languages.0.code"), english)
    one.hand.choose(_named(one, "languages.0.level"), "fluent")
    one.press(one.page.get_by_role("button", name=one.word("Register"), exact=True))
    expect(one.page).to_have_url(re.compile(r"/registrations/R-[^/]+$"))
    return one.page.url.rpartition("/")[2]


def _decides(one: Reader) -> None:
    one.press(one.page.get_by_role("button", name=one.word("Find a place")))
    expect(one.page).to_have_url(re.compile("/proposals/"))
    one.press(one.page.locator("form:has(input[name=decision][value=accept]) button"))
    expect(one.page).to_have_url(re.compile("/registrations/R-"))


def _confirms(desk: Reader, reference: str) -> None:
    """Confirms the decision if it waits for the desk."""
    desk.go("/")
    look = desk.page.locator("#part-needs li", has_text=reference).locator("a.do")
    if look.count():
        desk.press(look)
        confirm = desk.page.get_by_role("button", name=desk.word("Grant"), exact=True)
        desk.press(confirm)
        expect(confirm).to_have_count(0)


def _answers(staff: Reader, reference: str) -> None:
    staff.go("/")
    with staff.page.expect_navigation():  # it first asks whether there is a connection
        staff.press(staff.page.get_by_role("button", name=staff.word("Everything is as shown")))
    expect(staff.page).to_have_url(re.compile("/capacity$"))
    if staff.page.viewport_size == PHONE:
        staff.press(staff.page.get_by_role("button", name=staff.word("Menu")))
    staff.press(staff.page.get_by_role("navigation").get_by_role("link", name=staff.word("Holds")))
    confirm = staff.page.get_by_role("button", name=f"{staff.word('Confirm')} {reference}")
    arrived = staff.page.get_by_role("button", name=f"{staff.word('Has arrived')} {reference}")
    expect(confirm.or_(arrived)).to_be_visible()
    if confirm.count():
        expects(staff, reference)
        staff.press(confirm)
    staff.press(arrived)


def expects(staff: Reader, reference: str) -> None:
    """Enters when the client comes, and who brings the client."""
    form = staff.page.locator("article", has_text=reference).locator("form[action$='/answer']").first
    time = form.locator("select[name=expected_at]")
    staff.hand.choose(time, str(time.locator("option").nth(1).get_attribute("value")))
    staff.hand.choose(form.locator("select[name=driver]"), "taxi")


def _lives_there_and_leaves(staff: Reader, reference: str) -> None:
    expect(staff.page).to_have_url(re.compile("/stays$"))
    row = staff.page.locator("li", has_text=reference)
    staff.press(row.locator("summary", has_text=staff.word("Change")))
    staff.hand.choose(row.locator("form[action$='/end'] select"), "own_housing")
    staff.press(row.get_by_role("button", name=staff.word("End the stay")))
    expect(staff.page.locator("li.stay", has_text=reference)).to_have_count(0)
    back = staff.page.locator("section", has_text=staff.word("Left in the last three days"))
    expect(back.locator("li", has_text=reference)).to_be_visible()


def _named(one: Reader, name: str) -> Locator:
    return one.page.locator(f"[name='{name}']")
