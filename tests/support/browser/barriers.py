"""Faults of accessibility that axe finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.browser.reader import DESKTOP, PHONE


def barriers_of(page: Page) -> dict[str, str]:
    """Runs all of axe's rules in light, on a phone and on a desktop; in dark, which differs only in colours, the rule
    about colours.
    """
    found = {}
    for name, size, scheme, only in (
        ("phone", PHONE, "light", {}),
        ("light", DESKTOP, "light", {}),
        ("dark", DESKTOP, "dark", {"runOnly": ["color-contrast"]}),
    ):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        result = Axe().run(page, options={"resultTypes": ["violations"], **only})
        if result.violations_count:
            found[name] = result.generate_report()
    return found
