"""The time that acts on the pages take a practised person: counted in a real browser, by the keystroke-level model."""

import sys

import pytest
from playwright.sync_api import expect

from placement.registrations.case_handles import handle_of
from tests.support.browser.hands import ANSWER, SEARCH, Hands
from tests.support.browser.reader import PHONE
from tests.support.browser.resources import DESK, REGISTRAR, Caller, staff_of

pytestmark = pytest.mark.wide
CASE = r"/registrations/R-[^/]+(/links)?$"


def told(record_testsuite_property, name, hands):
    """Stores the figures with the results of the run, and prints them with -s."""
    said = f"{hands.seconds} s, {hands.decisions} decisions, {hands.keys} keys, {hands.typed} typed, {hands.taps} taps"
    record_testsuite_property(name, said)
    sys.stdout.write(f"\n{name}: {said}\n")


def frees_rooms_for_mothers(service):
    """Ends the stays in rooms for a mother with children, as the demo is full."""
    with Caller(service, DESK) as desk:
        stays = desk.get("/stays?status=in_house&limit=200")["items"]
    for stay in (one for one in stays if one["place"].startswith("Moeder en kind")):
        with Caller(service, staff_of(stay["unit"])) as staff:
            staff.post(f"/stays/{stay['id']}/end", reason="own_housing")


def test_mother_with_child_from_call_to_accepted_proposal(reader_on, record_testsuite_property):
    desk = reader_on("sqlite-hands")(DESK, language="nl")
    frees_rooms_for_mothers(desk.service)
    page = desk.go("/")
    hands = Hands(page)
    hands.command("nieuwe", to="/registrations/new$")
    field = lambda name: page.locator(f"[name='{name}']")  # noqa: E731
    expect(field("persons.0.gender")).to_be_focused()
    hands.choose(field("persons.0.gender"), "v", "female")
    hands.write(field("persons.0.age"), "31")
    hands.decide()
    hands.tab_to(field("persons.0.guardian"))
    hands.key("Space")
    hands.choose(field("persons.1.gender"), "v", "female")
    hands.write(field("persons.1.age"), "9")
    hands.write(field("languages.0.code"), "Tigrinya")
    hands.choose(field("languages.0.level"), "m", "native")
    hands.choose(field("urgency"), "v", "1")
    hands.write(field("threats.0.place"), "Rotterdam")
    hands.write(field("threats.0.min_km"), "60")
    hands.command("wie meldt aan")
    expect(field("community_rights")).to_be_hidden()  # asked of a citizen of the EU alone
    field("residence_basis").select_option("eu")
    expect(field("community_rights")).to_be_visible()
    hands.choose(field("registrant"), "z", "ZORGCOORDINATIE")
    hands.choose(field("residence_basis"), "b", "reflection")
    expect(field("community_rights")).to_be_hidden()
    hands.choose(field("region"), "li", "limburg")
    hands.command("aanmelding opslaan")  # the button is brought, and pressed
    hands.key("Enter", to=CASE)
    if page.url.endswith("/links"):  # of an earlier run on this service
        page.goto(page.url.removesuffix("/links"))
    hands.command("zoek een plaats")  # the button is brought, and pressed
    hands.key("Enter", to="/proposals/", answer=SEARCH)
    accept = page.locator("form:has(input[name=decision][value=accept]) button")
    tabs = Hands(page)
    tabs.key("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", "#decide")
    tabs.key("Enter")
    first = tabs.tab_to(accept)
    hands.keys += tabs.keys
    hands.decide()
    hands.key("Enter", to=CASE)
    expect(page.locator("#why")).to_contain_text("wacht op de opvang")
    told(record_testsuite_property, "call to accepted proposal", hands)
    assert first + 1 <= 6
    assert hands.keys <= 40
    assert hands.decisions <= 14
    assert hands.seconds <= 90


def test_form_of_a_count_takes_less_than_a_minute_by_keys(reader, record_testsuite_property):
    page = reader(REGISTRAR, language="nl").go("/counts/new")
    hands = Hands(page)
    hands.key("Tab")
    hands.key("Enter")  # to the content
    field = lambda name: page.locator(f"[name='{name}']")  # noqa: E731
    hands.choose(field("reporter"), "n", "NP")
    hands.decide()
    hands.tab_to(field("exploitation").first)
    hands.key("ArrowDown")
    assert field("exploitation").nth(1).is_checked()
    hands.choose(field("sector"), "bo", "construction")
    hands.choose(field("age"), "24", "24-29")
    hands.choose(field("gender"), "m", "male")
    hands.choose(field("origin"), "nigeria", "NG")
    hands.decide()
    hands.tab_to(field("ground").first)
    hands.key("Space")
    hands.write(field("person.name"), "Zilveren Merel")
    hands.write(field("person.born_on"), "05051999")  # the same in each order of day and month
    hands.key("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Bewaard")
    told(record_testsuite_property, "a count record by keys", hands)
    assert hands.seconds <= 60


def test_one_changed_room_on_a_phone(reader, things, record_testsuite_property):
    staff = reader(staff_of(things["other"]), language="nl", viewport=PHONE, has_touch=True, is_mobile=True)
    page = staff.go("/capacity")
    hands = Hands(page)
    hands.decide()  # which room
    tile = page.locator(".tile.free").first
    hands.tap(tile.locator(".step").nth(1))
    hands.decide()  # who they are
    hands.tap(tile.locator("select[name$='.gender']"))
    tile.locator("select[name$='.gender']").select_option(index=1)
    hands.taps += 1
    send = page.locator("button[data-changed]")
    expect(send).to_have_text("Stuur 1 wijziging")
    with page.expect_navigation():
        hands.tap(send)
    hands.answers += ANSWER
    expect(page.get_by_role("alert")).to_have_count(0)
    told(record_testsuite_property, "one changed room on a phone", hands)
    assert hands.seconds <= 8


def test_case_is_found_by_what_the_caller_says(reader, things, record_testsuite_property):
    desk = reader(DESK, language="nl")
    page = desk.go("/")
    hands = Hands(page)
    hands.decide()
    hands.key("/")
    hands.type(" ".join(word[:3] for word in handle_of(things["open"]).split()))
    hands.key("Enter", to=things["open"])
    told(record_testsuite_property, "a case by two half words", hands)
    assert hands.seconds <= 5


def test_shelter_says_yes_on_a_phone(reader, things, record_testsuite_property):
    staff = reader(things["staff"], language="nl", viewport=PHONE, has_touch=True, is_mobile=True)
    page = staff.go("/capacity")
    hands = Hands(page)
    hands.decide()
    asked = page.locator("#asked li").first
    hands.tap(asked.locator("summary").first)
    for name in ("expected_at", "driver"):
        hands.decide()
        hands.tap(asked.locator(f"select[name={name}]").first)
        hands.taps += 1
        asked.locator(f"select[name={name}]").first.select_option(index=1)
    hands.tap(asked.locator("button[value=confirm]"))
    hands.answers += ANSWER
    expect(page.locator("#arriving li")).not_to_have_count(0)
    told(record_testsuite_property, "a shelter's yes on a phone", hands)
    assert hands.seconds <= 15
