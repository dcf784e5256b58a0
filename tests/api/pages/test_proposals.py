"""A proposal on its page, and overriding it: consequences first, and no decision is made twice."""

import re

import pytest

from matching import RULES
from placement.core import version
from placement.text.rule_names import rule_name
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import offered
from tests.support.api.service import somebody
from tests.support.stores import one_store


def first(rows, **wanted):
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def breaking(proposal):
    """Returns a unit with a bed, in which a rule is broken."""
    return next(
        one for one in proposal["others"] if one["can_be_chosen"] and one["broken"] and not one["review_needed"]
    )


def test_every_rule_has_a_name():
    assert all(rule_name(rule, language) for rule in RULES for language in ("nl", "en"))


@pytest.mark.wide
@one_store
def test_proposal_page_lists_other_units_and_filters_by_rule(service):
    proposal = offered(service)
    reader = signed_in(service, "coordinator")
    whole = reader.get(f"/proposals/{proposal['id']}").text
    assert all(unit["name"] in whole for unit in proposal["others"])
    assert proposal["service_version"] == version.shown()
    assert f"Made by version {version.shown()} of the service." in whole
    rules = {one["rule"] for unit in proposal["others"] for one in unit["broken"]}
    assert len(rules) > 1
    for rule in rules:
        rows = [unit["name"] for unit in proposal["others"] if any(one["rule"] == rule for one in unit["broken"])]
        text = reader.get(f"/proposals/{proposal['id']}?rule={rule}").text
        assert sorted(re.findall(r"<li><strong>([^<]+)</strong> <span", text)) == sorted(rows)
        assert re.search(rf'rule={rule}" aria-current="true">[^<]+<span class="count">{len(rows)}</span>', text)


@pytest.mark.wide
@one_store
def test_case_names_the_place_of_its_open_proposal(service):
    service.close_all()
    proposal = offered(service)
    page = words_of(signed_in(service, "coordinator", language="en").get(f"/registrations/{proposal['registration']}"))
    chosen = proposal["chosen"]
    assert f"A proposal waits for a decision: {chosen['name']}, {chosen['shelter']}" in page
    assert chosen["unit"] not in page
    assert "This does not change the search." in page


@pytest.mark.wide
@one_store
def test_override_shows_consequences_before_it_is_decided(service):
    service.close_all()
    proposal = offered(service)
    unit = breaking(proposal)
    reader = signed_in(service, "coordinator")
    page = reader.get(f"/proposals/{proposal['id']}/units/{unit['unit']}").text
    assert all(f"<strong>{rule_name(one['rule'], 'en')}</strong>" in page for one in unit["broken"])
    assert all(f'href="/help/rules#{one["rule"]}"' in page for one in unit["broken"])
    assert "A second person of the desk" in page
    assert service.coordinator.get(f"/proposals/{proposal['id']}").json()["status"] == "made"
    assert reader.get(f"/proposals/{proposal['id']}/units/S99").status_code == 404


@pytest.mark.wide
@one_store
def test_unit_without_a_free_bed_cannot_be_chosen(service):
    proposal = offered(service)
    full = first(proposal["others"], can_be_chosen=False)
    reader = signed_in(service, "coordinator")
    page = reader.get(f"/proposals/{proposal['id']}/units/{full['unit']}").text
    assert "There is no free bed here, and this cannot be overruled" in page
    assert "/decide" not in page


@pytest.mark.wide
def test_rule_is_overridden_by_two_actors_with_the_same_preview(service):
    service.close_all()
    proposal = offered(service)
    unit = breaking(proposal)
    action = f"/proposals/{proposal['id']}/decide"
    reader = signed_in(service, "coordinator")
    reader.get(f"/proposals/{proposal['id']}/units/{unit['unit']}")
    wrong = reader.send(action, text="because of her sister")
    assert wrong.status_code == 400
    assert 'id="reason-fault"' in wrong.text
    assert ">because of her sister</textarea>" in wrong.text
    assert reader.send(action, reason="client_preference", text="because of her sister").status_code == 200
    assert "The choice waits for an answer." in reader.page.text
    decision = first(service.desk.get("/decisions?status=waiting_for_second").json()["items"], proposal=proposal["id"])
    path = f"/decisions/{decision['id']}"
    case, wait = f"/registrations/{proposal['registration']}", "If the client cannot wait that long, ring the desk."
    assert [wait in words_of(signed_in(service, who).get(case)) for who in ("coordinator", "desk")] == [True, False]
    assert f'action="{path}/confirm"' not in reader.get(path).text
    desk = signed_in(service, "desk")
    shown = desk.get(path).text
    assert all(f"<strong>{rule_name(one['rule'], 'en')}</strong>" in shown for one in unit["broken"])
    assert desk.send(f"{path}/confirm", granted="no").status_code == 400
    assert 'id="text-fault"' in desk.page.text
    assert desk.send(f"{path}/confirm", granted="no", text="too far from school").status_code == 200
    assert service.desk.get(path).json()["status"] == "refused"
    assert "too far from school" in reader.get(path).text


