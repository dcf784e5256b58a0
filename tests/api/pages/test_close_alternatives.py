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

OVERRIDE = {"decision": "override", "reason": "other", "text": "They know the staff there."}


@pytest.fixture
def tied(service):
    """Makes a proposal for a client who speaks with the staff, and who ties with another client for too few places."""
    service.close_all()
    case = service.coordinator.made("/registrations", somebody())["id"]
    other = somebody(region="limburg", languages=[{"code": "fj", "level": "native"}], language_required=False)
    for _ in range(14):
        service.desk.made("/registrations", other)
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")
    assert proposal["near_tie"]["other"]["registration"] == "…"
    return proposal


@pytest.mark.wide
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


@pytest.fixture
def two_places(service):
    """Registers two women who each get a place, with one place that suits both better. Returns the proposal of the
    second.
    """
    service.close_all()
    spoken = [{"code": "fj", "level": "native"}]
    for region in ("limburg", "amsterdam"):
        case = service.desk.made("/registrations", somebody(region=region, languages=spoken, language_required=False))
    return service.desk.made(f"/registrations/{case['id']}/proposals")


@pytest.mark.wide
@one_store
def test_page_has_two_households_with_a_place_each(service, two_places):
    tie = two_places["near_tie"]
    assert tie["other_unit"] not in {None, tie["unit"]}
    answer = signed_in(service, "desk", language="en").get(f"/proposals/{two_places['id']}")
    text = answer.text.split('id="tie"')[1].split("</section>")[0]
    assert "a place for each" in text
    assert text.count("Proposed: ") == 2
    assert "suits better: " in text
    assert f'href="/proposals/{two_places["id"]}/units/{tie["other_unit"]}"' in text
    assert text.count('class="brief"') == 2
    assert "The bar shows how long a household waits" in text


@pytest.mark.wide
@one_store
def test_choosing_the_other_place_leaves_one_for_the_second(service, two_places):
    tie, path = two_places["near_tie"], f"/proposals/{two_places['id']}"
    decided = service.desk.made(f"{path}/decision", OVERRIDE | {"unit": tie["other_unit"]})
    assert decided["unit"] == tie["other_unit"]
    after = service.desk.made(f"/registrations/{tie['other']['registration']}/proposals")
    assert after["chosen"]["unit"] == tie["unit"]


@pytest.mark.wide
@one_store
def test_exchange_with_an_unseen_household_is_not_shown(service, two_places):
    assert service.coordinator.get(f"/proposals/{two_places['id']}").json()["near_tie"] is None


@pytest.mark.wide
@one_store
def test_more_urgent_household_is_no_tie(service):
    service.close_all()
    spoken = [{"code": "fj", "level": "native"}]
    for urgency in (1, 2):
        facts = somebody(urgency=urgency, languages=spoken, language_required=False)
        case = service.desk.made("/registrations", facts)["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")
    assert proposal["chosen"]
    assert proposal["near_tie"] is None


@pytest.mark.wide
@one_store
def test_unseen_household_is_told_only_as_being_there(service, tied):
    reader = signed_in(service, "coordinator", language="en")
    answer = reader.get(f"/proposals/{tied['id']}")
    text = answer.text.split('id="tie"')[1].split("</section>")[0]
    assert "The other household is of another region." in text
    assert "Why it suits better" not in text
    assert text.count('class="brief"') == 1


@pytest.mark.wide
@one_store
def test_agreed_or_wider_than_the_setting_shows_none(service, tied):
    with service.database.transaction() as session:
        strict = changed(service.country.settings, near_tie=1)
        assert reads.proposal(Act(session, COORDINATOR, service.moment.at, strict), tied["id"], "en")[1].tie is None
    decided = service.coordinator.made(f"/proposals/{tied['id']}/decision", {"decision": "accept"})
    assert service.coordinator.get(f"/proposals/{tied['id']}").json()["near_tie"]
    service.desk.made(f"/decisions/{decided['id']}/confirmation", {"granted": True})
    assert service.coordinator.get(f"/proposals/{tied['id']}").json()["near_tie"] is None
