"""A count that is refused on a phone: the button names what it sends, and the page opens at the fault."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.resources import staff_of

pytestmark = pytest.mark.wide
NARROW = {"width": 375, "height": 740}
IN_VIEW = "one => (({ top, bottom }) => top >= 0 && bottom <= innerHeight)(one.getBoundingClientRect())"


def more_of_others(tile):
    """A bed more for others, and not who they are."""
    tile.locator(".step").nth(1).click()


def no_more_of_others(page):
    page.locator(".tile:has([aria-invalid]) .step").first.click()


def why_without_how_many(tile):
    tile.locator("details").evaluate("one => (one.open = true)")
    tile.locator("select[name$='.out_reason']").select_option("repair")


def no_reason(page):
    page.locator(".tile:has([aria-invalid]) select[name$='.out_reason']").select_option("")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("change", "mend"), [(more_of_others, no_more_of_others), (why_without_how_many, no_reason)])
def test_refused_count_is_named_and_in_view(reader, things, language, change, mend):
    staff = reader(staff_of(things["other"]), language=language, viewport=NARROW, has_touch=True, is_mobile=True)
    page = staff.go("/capacity")
    send, same = page.locator("button[data-changed]"), page.locator("button[data-unchanged]")
    expect(same).to_have_text(staff.word("Everything is as shown"))
    change(page.locator(".tile.free").filter(has=page.locator("select[name$='.gender']")).last)
    one_change = send.get_attribute("data-one")
    expect(send).to_have_text(one_change)
    with page.expect_navigation():
        send.click()
    expect(page.get_by_role("alert")).to_be_attached()
    expect(send).to_have_text(one_change)
    expect(same).to_have_count(0)
    wrong = page.locator("[aria-invalid]")
    expect(wrong).to_be_focused()
    for part in (wrong, page.locator(f"[id='{wrong.get_attribute('aria-describedby')}']"), send):
        assert part.evaluate(IN_VIEW)
    above = wrong.evaluate(
        "one => document.querySelector('.bar').getBoundingClientRect().top - one.getBoundingClientRect().bottom"
    )
    assert above >= 0
    mend(page)
    expect(send).to_have_text(staff.word("Report the rooms"))
    with page.expect_navigation():
        send.click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(same).to_be_visible()
