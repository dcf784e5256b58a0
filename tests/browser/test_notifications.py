"""The browser's own notification: asked for by a button, shown for what is new, and it names nothing of a case."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.resources import DESK, legal_hold_asked_for

HIDDEN_WITH = """
window.shown = [];
window.Notification = class {
  static permission = "%s";
  static requestPermission() { Notification.permission = "granted"; return Promise.resolve("granted"); }
  constructor(title, options) { window.shown.push(`${title}: ${options.body}`); }
};
Object.defineProperty(document, "hidden", { get: () => true });
"""


@pytest.mark.wide
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
    legal_hold_asked_for(sqlite)
    expect(page.locator("#needs .count")).not_to_have_text(str(before), timeout=20_000)
    said = f"{desk.word('Placement')}: {desk.word('Something waits for you.')}"
    assert page.evaluate("window.shown") == [said] * number
    assert page.title().startswith("(")
