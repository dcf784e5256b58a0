"""Faults of the layout of a page: text over text, cut or spilt text, narrow columns, small targets."""

from pathlib import Path

from playwright.sync_api import Page

from tests.support.browser.reader import PHONE, TWICE_AS_LARGE

_CHECK = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
SIZES = (PHONE, TWICE_AS_LARGE, *({"width": width, "height": 900} for width in (768, 1280, 1920)))
_LONGER = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const accents = { a: "á", e: "ẽ", i: "í", o: "ó", u: "ú" };
  const longer = text => text.replace(/\\p{L}{3,}/gu, word => word
    .replace(/[aeiou]/, letter => letter + letter).replace(/[aeiou]/g, letter => accents[letter]));
  for (let node; (node = walker.nextNode());) {
    if (!/\\p{L}{3}/u.test(node.data)) continue;
    if (node.parentElement.closest("script, style, code, option, .id, time, svg")) continue;
    node.data = ` [!!${longer(node.data).trim()}!!] `;
  }
}"""


def write_longer(page: Page) -> None:
    """Rewrites every text of the open page as the pseudo-language does: longer, with accents, in brackets.

    The options of a select stay, as no browser breaks them into lines; so do days and figures of a chart.
    """
    page.evaluate(_LONGER)


def faults_of(page: Page) -> list[str]:
    """Returns the faults at the width of a phone, of a desk at 200 %, and at three larger widths;
    each with its width.
    """
    page.wait_for_load_state("load")  # with its style sheet
    found = []
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found += [f"{size['width']}: {one}" for one in page.evaluate(_CHECK, size == PHONE)]
    return found
