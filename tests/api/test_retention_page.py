"""What is kept, on a page and by the API: for who answers for it; whose case it is, for the desk alone."""

import pytest

from placement.retention.schedule import SCHEDULE
from placement.retention.schedule_text import in_words
from tests.api.readers import words_of
from tests.api.service import one_store, somebody
from tests.api.test_pages import signed_in

pytestmark = one_store


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_stands_on_the_page_with_why_it_is_kept(service, language):
    said = words_of(signed_in(service, "auditor", language=language).get("/retention"))
    for kind in SCHEDULE:
        what, _, why = (" ".join(one.split()) for one in in_words(kind, language))
        assert what in said
        assert why in said


def test_a_legal_hold_is_seen_by_the_desk_and_by_nobody_else(service):
    her = service.coordinator.made("/registrations", somebody())["id"]
    ask = {"reason": "complaint", "review_on": "2027-01-01"}
    service.signed_in("desk").made(f"/registrations/{her}/legal-hold", ask)
    assert f'href="/registrations/{her}/legal-hold"' in signed_in(service, "desk").get("/retention").text
    assert [one["registration"] for one in service.desk.get("/legal-holds").json()["items"]] == [her]
    for role in ("auditor", "admin"):
        shown = signed_in(service, role).get("/retention")
        assert shown.status_code == 200
        assert her not in shown.text
    assert signed_in(service, "coordinator").get("/retention").status_code == 403
