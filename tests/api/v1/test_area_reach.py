"""Access to a case by its area, which is computed or chosen, and which a hand-over changes from a day on."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.outbox.recipients import placers_of
from placement.tables import Account, Organisation
from tests.support.api.service import AT, somebody
from tests.support.stores import one_store

TODAY, NEXT_MONTH = AT.date(), AT.date() + timedelta(days=30)
ITEMS = [
    {"code": "0153", "name": "Enschede"},
    {"code": "0141", "name": "Almelo"},
    {"code": "0363", "name": "Amsterdam"},
]
LIST = {"source": "CBS, Gemeenten 2026", "listed_on": "2026-01-01", "items": ITEMS}


@pytest.fixture
def twente(service):
    """Makes two areas of the same municipalities, split by age, under one care coordination. Its coordinator has no
    area by name.
    """
    service.desk.made("/municipalities/list", LIST)
    with service.database.transaction() as session:
        session.add(Organisation(id="O-twente", name="Twente", kind="care_coordination"))
        session.add(Organisation(id="O-jeugd", name="Jeugd Twente", kind="care_coordination"))
    places = {"municipalities": ["0153", "0141"], "coordinated_by": ["O-twente"]}
    service.desk.made("/areas", {"code": "twente", "name": "Twente 23+", "age_from": 23, **places})
    service.desk.made("/areas", {"code": "twente-jong", "name": "Twente 23-", "age_until": 23, **places})
    return _coordinator(service, "O-twente")


def _coordinator(service, organisation):
    person = service.person("coordinator")
    with service.database.transaction() as session:
        session.get_one(Account, person.account).organisation_id = organisation
    return person


def case(caller, **facts):
    body = somebody(**facts)
    if "municipality" in facts and "region" not in facts:
        del body["region"]
    return caller.post("/registrations", body)


def fault(answer):
    assert answer.status_code == 400, answer.text
    return [(one["field"], one["code"]) for one in answer.json()["errors"]]


def sees(caller, reference):
    return caller.get(f"/registrations/{reference}").status_code == 200


@pytest.mark.wide
def test_area_follows_from_the_municipality_and_the_age(service, twente):
    woman = case(twente, municipality="enschede", registrant_unit="Oost-Nederland").json()
    girl = case(twente, municipality="0141", persons=[{"gender": "female", "age": 17}]).json()
    assert (woman["municipality"], woman["registrant_unit"]) == ("0153", "oost-nederland")
    assert [(one["region"], one["area_name"]) for one in (woman, girl)] == [
        ("twente", "Twente 23+"), ("twente-jong", "Twente 23-")
    ]  # fmt: skip
    assert woman["place_names"] == {
        "region": "Twente 23+", "municipality": "Enschede", "registrant_unit": "Oost-Nederland"
    }  # fmt: skip
    moved = service.desk.patch(f"/registrations/{girl['id']}", {"region": "limburg"}, if_match='"1"')
    assert moved.status_code == 403  # the desk opens a case with a reason first
    chosen = service.desk.made("/registrations", somebody(municipality="0153", region="limburg"))
    assert (chosen["municipality"], chosen["region"]) == ("0153", "limburg")


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"municipality": "0363"}, ("region", "area_does_not_follow")),
        ({"municipality": "Atlantis"}, ("municipality", "entry_unknown")),
        ({"registrant_unit": "nowhere"}, ("registrant_unit", "entry_unknown")),
        ({"region": "atlantis"}, ("region", "area_unknown")),
        ({"region": "limburg"}, ("region", "region_not_yours")),
    ],
)
def test_registration_in_a_place_that_is_not_is_refused(twente, facts, found):
    assert found in fault(case(twente, **facts))


@pytest.mark.wide
def test_area_handed_over_changes_the_coordinator_from_that_day(service, twente):
    other = _coordinator(service, "O-jeugd")
    reference = case(twente, municipality="Enschede").json()["id"]
    change = {"coordinated_by": ["O-jeugd"], "since": str(NEXT_MONTH)}
    assert service.desk.patch("/areas/twente", change, if_match='"1"').is_success
    assert (sees(twente, reference), sees(other, reference)) == (True, False)
    with service.database.transaction() as session:
        assert list(placers_of(session, "twente", TODAY)) == [twente.account]
        assert list(placers_of(session, "twente", NEXT_MONTH)) == [other.account]
    service.moment.pass_by(days=29)
    assert (sees(twente, reference), sees(other, reference)) == (True, False)
    service.moment.pass_by(days=1)
    assert (sees(twente, reference), sees(other, reference)) == (False, True)
    assert [one["id"] for one in other.get("/registrations").json()["items"]] == [reference]
    assert twente.get("/registrations").json()["total"] == 0
    assert twente.get("/session").json()["regions"] == ["twente-jong"]


@pytest.mark.wide
def test_area_without_a_coordinator_today_is_of_the_desk(service, twente):
    reference = case(twente, municipality="Enschede").json()["id"]
    assert service.desk.get(f"/registrations/{reference}").status_code == 403
    assert service.desk.patch("/areas/twente", {"until": str(NEXT_MONTH)}, if_match='"1"').is_success
    service.moment.pass_by(days=30)
    assert (sees(twente, reference), sees(service.desk, reference)) == (False, True)
    with service.database.transaction() as session:
        desk = set(session.exec(select(Account.id).where(Account.role == "desk")))
        assert set(placers_of(session, "twente", NEXT_MONTH)) == desk


def test_area_of_an_account_is_of_the_named_organisation_only(service):
    with service.database.transaction() as session:
        session.add(Organisation(id="O-else", name="Else", kind="care_coordination"))
    reference = service.elsewhere.made("/registrations", somebody(region="limburg"))["id"]
    assert sees(service.elsewhere, reference)
    assert service.desk.patch("/areas/limburg", {"coordinated_by": ["O-else"]}, if_match='"1"').is_success
    assert not sees(service.elsewhere, reference)


@pytest.mark.parametrize(
    ("schemes", "rule"),
    [("unknown", "area_unknown"), ("own", "area_own"), ("none", "area_none"), ("here", "reflection")],
)
def test_island_says_plainly_which_schemes_hold_there(service, schemes, rule):
    if schemes != "unknown":
        assert service.desk.patch("/areas/bonaire", {"schemes": schemes}, if_match='"1"').is_success
    read = service.desk.made("/registrations", somebody(region="bonaire"))["entitlement"]
    assert (read["rule"], bool(read["schemes"])) == (rule, schemes == "here")
    assert read["ground"]
    assert (read["elsewhere"], read["partner"]) == (schemes != "here", None)


PARTNER = {"partner": "Steunpunt Bonaire", "partner_telephone": "+599 717 0000", "partner_does": "Finds a safe house"}


def test_partner_of_an_island_is_named_at_its_cases(service):
    case = service.desk.made("/registrations", somebody(region="bonaire"))["id"]
    made = service.desk.patch("/areas/bonaire", PARTNER, if_match='"1"')
    assert made.json()["partner_telephone"] == "+5997170000"
    read = service.desk.get(f"/registrations/{case}").json()["entitlement"]
    partner = {"name": "Steunpunt Bonaire", "telephone": "+5997170000", "does": "Finds a safe house"}
    assert read["partner"] == partner
    gone = dict.fromkeys(PARTNER)
    assert service.desk.patch("/areas/bonaire", gone, if_match='"2"').json()["partner"] is None
    first, second, _ = service.desk.get("/areas/bonaire/history").json()["items"]
    assert first["facts"] == gone
    assert second["facts"] == PARTNER | {"partner_telephone": "+5997170000"}


@one_store
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"partner": "Steunpunt"}, ("partner_telephone", "missing")),
        ({"partner_telephone": "+599 717 0000"}, ("partner", "missing")),
        (PARTNER | {"partner_telephone": "no number"}, ("partner_telephone", "telephone_characters")),
    ],
)
def test_partner_without_name_or_number_is_refused(service, facts, field):
    assert fault(service.desk.patch("/areas/bonaire", facts, if_match='"1"')) == [field]


@one_store
def test_improbable_number_of_a_partner_is_asked_about(service):
    facts = PARTNER | {"partner_telephone": "+599 817 0000"}
    asked = service.desk.patch("/areas/bonaire", facts, if_match='"1"')
    assert fault(asked) == [("partner_telephone", "telephone_improbable")]
    kept = service.desk.patch("/areas/bonaire", facts | {"sure_of": ["+599 817 0000"]}, if_match='"1"')
    assert kept.json()["partner_telephone"] == "+5998170000"
    renamed = facts | {"partner": "Een ander steunpunt"}  # the same number is not asked about again
    assert service.desk.patch("/areas/bonaire", renamed, if_match='"2"').is_success


@one_store
@pytest.mark.parametrize(("language", "words"), [("nl", "geen regeling gevonden"), ("en", "Ground: no scheme found")])
def test_refused_proposal_on_an_island_has_a_ground(service, language, words):
    case = service.desk.made("/registrations", somebody(region="bonaire"))["id"]
    refused = service.desk.post(f"/registrations/{case}/proposals", Accept_Language=language)
    assert words in refused.json()["detail"]


@pytest.mark.wide
@pytest.mark.usefixtures("twente")
def test_invitation_to_an_area_that_is_not_is_refused(service):
    body = {"email": "new@test.example", "role": "coordinator", "organisation": "O-twente", "regions": ["atlantis"]}
    assert fault(service.admin.post("/invitations", body)) == [("regions", "entry_unknown")]
    assert service.admin.post("/invitations", body | {"regions": ["twente"]}).is_success
    assert service.admin.post("/invitations", body | {"regions": [], "email": "b@test.example"}).is_success
    amsterdam = {**body, "organisation": "O-amsterdam", "regions": []}
    assert fault(service.admin.post("/invitations", amsterdam)) == [("regions", "regions_missing")]
