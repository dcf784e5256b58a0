"""Input methods on a page: mouse, finger, or keys alone."""

from playwright.sync_api import Locator

_OUTLINED = """element => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
}"""
_SHOWN = "element => { const at = element.getBoundingClientRect(); return at.width > 0 && at.height > 0; }"
_FARTHEST = 400


class Mouse:
    def press(self, what: Locator) -> None:
        what.click()

    def write(self, what: Locator, text: str) -> None:
        what.fill(text)

    def choose(self, what: Locator, code: str) -> None:
        what.select_option(code)


class Finger(Mouse):
    def press(self, what: Locator) -> None:
        what.tap()


class Keys(Mouse):
    """An input method that presses Tab until the element has the focus. At each stop the focus must be visible."""

    def press(self, what: Locator) -> None:
        self._reach(what)
        what.page.keyboard.press("Enter")

    def write(self, what: Locator, text: str) -> None:
        self._reach(what)
        what.page.keyboard.press("Control+A")
        what.page.keyboard.type(text)

    def choose(self, what: Locator, code: str) -> None:
        self._reach(what)
        wanted, now = what.evaluate(
            "(one, code) => [[...one.options].findIndex(o => o.value === code), one.selectedIndex]", code
        )
        for _ in range(abs(wanted - now)):
            what.page.keyboard.press("ArrowDown" if wanted > now else "ArrowUp")
        assert what.input_value() == code

    def _reach(self, what: Locator) -> None:
        what.wait_for(state="visible")
        what.page.wait_for_load_state()  # its looks too: without them nothing has an outline of ours
        for _ in range(_FARTHEST):
            if what.evaluate("element => element === document.activeElement"):
                return
            what.page.keyboard.press("Tab")
            here = what.page.locator(":focus")
            if here.count() and here.evaluate("element => element !== document.body"):
                assert here.evaluate(_SHOWN), here
                assert here.evaluate(_OUTLINED), here.evaluate("element => element.outerHTML.slice(0, 200)")
        raise AssertionError(f"the keys do not reach {what}")
