"""Readers of the daily report."""

import pytest

from placement.core import clock
from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.notice_codes import MailForm, Rhythm
from placement.notifications import subscriptions
from tests.support.report_mails import ADDRESS, account


@pytest.fixture
def readers(town, monkeypatch):
    """Three who get the report every day, the second in English; the clock is the story's."""
    monkeypatch.setattr(clock, "now", lambda: town.at)
    town.having(address=ADDRESS)
    for number, language in enumerate(("nl", "en", "nl"), start=1):
        account(town, f"A-{number}")
        reader = Actor(f"A-{number}", Role.READER)
        town.do(subscriptions.choose, subscriptions.Wish(Rhythm.DAILY, language, MailForm.LINK), actor=reader)
    return town
