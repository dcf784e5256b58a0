"""The browser's own notification: asked for by a button, shown for what is new, and it names nothing of a case."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.resources import DESK, SOMEBODY, Caller, staff_of

HIDDEN_WITH = """
window.shown = [];
window.Notification = class {
  static permission = "%s";
  static requestPermission() { Notification.permission = "granted"; return Promise.resolve("granted"); }
  constructor(title, options) { window.shown.push(`${title}: ${options.body}`); }
};
Object.defineProperty(document, "hidden", { get: () => true });
"""


def place_lost_in_an_area_of_the_desk(service):
    """No coordinator has the area, so that a new place is for the desk to seek."""
    with Caller(service, DESK) as desk:
        case = desk.post("/registrations", **SOMEBODY | {"region": "den-haag"})["id"]
        proposal = desk.post(f"/registrations/{case}/proposals")["id"]
        hold = desk.post(f"/proposals/{proposal}/decision", decision="accept")["hold"]
        unit = desk.get(f"/holds/{hold}")["unit"]
    with Caller(service, staff_of(unit)) as staff:
        staff.post(f"/holds/{hold}/answer", answer="refuse", reason="house_mix")


@pytest.mark.parametrize(("permission", "asked", "number"), [("default", True, 1), ("denied", False, 0)])
def test_notification_is_shown_as_the_user_allowed(reader, sqlite, permission, asked, number):
    desk = reader(DESK)
    desk.page.add_init_script(HIDDEN_WITH % permission)
    page = desk.go("/")
    button = page.get_by_role("button", name=desk.word("Show a notification on this screen when something new waits"))
    expect(button).to_be_visible(visible=asked)
    if asked:
        button.click()
        expect(button).to_be_hidden()
    before = int(page.locator("#needs .count").inner_text())
    place_lost_in_an_area_of_the_desk(sqlite)
    expect(page.locator("#needs .count")).not_to_have_text(str(before), timeout=20_000)
    said = f"{desk.word('Placement')}: {desk.word('Something waits for you.')}"
    assert page.evaluate("window.shown") == [said] * number
    assert page.title().startswith("(")
