"""The help, which describes this installation by its settings."""

from datetime import timedelta

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.settings import changed


@pytest.mark.parametrize(
    ("unused_for", "language", "says"),
    [
        (timedelta(minutes=15), "nl", "Na 15 minuten zonder gebruik wordt u uitgelogd."),
        (timedelta(minutes=90), "en", "After 90 minutes without use you are signed out."),
    ],
)
def test_help_tells_after_what_time_a_session_ends(service, monkeypatch, unused_for, language, says):
    monkeypatch.setattr(service.app.state, "settings", changed(service.app.state.settings, session_idle=unused_for))
    assert says in words_of(signed_in(service, "reader", language=language).get("/help"))
