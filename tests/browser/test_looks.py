"""Preferences of a reader's device: its own colours, more contrast, less motion, paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from api.pages.style_sheet import properties
from tests.support.browser.resources import DESK

DESIGN = "/help/design"
"""Every part of the pages is on it."""
STYLE = "(one, [name, of]) => getComputedStyle(one, of)[name]"


def style(page, selector, name, of=None):
    return page.locator(selector).first.evaluate(STYLE, [name, of])


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))})"


@pytest.mark.wide
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_are_seen_in_the_colours_of_a_reader(reader, scheme):
    page = reader(DESK, forced_colors="active", color_scheme=scheme).go(DESIGN)
    ground = style(page, "body", "backgroundColor")
    assert style(page, ".brand", "backgroundColor", "::before") != ground
    chosen, other = (style(page, f"#menu .who nav a{one}", "borderBottomColor")
                     for one in ("[aria-current]", ":not([aria-current])"))  # fmt: skip
    assert other == ground != chosen
    urgent, calm = (style(page, one, "borderLeftColor") for one in (".strip.u1", ".strip:not(.u1, .u2, .urgent)"))
    assert calm == ground != urgent
    full, edged = (style(page, f"main button{one}", "backgroundColor") for one in (":not([class])", ".second"))
    assert edged != full != style(page, "main button:not([class])", "color")
    assert style(page, "meter", "backgroundColor") == rgb(properties(scheme.replace("light", ""))["track"])


@pytest.mark.wide
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_more_contrast_is_given_where_it_is_asked_for(reader, scheme):
    page = reader(DESK, contrast="more", color_scheme=scheme, bypass_csp=True).go(DESIGN)
    said = properties(f"{scheme.replace('light', '')} more")
    assert style(page, "body", "color") == rgb(said["ink"])
    assert style(page, ".hint", "color") == rgb(said["soft"])
    assert style(page, "main td", "borderBottomColor") == rgb(said["line"])
    found = Axe().run(page, options={"runOnly": ["color-contrast", "color-contrast-enhanced"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.wide
def test_progress_stands_still_where_less_motion_is_asked(reader):
    names = {how: style(reader(DESK, reduced_motion=how).go(DESIGN), "progress:not([value])", "animationName")
             for how in ("no-preference", "reduce")}  # fmt: skip
    assert names == {"no-preference": "goes-on", "reduce": "none"}


@pytest.mark.wide
def test_paper_is_light_and_uncut_without_what_is_pressed(reader):
    page = reader(DESK, color_scheme="dark").go(DESIGN)
    assert style(page, "body", "color") == rgb(properties("dark")["ink"])
    page.emulate_media(media="print", color_scheme="dark")
    assert style(page, "body", "color") == rgb(properties()["ink"])
    assert style(page, "html", "colorScheme") == "light"
    assert style(page, ".scroll", "overflowX") == "visible"
    assert page.locator("button, .button, .top, footer, .filter").filter(visible=True).count() == 0
    assert page.locator("table, .strip, .tile, .map").filter(visible=True).count() > 10
