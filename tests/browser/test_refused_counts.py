"""A count that is refused on a phone: the button names what it sends, and the page opens at the fault."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.resources import staff_of

pytestmark = pytest.mark.wide
NARROW = {"width": 375, "height": 740}
IN_VIEW = "one => (({ top, bottom }) => top >= 0 && bottom <= innerHeight)(one.getBoundingClientRect())"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_refused_count_is_named_and_in_view(reader, things, language):
    who = staff_of(things["other"])
    staff = reader(who, language=language, viewport=NARROW, has_touch=True, is_mobile=True)
    page = staff.go("/capacity")
    send, same = page.locator("button[data-changed]"), page.locator("button[data-unchanged]")
    expect(same).to_have_text(staff.word("All is as shown"))
    tile = page.locator(".tile").filter(has=page.locator("select[name$='.gender']")).last
    tile.evaluate("one => one.matches('details') && (one.open = true)")
    tile.locator(".step").nth(1).click()
    one_change = send.get_attribute("data-one")
    expect(send).to_have_text(one_change)
    with page.expect_navigation():
        send.click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(send).to_have_text(one_change)
    expect(same).to_have_count(0)
    wrong = page.locator("[aria-invalid]")
    expect(wrong).to_be_focused()
    assert wrong.evaluate(IN_VIEW)
    shown = page.locator(f"[id='{wrong.get_attribute('aria-describedby')}']")
    assert shown.evaluate(IN_VIEW)
    wrong.select_option(index=1)
    expect(send).to_have_text(one_change)
    with page.expect_navigation():
        send.click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("button[data-unchanged]")).to_be_visible()
