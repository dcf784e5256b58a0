"""Faults of accessibility that axe finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.browser.reader import DESKTOP


def barriers_of(page: Page) -> dict[str, str]:
    """Runs all of axe's rules in light; in dark, which differs only in colours, the rule about colours."""
    page.set_viewport_size(DESKTOP)
    found = {}
    for scheme, only in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)
        result = Axe().run(page, options={"resultTypes": ["violations"], **only})
        if result.violations_count:
            found[scheme] = result.generate_report()
    return found
