"""A draft saved by section: a user faster than the saving sends the whole form once."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.resources import COORDINATOR


@pytest.mark.wide
def test_section_waiting_to_be_saved_is_not_sent_after_the_form(reader):
    coordinator = reader(COORDINATOR)
    page = coordinator.go("/registrations/new")
    held = []
    page.route("**/registrations/draft", lambda route: held.append(route))  # noqa: PLW0108  (a built-in is refused there)
    for name, code in (("region", "amsterdam"), ("registrant", "ZORGCOORDINATIE"), ("residence_basis", "reflection")):
        page.locator(f"#{name}").select_option(code)
    page.locator("[name='persons.0.age']").fill("24")
    page.locator("[name='languages.0.code']").fill("English")
    for name, code in (("persons.0.gender", "female"), ("urgency", "2"), ("languages.0.level", "fluent")):
        page.locator(f"[name='{name}']").select_option(code)
    page.locator("#alias").focus()  # the sections of persons and of languages wait for the first to be saved
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Register", exact=True).click(no_wait_after=True)
    assert len(held) == 1
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"/registrations/R-[^/]+(/links)?$"))  # with similar clients: to compare
    assert len(held) == 1
    assert page.get_by_role("alert").count() == 0


@pytest.mark.wide
def test_section_that_a_new_draft_leaves_out_is_marked(reader):
    page = reader(COORDINATOR).go("/registrations/new")
    page.locator("[name='threats.0.place']").fill("Roterdam")
    for name, code in (("region", "amsterdam"), ("registrant", "ZORGCOORDINATIE"), ("residence_basis", "reflection")):
        page.locator(f"#{name}").select_option(code)
    page.locator("[name='persons.0.age']").fill("24")
    page.locator("[name='persons.0.gender']").select_option("female")
    page.locator("#alias").focus()
    expect(page.locator("#saved [data-marked]")).to_be_visible()
    expect(page.locator("[id='threats.0.place-fault']")).to_have_count(1)
    expect(page.locator("[name='threats.0.place']")).to_have_attribute("aria-invalid", "true")
