"""The pages of areas: shown by day in both languages, changed, ended, and a pasted list taken over."""

import re

import pytest

from placement.core.codes import OrganisationKind
from placement.tables import Account, Organisation
from tests.support.api.page_content import words_of
from tests.support.api.pages import fill_in, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

LINES = "0153; Enschede; Overijssel; oost-nederland\n\n0141\tAlmelo\n"
ABOUT = {"source": "CBS, Gemeenten 2026", "listed_on": "2026-01-01"}


@pytest.mark.wide
@one_store
def test_areas_page_says_plainly_what_holds_on_the_islands(service):
    for language, words in (("nl", "een eiland: geen weg over land"), ("en", "an island: no way over land")):
        for role in ("desk", "coordinator", "auditor", "admin"):
            assert words in words_of(signed_in(service, role, language=language).get("/areas"))
    coordinator = signed_in(service, "coordinator")
    assert "There is no list of municipalities yet." in words_of(coordinator.get("/areas"))
    assert 'action="/areas/new"' not in coordinator.page.text
    assert coordinator.get("/areas?as_of=yesterday").status_code == 200


@pytest.mark.wide
@one_store
def test_pasted_list_is_counted_then_taken_over(service):
    desk = signed_in(service, "desk")
    desk.get("/areas")
    counted = desk.send("/areas/list", **ABOUT, items=LINES)
    assert "New: 2." in words_of(counted)
    assert service.desk.get("/municipalities").json()["items"] == []
    desk.send("/areas/list", **ABOUT, items=LINES, sure="yes")
    assert [one["name"] for one in service.desk.get("/municipalities").json()["items"]] == ["Almelo", "Enschede"]
    assert "days old: CBS, Gemeenten 2026" in words_of(desk.get("/areas"))
    wrong = desk.send("/areas/list", **ABOUT, items="0153; Enschede\nAlmelo")
    assert wrong.status_code == 400
    assert "Line 2" in words_of(wrong)


@pytest.mark.wide
@one_store
def test_area_is_made_changed_and_ended_on_pages(service):
    desk = signed_in(service, "desk")
    desk.get("/areas")
    made = desk.send("/areas/new", code="twente", name="Twente", age_from="23")
    assert made.status_code == 200
    one = desk.get("/areas/one?kind=area&code=twente")
    assert 'value="23"' in one.text
    desk.send("/areas/change", name="Twente", age_from="18", schemes="here", until="2031-01-01")
    assert "It ends on" in words_of(desk.page)
    history = service.desk.get("/areas/twente/history").json()["items"]
    assert [row["facts"] for row in history[:2]] == [{"ended": True}, {"age_from": 18}]
    desk.get("/areas/one?kind=area&code=twente")
    wrong = desk.send("/areas/change", name="", schemes="here")
    assert (wrong.status_code, "name-fault" in wrong.text) == (400, True)
    assert desk.get("/areas/one?kind=area&code=nowhere").status_code == 404
    assert desk.get("/areas/one?kind=nothing&code=limburg").status_code == 404


@pytest.mark.wide
@one_store
def test_area_that_was_made_is_shown_by_its_name(service):
    service.desk.made("/areas", {"code": "twente", "name": "Regio Twente"})
    with service.database.transaction() as session:
        session.get_one(Account, service.coordinator.account).regions = ["twente"]
    assert "<td>Regio Twente</td>" in signed_in(service, "admin").get("/accounts").text
    assert "<dd>Regio Twente</dd>" in signed_in(service, "coordinator").get("/account").text


@pytest.mark.wide
@one_store
def test_area_is_handed_over_to_an_organisation_by_its_name(service):
    name = "Stichting Zorgcoördinatie Twente"
    with service.database.transaction() as session:
        session.add(Organisation(id="O-twente", name=name, kind=OrganisationKind.CARE_COORDINATION))
        session.add(Organisation(id="O-else", name="Meldpunt", kind=OrganisationKind.COORDINATION_CENTRE))
    desk = signed_in(service, "desk")
    page = words_of(desk.get("/areas/one?kind=area&code=limburg"))
    assert (name in page, "Meldpunt" in page) == (True, False)
    desk.send("/areas/change", name="Limburg", schemes="here", coordinated_by="O-twente")
    assert service.desk.get("/areas/limburg").json()["coordinated_by"] == ["O-twente"]
    assert name in words_of(desk.get("/areas"))
    assert re.search(r'value="O-twente" checked', desk.get("/areas/one?kind=area&code=limburg").text)


@pytest.mark.wide
@one_store
def test_form_takes_a_municipality_by_name_and_shows_the_area(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk)
    assert 'name="municipality"' not in desk.page.text
    desk.get("/areas")
    desk.send("/areas/list", **ABOUT, items=LINES, sure="yes")
    service.desk.made("/areas", {"code": "twente", "name": "Twente", "municipalities": ["0153"]})
    desk.get("/registrations/new")
    assert '<option value="0153">Enschede' in desk.page.text
    assert ">Twente</option>" in desk.page.text
    made = desk.send("/registrations/new", **filled | {"region": "", "municipality": "enschede"})
    assert made.url.path.startswith("/registrations/R-")
    shown = words_of(made)
    assert "Twente" in shown
    assert "Enschede" in shown
    assert "Twente" in words_of(desk.get("/registrations?region=twente"))
    desk.get("/registrations/new")
    wrong = desk.send("/registrations/new", **filled | {"region": "", "municipality": "Almelo"})
    assert (wrong.status_code, "region-fault" in wrong.text) == (400, True)


NUMBER = "030 000 00 01"
THERE = "Steunpunt Bonaire +599 717 0000 . Zoekt een veilig huis"


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("nl", "Er is geen partner voor Bonaire bekend. Bel de plaatsingsdesk:", "Bel de partner voor Bonaire:"),
        ("en", "No partner for Bonaire is known. Ring the placement desk:", "Ring the partner for Bonaire:"),
    ],
)
def test_case_on_an_island_shows_the_number_to_ring(service, language, before, after):
    service.admin.patch("/organisations/O-centre", {"telephones": {"placing": NUMBER}})
    case = service.desk.made("/registrations", somebody(region="bonaire"))["id"]
    desk = signed_in(service, "desk", language=language)
    shown = words_of(desk.get(f"/registrations/{case}"))
    assert f"{before} {NUMBER}" in shown
    assert "Ground: ." not in shown
    assert 'href="/areas/one?kind=area&amp;code=bonaire"' in desk.page.text
    desk.get("/areas/one?kind=area&code=bonaire")
    said = {
        "partner": "Steunpunt Bonaire",
        "partner_telephone": "+599 717 0000",
        "partner_does": "Zoekt een veilig huis",
    }
    assert desk.send("/areas/change", name="Bonaire", schemes="unknown", island="yes", **said).status_code == 200
    assert "Steunpunt Bonaire" in words_of(desk.page)
    assert f"{after} {THERE}" in words_of(desk.get(f"/registrations/{case}"))
    assert "Steunpunt Bonaire" in words_of(desk.get("/areas"))
