"""The notice beside the form, and the page on which two registrations are compared, linked and merged."""

import re

import pytest

from placement.registrations.case_handles import handle_of
from tests.support.api.pages import filled, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store

SAID = {
    "persons": [{"gender": "female", "age": 33}],
    "alias": "Boomvalk",
    "languages": [{"code": "ti", "level": "native"}],
}
TYPED = {
    "region": "amsterdam",
    "registrant": "NP",
    "residence_basis": "reflection",
    "alias": "Boomvalk",
    "persons.0.gender": "female",
    "persons.0.age": "34",
    "languages.0.code": "Tigrinya",
    "languages.0.level": "native",
    "urgency": "2",
}


@pytest.fixture
def coordinator(service):
    return signed_in(service, "coordinator")


def known(service, caller=None, **facts):
    return (caller or service.coordinator).made("/registrations", somebody(**SAID, **facts))["id"]


def typed(reader, section="persons", **fields):
    form = filled(reader.get("/registrations/new").text, "filling") | TYPED | fields
    return reader._ask("POST", "/registrations/draft", form | {"section": section})


@pytest.mark.wide
def test_notice_beside_the_form_names_the_client_while_typing(service, coordinator):
    client = known(service)
    page = typed(coordinator).text
    assert "Is this client known already?" in page
    assert f'href="/registrations/{client}"' in page
    told = "alias, basis of residence, the day (three days earlier or later), a language, gender and age"
    assert f"{told}, the region, the registrant" in page
    reference = re.search(r'name="registration" value="([^"]+)"', page)[1]
    assert client in coordinator.get(f"/registrations/{reference}/edit").text


@pytest.mark.wide
def test_section_that_says_nothing_of_it_leaves_the_notice(service, coordinator):
    known(service)
    assert 'id="alike"' not in typed(coordinator, section="needs").text


@pytest.mark.wide
def test_notice_to_another_area_is_to_ask_the_desk(service):
    client = known(service, service.elsewhere, region="limburg")
    page = typed(signed_in(service, "coordinator", language="nl")).text
    assert "de vraag de twee te vergelijken" in page
    assert client not in page


@pytest.mark.wide
def test_registering_goes_on_to_the_comparison_then_links(service, coordinator):
    client = known(service)
    form = filled(coordinator.get("/registrations/new").text, "filling") | TYPED
    page = coordinator.send("/registrations/new", button={"then": "open"}, **form).text
    assert "Side by side" in page
    own = re.search(r'action="/registrations/([^/]+)/links"', page)[1]
    linked = coordinator.send(f"/registrations/{own}/links", other=client, kind="different").text
    assert "another client" in linked
    assert "Side by side" not in linked


@pytest.mark.wide
def test_page_merges_and_says_what_is_refused(service, coordinator):
    first = known(service)
    service.moment.pass_by(seconds=60)
    second = known(service)
    coordinator.get(f"/registrations/{first}/links")
    refused = coordinator.send(f"/registrations/{first}/merge", other=second)
    assert refused.status_code == 409
    assert "has waited for a shorter time" in refused.text
    coordinator.get(f"/registrations/{second}/links")
    unknown = coordinator.send(f"/registrations/{second}/merge", other="groene  lantaarn")
    assert "No other case that you may see has the name or reference &#39;groene lantaarn&#39;." in unknown.text
    assert 'value="groene  lantaarn"' in unknown.text
    coordinator.send(f"/registrations/{second}/merge", other=handle_of(first))
    assert "merged into" in coordinator.get(f"/registrations/{second}/links").text
    assert "continues the case" in coordinator.get(f"/registrations/{first}/links").text


@pytest.mark.wide
def test_page_names_the_danger_that_one_client_case_alone_knows(service, coordinator):
    first = known(service)
    service.moment.pass_by(seconds=60)
    second = known(service, threats=[{"place": "zwolle", "min_km": 40}])
    coordinator.get(f"/registrations/{second}/links")
    told = coordinator.send(f"/registrations/{second}/merge", other=first)
    assert told.status_code == 400
    assert "The other registration lacks: danger points." in told.text
    assert f'value="{first}"' in told.text
    coordinator.send(f"/registrations/{second}/merge", other=first, confirm="yes")
    assert "merged into" in coordinator.get(f"/registrations/{second}/links").text


@pytest.mark.wide
def test_desk_has_a_task_until_the_two_are_compared(service):
    here = known(service)
    there = known(service, service.elsewhere, region="limburg")
    desk = signed_in(service, "desk")
    assert "is like a client of another region" in desk.get("/").text
    service.opened(there)
    desk.get(f"/registrations/{there}/links")
    desk.send(f"/registrations/{there}/links", other=here, kind="same_client")
    assert "is like a client of another region" not in desk.get("/").text


@pytest.mark.wide
def test_client_linked_by_another_meanwhile_is_told(service, coordinator):
    one = known(service)
    service.moment.pass_by(seconds=60)
    other = known(service)
    path = f"/registrations/{other}"
    coordinator.get(f"{path}/links")
    service.opened(one)
    service.desk.made(f"/registrations/{one}/links", {"other": other, "kind": "different"})
    refused = coordinator.send(f"{path}/links", other=one, kind="same_client")
    assert (refused.status_code, "Another user recorded a relation of these two" in refused.text) == (409, True)
    assert "another client:" in refused.text
    assert coordinator.send(f"{path}/links", kind="same_client").status_code == 200  # instead of what is shown now
    assert [said["kind"] for said in service.coordinator.get(f"{path}/links").json()["links"]] == ["same_client"]


@pytest.mark.wide
@pytest.mark.parametrize("named", [str, handle_of])
def test_merger_that_another_user_contradicts_is_told(service, coordinator, named):
    one = known(service)
    service.moment.pass_by(seconds=60)
    other, third = known(service), known(service)
    path = f"/registrations/{other}"
    coordinator.get(f"{path}/links")
    service.opened(one)
    service.desk.made(f"/registrations/{one}/links", {"other": other, "kind": "related"})
    refused = coordinator.send(f"{path}/merge", other=one)
    assert (refused.status_code, "Another user recorded a relation of these two" in refused.text) == (409, True)
    assert f'value="{one}"' in refused.text.partition("/merge")[2]
    assert f'name="said.{one}" value="related"' in refused.text
    assert third in refused.text
    assert coordinator.send(f"{path}/merge", other=named(one)).status_code == 200


@pytest.mark.wide
def test_form_that_contradicts_another_case_keeps_what_was_typed(service, coordinator):
    one, other = known(service), known(service)
    version = service.coordinator.get(f"/registrations/{one}").json()["version"]
    said = {"keep_apart": [other]}
    assert service.coordinator.patch(f"/registrations/{one}", said, If_Match=f'"{version}"').is_success
    form = filled(coordinator.get(f"/registrations/{other}/edit").text, "filling") | {"stay_with": one}
    refused = coordinator._ask("POST", f"/registrations/{other}/edit", form)
    assert (refused.status_code, "These two clients are kept apart" in refused.text) == (409, True)
    assert filled(refused.text, "filling")["stay_with"] == one
