"""A near tie on the page of a proposal: both households, as far as the reader may see them."""

import pytest

from placement.core.codes import Role
from placement.core.context import Act, Actor
from placement.placements import reads
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.settings import changed
from tests.support.stores import one_store

COORDINATOR = Actor(id="A-one", role=Role.COORDINATOR, regions=frozenset({"amsterdam"}))


@pytest.fixture
def tied(service):
    """More women than places: the proposal of the one who speaks with the staff, and that of the tie."""
    service.close_all()
    case = service.coordinator.made("/registrations", somebody())["id"]
    other = somebody(region="limburg", languages=[{"code": "fj", "level": "native"}], language_required=False)
    for _ in range(14):
        service.desk.made("/registrations", other)
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")
    assert proposal["near_tie"]["other"]["registration"] == "…"
    return proposal


@one_store
def test_page_has_both_side_by_side_and_in_the_log(service, tied):
    service.opened(tied["registration"])
    other = service.desk.get(f"/proposals/{tied['id']}").json()["near_tie"]["other"]
    answer = signed_in(service, "desk", language="en").get(f"/proposals/{tied['id']}")
    text = answer.text.split('id="tie"')[1].split("</section>")[0]
    assert "you decide" in text
    assert f'href="/registrations/{other["registration"]}"' in text
    assert tied["registration"] in text
    assert text.count('class="brief"') == 2
    rows = service.auditor.get("/audit/events?limit=3").json()["items"]
    shown = next(row for row in rows if row["event"] == "page:shown")
    assert other["registration"] in shown["facts"]["shown"]


@one_store
def test_unseen_household_is_told_only_as_being_there(service, tied):
    reader = signed_in(service, "coordinator", language="en")
    answer = reader.get(f"/proposals/{tied['id']}")
    text = answer.text.split('id="tie"')[1].split("</section>")[0]
    assert "A household of another area." in text
    assert "Fits better by" not in text
    assert text.count('class="brief"') == 1


@pytest.mark.wide
@one_store
def test_decided_or_wider_than_the_setting_shows_none(service, tied):
    with service.database.transaction() as session:
        strict = changed(service.country.settings, near_tie=1)
        assert reads.proposal(Act(session, COORDINATOR, service.moment.at, strict), tied["id"], "en")[1].tie is None
    service.coordinator.made(f"/proposals/{tied['id']}/decision", {"decision": "accept"})
    assert service.coordinator.get(f"/proposals/{tied['id']}").json()["near_tie"] is None
