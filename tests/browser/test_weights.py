"""The weights at a browser: a slider and a field for each, which show the same value, and its meaning."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.resources import ADMIN

pytestmark = pytest.mark.wide
NATIVE = "#weights\\.language\\.native"


def test_slider_field_and_meaning_follow_each_other(reader):
    page = reader(ADMIN, language="nl").go("/settings")
    box = page.locator(".weight", has=page.locator(NATIVE))
    field, slider, said = box.locator(NATIVE), box.locator("[type=range]"), box.locator("output")
    expect(said).to_have_text("telt als 1,5 keer één nacht wachten")
    at = int(slider.input_value())
    field.fill("1200")
    expect(said).to_have_text("telt als 3 keer één nacht wachten")
    assert int(slider.input_value()) > at
    slider.focus()
    page.keyboard.press("Home")
    expect(field).to_have_value("0")
    expect(said).to_have_text("telt niet mee")
    field.fill("two")
    expect(said).to_have_text("")
    field.fill("600")
    page.locator("#weights\\.waiting_day").fill("1200")
    expect(said).to_have_text("één nacht wachten telt als 2 keer dit")


def test_without_scripts_the_points_are_typed(reader):
    page = reader(ADMIN, language="en", java_script_enabled=False).go("/settings")
    expect(page.locator("[type=range]")).to_have_count(0)
    expect(page.locator(".weight output").first).to_contain_text("one night of waiting")
