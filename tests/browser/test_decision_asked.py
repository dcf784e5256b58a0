"""Decisions with a second person of the desk: the page and the answer, on a desk's screen and on a telephone."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.barriers import barriers_of
from tests.support.browser.reader import DESKTOP
from tests.support.browser.resources import DESK, OTHER_DESK, SOMEBODY, Caller

WORDS = "Haar zus woont om de hoek, en zij vraagt er zelf om."
NARROW = {"width": 375, "height": 740}
SIZES = {"desktop": DESKTOP, "phone": NARROW}


def fits(one, _step):
    one.page.wait_for_load_state("load")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= one.page.viewport_size["width"]
    assert barriers_of(one.page) == {}


def chooses(one, proposal, look=fits):
    """Against the proposal, with a rule that is broken; what it means stands before the button."""
    unit = next(
        unit for unit in proposal["others"] if unit["can_be_chosen"] and unit["broken"] and not unit["review_needed"]
    )
    page = one.go(f"/proposals/{proposal['id']}/units/{unit['unit']}")
    expect(page.get_by_text(one.word("Who decides after you"))).to_be_visible()
    expect(page.locator("#text")).to_have_text("")
    look(one, "choose")
    one.hand.choose(page.locator("#reason"), "client_preference")
    one.hand.write(page.locator("#text"), WORDS)
    one.press(page.get_by_role("button", name=one.word("Choose this place")))
    expect(page.locator("#why")).to_be_visible()
    return unit


def answers(one, decision, look=fits):
    page = one.go(f"/decisions/{decision}")
    expect(page.locator("blockquote")).to_have_text(WORDS)
    expect(page.get_by_role("heading", name=one.word("If you accept"))).to_be_visible()
    expect(page.get_by_role("heading", name=one.word("If you refuse"))).to_be_visible()
    look(one, "second-person")
    one.press(page.get_by_role("button", name=one.word("Grant"), exact=True))


def asks_and_answers(reader, service, language, size, look=fits):
    """Lets a person of the desk choose, and another person answer."""
    with Caller(service, DESK) as asking:
        case = asking.post("/registrations", **SOMEBODY)["id"]
        proposal = asking.post(f"/registrations/{case}/proposals")
        one = reader(DESK, language=language, viewport=SIZES[size])
        one.forget()
        chooses(one, proposal, look)
        [decision] = asking.get(f"/decisions?proposal={proposal['id']}")["items"]
    other = reader(OTHER_DESK, language=language, viewport=SIZES[size])
    other.forget()
    answers(other, decision["id"], look)
    expect(other.page.locator("blockquote")).to_have_count(0)
    for each in (one, other):
        assert each.outside() == []
        assert each.complaints == []


@pytest.mark.wide
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_second_person_reads_the_words_and_answers(reader, sqlite, language, size):
    asks_and_answers(reader, sqlite, language, size)


def looks_at_an_island(reader, service, size, look=fits):
    with Caller(service, DESK) as asking:
        case = asking.post("/registrations", **(SOMEBODY | {"region": "bonaire"}))["id"]
    one = reader(DESK, language="nl", viewport=SIZES[size])
    one.forget()
    page = one.go(f"/registrations/{case}")
    expect(page.locator(".partner").first).to_be_visible()
    look(one, "island")
    page.goto("/areas/one?kind=area&code=bonaire")
    look(one, "area")
    assert one.complaints == []


@pytest.mark.wide
@pytest.mark.parametrize("size", SIZES)
def test_case_on_an_island_shows_the_number_to_ring(reader, sqlite, size):
    looks_at_an_island(reader, sqlite, size)
