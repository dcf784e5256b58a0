"""The report by keys and without a script: periods are links, a day is typed, charts are read as words and tables."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browser.input_methods import Keys
from tests.support.browser.reader import PHONE
from tests.support.browser.resources import DESK, READER


@pytest.mark.wide
def test_period_is_chosen_by_keys_without_a_script(reader):
    page = reader(DESK, java_script_enabled=False, hand=Keys()).go("/reports")
    periods = page.get_by_role("navigation", name="Period").get_by_role("link")
    expect(periods).to_have_text(["Day", "Week", "Month", "Quarter", "Year"])
    expect(periods.first).to_have_attribute("aria-current", "page")
    periods.first.focus()
    page.keyboard.press("Tab")
    expect(periods.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Capacity: week \d+, "))
    page.get_by_role("link", name="Earlier").press("Enter")
    expect(page.get_by_role("link", name="Later")).to_be_visible()
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Capacity: week \d+, "))


@pytest.mark.wide
def test_chart_is_an_image_with_a_question_and_an_answer(reader):
    page = reader(READER, java_script_enabled=False, hand=Keys()).go("/reports")
    chart = page.get_by_role("img", name="How many beds were free at 07:00?")
    expect(chart).to_be_visible()
    figure = page.locator("figure").filter(has=chart)
    answer = figure.locator("summary")
    expect(answer).to_have_text(re.compile(r"Lowest \d+ \(.*\), highest \d+ \(.*\), last \d+ \("))
    table = figure.get_by_role("table")
    expect(table).to_be_hidden()
    answer.press("Enter")
    expect(table).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(9)  # its head, seven days, and the day itself


@pytest.mark.wide
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/reports", "/reports?period=month", "/reports?period=year"])
def test_axe_finds_nothing_in_the_report(reader, path, scheme):
    page = reader(DESK, bypass_csp=True, reduced_motion="reduce", color_scheme=scheme).go(path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.wide
@pytest.mark.parametrize("path", ["/reports", "/reports?period=quarter"])
def test_report_is_no_wider_than_a_phone(reader, path):
    page = reader(DESK, viewport=PHONE).go(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
