"""A raid and an evacuation at a browser: every key and click of the desk is counted, and each step has a picture
(`docs/guide/events.md`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from tests.support.browser.evening import DESKTOP, Look
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.hands import KEY, PATIENCE_MS, SEARCH
from tests.support.browser.workbook_journey import CountedMouse

HOTEL = {"name": "Hotel De Wulp", "place": "Utrecht", "telephone": "0301234567", "rooms.0.rooms": "22",
         "rooms.0.beds": "2", "told_role": "portier", "told_name": "Voorbeeld"}  # fmt: skip
HEADINGS = ("Huishouden", "Geslacht", "Leeftijd", "Ouder of voogd")
ALONE, FAMILIES = 28, "ABCDEF"
"""Persons who are alone, and the letters of mothers with a child: 40 persons in 34 households."""


@dataclass
class Clerk(CountedMouse):
    """A person of the desk who counts. `keys`: pressed beyond typing: Tab, Enter and a paste. `searches`: how often the
    engine was asked.
    """

    keys: int = 0
    searches: int = 0

    @property
    def pressed(self) -> int:
        return self.keys + self.typed

    @property
    def seconds(self) -> float:
        return round(super().seconds + self.keys * KEY + self.searches * SEARCH, 1)

    def type(self, page: Page, text: str) -> None:
        self.typed += len(text)
        page.keyboard.type(text)

    def key(self, page: Page, name: str) -> None:
        self.keys += 1
        page.keyboard.press(name)

    def send(self, what: Locator) -> None:
        """Presses a button, and waits for the page that follows."""
        with what.page.expect_navigation(timeout=PATIENCE_MS):
            self.press(what)

    def line(self, act: str) -> str:
        """Returns the row of this act in the table of the guide."""
        return f"| {act} | {self.pressed} | {self.clicks} | {round(self.seconds)} |"


def rows() -> list[Sequence[str]]:
    """Returns the rows of all persons: household, gender, age, and whether the person is a parent."""
    alone = [("", "man" if number % 7 == 0 else "vrouw", str(20 + number)) for number in range(ALONE)]
    families = [[(one, "vrouw", "24", "ja"), (one, "vrouw", "6")] for one in FAMILIES]
    return [*alone, *(row for family in families for row in family)]


def raid(life: Frozen, hand: Clerk, look: Look, *, pasted: bool) -> str:
    """Plays a raid until each house was asked, and returns the address of the event. `pasted`: the rows come from a
    spreadsheet.
    """
    page = life.person(life.service.desk.account, viewport=DESKTOP, hand=hand).page
    here = _is_made(hand, page)
    (_pastes if pasted else _types)(hand, page)
    look(page, "01-members")
    hand.send(page.locator("button[name=then][value=register]"))
    expect(page.locator("#registered .count")).to_have_text(str(ALONE + len(FAMILIES)))
    _adds_the_hotel(life, hand, page, here, look)
    hand.press(page.locator(f"a[href='{here}/plan']"))
    _asks_the_engine(hand, page.locator(f"form[action='{here}/plan'] button").first)
    look(page, "03-plan")
    hand.decisions += 1
    _asks_the_engine(hand, page.locator(f"form[action='{here}/plan/accept'] button").first)
    look(page, "04-asked")
    return here


def hotel_answers(life: Frozen, here: str, hand: Clerk, look: Look) -> None:
    """Enters the answer of the hotel for all its guests, as another person of the desk; then opens the day."""
    page = life.person(life.service.second.account, viewport=DESKTOP, hand=hand).page
    page.goto(f"{here}/plan")
    hand.press(page.locator(".card", has_text=HOTEL["name"]).locator("a[href*='/houses/']"))
    hand.choose(page.locator("[name=expected_at]"), _second_option(page.locator("[name=expected_at]")))
    hand.choose(page.locator("[name=driver]"), "registrant")
    hand.press(page.locator("[name='call.number']").first)
    hand.write(page.locator("[name='call.caller_role']"), HOTEL["told_role"])
    hand.write(page.locator("[name='call.caller_name']"), HOTEL["told_name"])
    page.locator("h1").scroll_into_view_if_needed()
    look(page, "05-hotel-answers")
    hand.send(page.locator("main form button").last)
    expect(page.locator(".figures")).to_contain_text("40 van 40")
    page.goto(f"{here}/day")
    look(page, "06-day")


def evacuation(life: Frozen, hand: Clerk, look: Look) -> None:
    """Empties a shelter by a single act, plans its clients, and asks the houses."""
    page = life.person(life.service.desk.account, viewport=DESKTOP, hand=hand).page
    page.goto("/register/shelter/S01")
    hand.press(page.locator("summary", has_text=life.word("Evacuate it: everybody must leave at once")))
    form = page.locator("form[action='/evacuations']")
    hand.write(form.locator("[name=until]"), str(life.at.date()))
    look(page, "07-evacuate")
    hand.send(form.locator("button"))
    here = re.findall(r"/events/[^/]+", page.url)[0]
    look(page, "08-evacuation")
    hand.press(page.locator(f"a[href='{here}/plan']"))
    _asks_the_engine(hand, page.locator(f"form[action='{here}/plan'] button").first)
    look(page, "09-way-out")
    hand.decisions += 1
    _asks_the_engine(hand, page.locator(f"form[action='{here}/plan/accept'] button").first)
    expect(page.locator(".figures")).to_contain_text("gepland: 0")


def _asks_the_engine(hand: Clerk, button: Locator) -> None:
    hand.searches += 1
    hand.send(button)


def _second_option(choice: Locator) -> str:
    return str(choice.locator("option").nth(1).get_attribute("value"))


def _is_made(hand: Clerk, page: Page) -> str:
    page.goto("/events/new")
    hand.write(page.locator("[name=name]"), "Inval haven")
    hand.choose(page.locator("[name=residence_basis]"), "none_yet")
    hand.choose(page.locator("[name=region]"), "amsterdam")
    hand.send(page.locator("form.long button"))
    expect(page).to_have_url(re.compile("/members$"))
    return re.findall(r"/events/[^/]+", page.url)[0]


def _types(hand: Clerk, page: Page) -> None:
    """Types the rows into the grid by keys alone."""
    hand.press(page.locator("#grid [data-cell]").first)
    for row in rows():
        for at, cell in enumerate(row):
            if at:
                hand.key(page, "Tab")
            hand.type(page, cell)
        hand.key(page, "Enter")


def _pastes(hand: Clerk, page: Page) -> None:
    text = "\n".join("\t".join(row) for row in [HEADINGS, *rows()])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    hand.press(page.locator("#grid [data-cell]").first)
    hand.key(page, "Control+V")


def _adds_the_hotel(life: Frozen, hand: Clerk, page: Page, here: str, look: Look) -> None:
    page.goto(here)
    hand.press(page.locator(f"a[href='{here}/places']"))
    hand.write(page.locator("[name=code]"), life.service.browser("desk").code())
    hand.send(page.locator("form[action='/second-factor']:has([name=code]) button"))
    today = life.at.date()
    days = {"from_on": str(today), "until": str(today + timedelta(days=14))}
    for name, value in {**HOTEL, **days}.items():
        hand.write(page.locator(f"[name='{name}']"), value)
    page.locator("h1").scroll_into_view_if_needed()
    look(page, "02-hotel")
    hand.send(page.locator("form.long button"))
    expect(page.locator(f"section:has(a[href='{here}/places']) li")).to_have_count(1)