@pytest.mark.wide
@one_store
def test_decision_names_the_shelter_and_the_client(service):
    service.close_all()
    proposal = offered(service)
    made = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    shown = words_of(signed_in(service, "desk").get(f"/decisions/{made['id']}"))
    assert f"{proposal['chosen']['name']}, {proposal['chosen']['shelter']}" in shown
    assert "woman 30" in shown


@pytest.mark.wide
@one_store
def test_concurrent_decision_shows_the_slower_what_was_decided(service):
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    proposal = offered(service)
    unit = breaking(proposal)
    slower = signed_in(service, "coordinator")
    slower.get(f"/proposals/{proposal['id']}/units/{unit['unit']}")
    faster = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    late = slower.send(f"/proposals/{proposal['id']}/decide", reason="client_preference", text="her sister")
    assert late.status_code == 409
    assert f'href="/decisions/{faster["id"]}"' in late.text
    assert faster["place"] in late.text
    assert "her sister" in late.text
    assert service.coordinator.get(f"/decisions?proposal={proposal['id']}").json()["total"] == 1


@pytest.mark.wide
@one_store
def test_agreement_is_asked_of_the_role_that_must_agree(service):
    service.close_all()
    proposal = offered(service)
    rows = [unit for unit in [*proposal["alternatives"], *proposal["others"]] if unit["can_be_chosen"]]
    waits = {"second_person": "waiting_for_second", "desk": "waiting_for_desk", "shelter_count": "waiting_for_shelter"}
    seen = set()
    for unit in rows:
        again = offered(service)
        if again["chosen"]["unit"] == unit["unit"]:  # of two that are as good, a reference decides
            service.close_all()
            continue
        body = {"decision": "override", "unit": unit["unit"], "reason": "client_preference", "review_on": "2027-01-10"}
        told = first([*again["alternatives"], *again["others"]], unit=unit["unit"])["must_agree"]
        deciding = service.verified(service.coordinator.account)
        decided = deciding.made(f"/proposals/{again['id']}/decision", body)
        assert decided["status"] == waits.get(told[0], "final")
        seen.add(told[0])
        service.close_all()
    assert len(seen) > 1


@pytest.mark.wide
@one_store
def test_safety_rule_override_asks_for_a_review_date(service):
    service.close_all()
    region = offered(service)["chosen"]["region"]
    proposal = offered(service, avoided=[{"kind": "region", "target": region}])
    unsafe = next(unit for unit in proposal["others"] if unit["review_needed"] and unit["can_be_chosen"])
    reader = signed_in(service, "coordinator")
    page = f"/proposals/{proposal['id']}/units/{unsafe['unit']}"
    assert 'name="review_on"' not in reader.get(page).text
    service.moment.pass_by(seconds=30)
    assert 'name="review_on"' in reader.send("/second-factor", code=reader.person.code()).text
    plain = offered(service)
    other = breaking(plain)
    form = reader.get(f"/proposals/{plain['id']}/units/{other['unit']}").text
    assert 'name="review_on"' in form
    assert "If you leave it empty: 24 Dec" in form


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("language", ["nl", "en"])
def test_proposal_without_a_unit_says_what_is_missing(service, language):
    client = somebody(needs=["pregnancy", "infant", "medical", "psychiatric", "addiction"])
    proposal = offered(service, **client)
    assert proposal["chosen"] is None
    page = signed_in(service, "coordinator", language=language).get(f"/proposals/{proposal['id']}").text
    assert {"nl": "vaakst in de weg staat: behoeften", "en": "The most frequent obstacle: needs"}[language] in page
