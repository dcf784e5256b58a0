"""Retention on a page and in the API: for accountable roles; the cases under legal hold for the desk alone."""

import pytest

from placement.retention.schedule import SCHEDULE
from placement.retention.schedule_text import in_words
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_retention_page_lists_every_kind_with_its_ground(service, language):
    words = words_of(signed_in(service, "auditor", language=language).get("/retention"))
    for kind in SCHEDULE:
        what, _, why = (" ".join(one.split()) for one in in_words(kind, language))
        assert what in words
        assert why in words


@pytest.mark.wide
def test_legal_hold_is_shown_to_the_desk_only(service):
    client = service.coordinator.made("/registrations", somebody())["id"]
    ask = {"reason": "complaint", "review_on": "2027-01-01"}
    service.signed_in("desk").made(f"/registrations/{client}/legal-hold", ask)
    assert f'href="/registrations/{client}/legal-hold"' in signed_in(service, "desk").get("/retention").text
    assert [one["registration"] for one in service.desk.get("/legal-holds").json()["items"]] == [client]
    for role in ("auditor", "admin"):
        shown = signed_in(service, role).get("/retention")
        assert shown.status_code == 200
        assert client not in shown.text
    assert signed_in(service, "coordinator").get("/retention").status_code == 403
