"""A newcomer, whom nobody gave a password, has a proposal on the screen after two clicks."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.wide
def test_newcomer_has_a_proposal_after_two_clicks(reader_on):
    newcomer = reader_on("sqlite newcomer")()
    page = newcomer.go("/")
    newcomer.press(page.get_by_role("button", name=newcomer.word("Placement desk"), exact=True))
    newcomer.press(page.locator('form[action$="/propose"] button').first)
    expect(page).to_have_url(re.compile("/proposals/"))
    assert newcomer.complaints == []
