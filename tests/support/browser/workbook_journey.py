"""The path of a messy workbook by clicks: from an empty database, through its questions, to the first client in a bed.

The seconds are those of `hands.py`: what the acts take a practised person, without reading. Nobody types an answer.
"""

from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.support.browser.beginning import (
    CENTRE,
    DESK,
    ONE,
    PROVIDER,
    SHELTER,
    STAFF,
    TWO,
    UNIT,
    Beginning,
    press_button,
)
from tests.support.browser.hands import ANSWER, DECISION, KEY
from tests.support.browser.input_methods import Mouse
from tests.support.browser.reader import Reader
from tests.support.exchange.books import book, saved

POINT, CLICK = 1.1, 0.1
FREE = 9
"""Free beds of the workbook: rooms of 2, 3, 1 and 3."""
PICTURES = {
    "workbook-given": "01-questions",
    "workbook-answered": "02-preview",
    "workbook-imported": "03-imported",
    "rooms-reported": "04-rooms",
    "proposal": "05-proposal",
    "in-house": "06-in-house",
}
"""The file of each picture in docs/pictures/workbook, by the step that it shows."""


@dataclass
class CountedMouse(Mouse):
    """A mouse that counts what its person does. `typed`: letters and digits."""

    clicks: int = 0
    typed: int = 0
    decisions: int = 0

    @property
    def seconds(self) -> float:
        acts = self.clicks * (POINT + CLICK + ANSWER) + self.typed * KEY + self.decisions * DECISION
        return round(acts, 1)

    def press(self, what: Locator) -> None:
        self.clicks += 1
        super().press(what)

    def write(self, what: Locator, text: str) -> None:
        self.clicks += 1
        self.typed += len(text)
        super().write(what, text)

    def choose(self, what: Locator, code: str) -> None:
        self.clicks += 2
        self.decisions += 1
        super().choose(what, code)


def messy() -> bytes:
    """Returns a workbook with a merged title, blanks that repeat, a misspelt town and totals, and a sheet that is no
    list.
    """
    made = book(
        Overzicht=[
            [f"Kamers en bedden {PROVIDER}, bijgewerkt in september"],
            ["Lege cel = als hierboven. Vragen? Bel kantoor."],
            ["Aanbieder", "Huis", "Groep", "Kamer", "Bedden", "Plaats", "Telefoon", "Talen"],
            [PROVIDER, SHELTER, UNIT, "Room 1", 2, "Zwole", "038 123 45 67 / 06 12 34 56 78", "Nederlands, Engels"],
            [None, None, None, "Room 2", "4 (waarvan 1 voor gezinnen)", None, None, None],
            ["idem", "idem", "Men", "Room 3", "drie", None, None, "Nederlands"],
            ["Totaal", None, None, None, 9, None, None, None],
        ],
        Legenda=[["G = gezin"]],
    )
    made["Overzicht"].merge_cells("A1:G1")
    made["Overzicht"].merge_cells("F4:F5")
    return saved(made)


class WorkbookJourney(Beginning):
    """The beginning of an organisation that has a workbook: its register comes from the file."""

    def goes(self, links: list[str]) -> list[Reader]:
        one, two = (self._comes_in(email, link) for email, link in zip((ONE, TWO), links, strict=True))
        desk = self._invited(one, two, DESK, "desk", CENTRE)
        desk.hand.clicks = desk.hand.typed = desk.hand.decisions = 0  # the way to the first bed begins with the file
        self._imports(desk)
        self._makes_an_area(desk)
        staff = self._invited(one, two, STAFF, "shelter_staff", SHELTER)
        self._reports(staff, free=FREE)
        self._decides(desk, reference := self._registers(desk))
        self._receives(staff, reference)
        return [one, two, desk, staff]

    def _imports(self, desk: Reader) -> None:
        """Gives the workbook, answers each question from its list, and carries the import out."""
        desk.go("/import")
        content = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        desk.page.locator("#file").set_input_files({"name": "kamers.xlsx", "mimeType": content, "buffer": messy()})
        press_button(desk, "See what it would do")
        self.look(desk, "workbook-given")
        questions = desk.page.locator("[id^=question-] select, #means-1, #means-2")
        for number in range(questions.count()):
            self._answers(desk, questions.nth(number))
        self._goes_on(desk, "See what it would do")
        self.look(desk, "workbook-answered")
        self._goes_on(desk, "Carry it out")
        expect(desk.page.locator("section.good")).to_be_visible()
        self.look(desk, "workbook-imported")

    def _goes_on(self, desk: Reader, english: str) -> None:
        """Presses a button of the import that is shown; the form for another file has the same words."""
        with desk.page.expect_navigation():
            desk.press(desk.page.locator("section.note").get_by_role("button", name=desk.word(english), exact=True))

    def _answers(self, desk: Reader, question: Locator) -> None:
        """Chooses the answer that is true of this workbook; a guess that is right stays."""
        allowed = question.locator("option").evaluate_all("all => all.map(one => one.value)")
        right = next((one for one in allowed if one in {"Overzicht?E5=3+1", "Legenda="} or one.endswith("=cosm")), None)
        if right is not None:
            desk.hand.choose(question, right)
