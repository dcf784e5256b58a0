"""Scripted hands: what an act on the pages takes a practised person, by the keystroke-level model.

The seconds are those of Card, Moran and Newell (1980): a key 0.28 (an average typist), pointing 1.1, a press of the
mouse 0.1, a decision 1.35; a tap of a finger 0.9 (assumed), a turn of the page by a finger 0.5 (assumed). An answer of
the service counts as half a second, a search as the five that it may take: not as measured, so that the figure is the
same on every machine.
"""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

PATIENCE_MS = 30_000
KEY, DECISION, TAP, TURN, ANSWER, SEARCH = 0.28, 1.35, 0.9, 0.5, 0.5, 5.0


@dataclass
class Hands:
    """`keys`: pressed beyond typing: Tab, Enter, a shortcut; `typed`: letters and digits."""

    page: Page
    keys: int = 0
    typed: int = 0
    decisions: int = 0
    taps: int = 0
    turns: int = 0
    answers: float = 0

    @property
    def seconds(self) -> float:
        spent = (self.keys + self.typed) * KEY + self.decisions * DECISION + self.taps * TAP + self.turns * TURN
        return round(spent + self.answers, 1)

    def key(self, name: str, *, to: str = "", answer: float = ANSWER) -> None:
        """`to`: the address to which it leads, as a pattern; `answer`: the seconds until then."""
        self.keys += 1
        self.page.keyboard.press(name)
        self._arrive(to, answer)

    def _arrive(self, to: str, answer: float) -> None:
        if to:
            self.answers += answer
            self.page.wait_for_url(re.compile(to), timeout=PATIENCE_MS)
            self.page.wait_for_load_state()

    def type(self, text: str) -> None:
        self.typed += len(text)
        self.page.keyboard.type(text)

    def decide(self) -> None:
        self.decisions += 1

    def tab_to(self, what: Locator) -> int:
        """Presses Tab until the element has the focus, and returns how many tabs it took."""
        before = self.keys
        while not what.evaluate("element => element === document.activeElement"):
            assert self.keys - before < 60, f"the keys do not reach {what}"
            self.key("Tab")
        return self.keys - before

    def write(self, what: Locator, text: str) -> None:
        self.tab_to(what)
        self.type(text)

    def choose(self, what: Locator, letters: str, code: str) -> None:
        """Chooses from a list by the first letters of the option. This is a decision."""
        self.decide()
        self.tab_to(what)
        self.type(letters)
        assert what.input_value() == code, (letters, what.input_value())

    def command(self, letters: str, *, to: str = "") -> None:
        """Uses the menu of commands. This is a decision."""
        self.decide()
        self.key("Control+k")
        self.type(letters)
        self.key("Enter", to=to)

    def tap(self, what: Locator) -> None:
        """Taps with a finger, and scrolls first if the element is out of sight."""
        height = self.page.viewport_size["height"]  # type: ignore[index]  # a size is set
        box = what.bounding_box()
        assert box
        off = max(0, box["y"] + box["height"] - height, -box["y"])
        self.turns += -(-int(off) // height)
        self.taps += 1
        what.tap()
