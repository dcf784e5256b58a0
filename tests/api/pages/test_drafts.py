"""Drafts of a registration: saved by section, and no input is lost."""

import html
import re

import pytest

from tests.support.api.pages import PRIVATE, fill_in, filled, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store


def draft_of(service):
    [row] = service.desk.get("/registrations?status=draft").json()["items"]
    return row["id"]


def save(reader, section, **filled):
    """Saves a draft as the page does by itself: all fields, with the section that changed. The page stays open."""
    page = reader.page
    form = re.search(r'<form[^>]*id="filling".*?</form>', page.text, re.DOTALL)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields = {name: html.unescape(value) for name, value in hidden.items()} | {"section": section} | filled
    answer = reader._ask("POST", "/registrations/draft", {name.replace("__", "."): fields[name] for name in fields})
    reader.page = page
    return answer


def going_on(answer, **filled):
    """Returns the fields with the hidden fields in the answer to a saved section."""
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    return filled | kept


@pytest.mark.wide
def test_draft_is_made_when_possible_and_saved_by_section(service):
    desk = signed_in(service, "desk")
    desk.get("/registrations/new")
    first = {"region": "den-haag", "registrant": "NP", "residence_basis": "reflection"}
    early = save(desk, "who", **first)
    assert early.status_code == 200
    assert "hx-replace-url" not in early.headers
    assert service.desk.get("/registrations?status=draft").json()["total"] == 0
    filled = {**first, "persons__0__gender": "female", "persons__0__age": "24", "urgency": "2"}
    filled["language_required"] = "yes"
    made = save(desk, "persons", **filled)
    reference = draft_of(service)
    assert made.headers["hx-replace-url"] == f"/registrations/{reference}/edit"
    assert "COSM" in made.text
    filled = going_on(made, **filled)
    saved = save(desk, "safety", **filled, threats__0__place="Den Bosch", threats__0__min_km="60", alias="not this one")
    assert 'class="danger"' in saved.text
    known = service.desk.get(f"/registrations/{reference}").json()
    assert known["threats"][0]["min_km"] == 60
    assert known["alias"] is None
    assert known["languages"] == []
    assert known["version"] == 2


@pytest.mark.wide
def test_draft_error_in_one_section_saves_the_others(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk) | {"region": "den-haag", "threats__0__place": "Nergenshuizen"}
    begun = save(desk, "persons", **filled)
    assert draft_of(service)
    assert "hx-replace-url" in begun.headers
    assert "Saved as a draft" in begun.text
    assert "The marked fields are not saved yet." in begun.text
    assert "threats.0.place" in re.search(r'data-faults="([^"]*)"', begun.text)[1]
    wrong = save(desk, "safety", **going_on(begun, **filled))
    assert wrong.status_code == 200
    assert "threats.0.place" in re.search(r'data-faults="([^"]*)"', wrong.text)[1]
    assert "Nergenshuizen" in html.unescape(wrong.text)
    good = save(desk, "safety", **going_on(begun, **filled | {"threats__0__place": "Rotterdam"}))
    assert re.search(r'data-faults="([^"]*)"', good.text)[1] == "{}"
    assert "not saved yet" not in good.text


@pytest.mark.wide
def test_draft_saved_by_the_page_registers_once(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk) | {"region": "den-haag"}
    begun = save(desk, "who", **filled)
    reference = draft_of(service)
    done = desk.send("/registrations/new", **going_on(begun, **filled))
    assert done.url.path == f"/registrations/{reference}"
    assert service.desk.get(f"/registrations/{reference}").json()["status"] == "open"


@pytest.mark.wide
def test_draft_section_of_an_older_version_is_refused(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk) | {"region": "den-haag"}
    begun = going_on(save(desk, "who", **filled), **filled)
    assert "Saved as a draft" in save(desk, "when", **begun | {"urgency": "3"}).text
    late = save(desk, "when", **begun | {"urgency": "4", "idempotency_key": "another"})
    assert "This section is not saved yet." in late.text
    assert service.desk.get(f"/registrations/{draft_of(service)}").json()["urgency"] == 3


@pytest.mark.wide
@one_store
def test_refused_form_says_whether_a_draft_is_kept(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk) | {"region": "den-haag", "needed_by": "31-2-2026"}
    refused = desk.send("/registrations/new", **filled)
    assert (refused.status_code, "Nothing was stored." in refused.text) == (400, True)
    begun = save(desk, "who", **filled)
    refused = desk.send("/registrations/new", **going_on(begun, **filled))
    assert (refused.status_code, "Nothing was stored." in refused.text) == (400, False)
    assert "The draft keeps what you saved last." in refused.text
    assert draft_of(service)
    page = f"/registrations/{service.desk.made('/registrations', somebody())['id']}/edit"
    desk.get(page)
    refused = desk.send(page, needed_by="31-2-2026")
    assert (refused.status_code, "Nothing was stored." in refused.text) == (400, True)


@one_store
def test_a_draft_needs_no_language_and_an_open_registration_does(service):
    body = somebody(languages=[], region="den-haag")
    assert service.desk.post("/registrations", body).status_code == 400
    draft = service.desk.made("/registrations", body | {"open": False})
    opened = service.desk.patch(f"/registrations/{draft['id']}", {"open": True}, If_Match='"1"')
    assert opened.status_code == 400
    assert opened.json()["errors"][0]["field"] == "languages"
    spoken = {"open": True, "languages": [{"code": "ti", "level": "native"}]}
    assert service.desk.patch(f"/registrations/{draft['id']}", spoken, If_Match='"1"').json()["status"] == "open"


@pytest.mark.wide
@one_store
def test_registration_form_sent_back_unchanged_changes_nothing(service):
    body = somebody(
        region="den-haag", alias=PRIVATE, needs=["infant"], preferred_needs=["medical"], room_needs=["ground_floor"],
        threats=[{"place": "Rotterdam", "min_km": 40}, {"lat": 52.123, "lon": 5.321, "min_km": 10}],
        near={"lat": 52.2, "lon": 5.2},
        persons=[
            {"gender": "male", "age": 30, "housed_as": "female", "guardian": True},
            {"gender": "male", "age": 4, "adult_on": "2040-03-02"},
            {"gender": "female", "presumed": "minor"},
        ],
    )  # fmt: skip
    client = service.desk.made("/registrations", body)
    desk = signed_in(service, "desk")
    sent = filled(desk.get(f"/registrations/{client['id']}/edit").text, "filling")
    done = desk.send(f"/registrations/{client['id']}/edit", button=sent.items())
    assert done.status_code == 200, done.text
    after = service.desk.get(f"/registrations/{client['id']}").json()
    for one in (after, client):
        one["threats"].sort(key=lambda threat: threat["min_km"])
    assert {**after, "version": 1} == client


@pytest.mark.wide
@one_store
def test_client_of_unknown_age_and_residence_is_registered(service):
    """A row without an age was dropped without a word."""
    desk = signed_in(service, "desk")
    unknown = {
        "region": "den-haag",
        "residence_basis": "unknown",
        "persons__0__age": "",
        "persons__0__presumed": "adult",
    }
    desk.send("/registrations/new", **fill_in(desk) | unknown)
    reference = re.search(r"R-\w{4}-\w{4}-\w{4}", desk.page.text)[0]
    found = service.desk.get(f"/registrations/{reference}").json()
    assert [(one["age"], one["presumed"]) for one in found["persons"]] == [(None, "adult")]
    assert found["entitlement"]["schemes"] == ["crisis"]
    assert "age not known, treated as: an adult" in desk.page.text


@pytest.mark.wide
@one_store
def test_page_says_where_an_asylum_seeker_is_sheltered(service):
    desk = signed_in(service, "desk")
    client = service.desk.made("/registrations", somebody(region="den-haag", residence_basis="asylum"))
    assert client["entitlement"]["schemes"] == []
    page = desk.get(f"/registrations/{client['id']}").text
    assert "COA shelters asylum seekers" in page
    assert "18 May 2023" in page
    dutch = signed_in(service, "desk", language="nl").get(f"/registrations/{client['id']}").text
    assert "opgevangen door het COA" in dutch


@pytest.mark.wide
@one_store
def test_language_is_accepted_by_name_or_code(service):
    desk = signed_in(service, "desk")
    named = {f"languages__{n}__code": said for n, said in enumerate(["Tigrinya", "Arabisch", "zh", "dutch"])}
    levels = {f"languages__{n}__level": "fluent" for n in range(4)}
    desk.send("/registrations/new", **fill_in(desk) | named | levels | {"region": "den-haag"})
    reference = re.search(r"R-\w{4}-\w{4}-\w{4}", desk.page.text)[0]
    spoken = service.desk.get(f"/registrations/{reference}").json()["languages"]
    assert [one["code"] for one in spoken] == ["ti", "ar", "zh", "nl"]


@pytest.mark.wide
@one_store
def test_avoidance_is_lifted_on_the_registration_page(service):
    body = somebody(region="den-haag", avoided=[{"kind": "region", "target": "limburg"}])
    client = service.desk.made("/registrations", body)
    desk = signed_in(service, "desk")
    desk.get(f"/registrations/{client['id']}")
    desk.send(f"/registrations/{client['id']}/avoided/{client['avoided'][0]['id']}/lift")
    assert service.desk.get(f"/registrations/{client['id']}").json()["avoided"] == []


def avoided(service, reference):
    return {one["target"] for one in service.desk.get(f"/registrations/{reference}").json()["avoided"]}


@pytest.mark.wide
@one_store
def test_region_that_is_unticked_in_a_draft_is_no_longer_avoided(service):
    """Saved by section, and by the button that opens the case; of an open case it is lifted on its page."""
    desk = signed_in(service, "desk")
    filled_in = fill_in(desk) | {"region": "den-haag"}
    typed = going_on(save(desk, "safety", **filled_in, avoided_regions=["limburg", "amsterdam"]), **filled_in)
    reference = draft_of(service)
    assert avoided(service, reference) == {"limburg", "amsterdam"}
    page = desk.get(f"/registrations/{reference}/edit").text
    assert set(re.findall(r'name="avoided_regions" value="([^"]+)" checked', page)) == {"limburg", "amsterdam"}
    assert "Avoided already" not in page
    save(desk, "safety", **typed, avoided_regions=["amsterdam"])
    assert avoided(service, reference) == {"amsterdam"}
    desk.get(f"/registrations/{reference}/edit")
    desk.send(f"/registrations/{reference}/edit", **filled_in, avoided_regions=["rotterdam"])
    assert avoided(service, reference) == {"rotterdam"}
    assert service.desk.get(f"/registrations/{reference}").json()["status"] == "open"
    desk.get(f"/registrations/{reference}/edit")
    desk.send(f"/registrations/{reference}/edit", **filled_in)
    assert avoided(service, reference) == {"rotterdam"}


@pytest.mark.wide
@one_store
def test_registration_page_says_why_nothing_is_proposed(service):
    desk = signed_in(service, "desk")
    draft = service.desk.made("/registrations", somebody(region="den-haag", open=False))["id"]
    assert "this is a draft" in desk.get(f"/registrations/{draft}").text
    boy = {"residence_basis": "dutch", "persons": [{"gender": "male", "age": 15}]}
    other = service.desk.made("/registrations", somebody(region="den-haag", **boy))["id"]
    assert "no shelter of this service is open to the client" in desk.get(f"/registrations/{other}").text
    waits = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    assert "Nobody has asked" in desk.get(f"/registrations/{waits}").text
    proposal = service.desk.made(f"/registrations/{waits}/proposals")["id"]
    assert f'href="/proposals/{proposal}"' in desk.get(f"/registrations/{waits}").text


@pytest.mark.wide
@one_store
def test_registration_list_filters_by_urgency_and_waiting_time(service):
    service.close_all()
    first = service.desk.made("/registrations", somebody(region="den-haag", urgency=2))["id"]
    service.moment.pass_by(days=3)
    second = service.desk.made("/registrations", somebody(region="den-haag", urgency=1))["id"]
    desk = signed_in(service, "desk")

    def shown(query):
        return set(re.findall(r'href="/registrations/(R-[^"/]+)"', desk.get(f"/registrations{query}").text))

    assert shown("") == {first, second}
    assert shown("?urgency=2") == {first}
    assert shown("?waited=3") == {first}
    assert shown("?urgency=1&waited=3") == set()
    assert shown("?urgency=nonsense&waited=-1") == {first, second}


@pytest.mark.wide
@one_store
def test_misspelt_place_is_offered_and_taken_by_its_button(service):
    desk = signed_in(service, "desk", language="nl")
    typed = fill_in(desk) | {"threats__0__place": "Roterdam", "threats__0__min_km": "60", "reach__0__place": "Utrecht"}
    wrong = desk.send("/registrations/new", **typed)
    assert wrong.status_code == 400
    assert "Bedoelt u: Rotterdam?" in wrong.text
    assert 'name="meant" value="threats.0.place=Rotterdam"' in wrong.text
    assert f'value="{PRIVATE}"' in wrong.text
    made = desk.send("/registrations/new", button={"meant": "threats.0.place=Rotterdam"}, **typed)
    case = service.desk.get(made.url.path).json()
    assert [one["place"] for one in case["threats"]] == ["Rotterdam"]
    desk.get("/registrations/new")
    both = desk.send("/registrations/new", **(typed | {"urgency": ""}))
    assert 'name="urgency" aria-invalid="true"' in both.text
    assert 'name="meant" value="threats.0.place=Rotterdam"' in both.text
    assert case["reach"][0]["place"] == "Utrecht"


@pytest.mark.wide
@one_store
def test_place_like_no_other_is_named_without_an_offer(service):
    desk = signed_in(service, "desk", language="en")
    wrong = desk.send("/registrations/new", **(fill_in(desk) | {"threats__0__place": "Atlantis"}))
    assert "Atlantis is not in the list of places. Choose a place nearby." in html.unescape(wrong.text)
    assert 'name="meant"' not in wrong.text


@pytest.mark.wide
@one_store
def test_days_and_languages_are_read_as_people_write_them(service):
    desk = signed_in(service, "desk", language="nl")
    typed = fill_in(desk) | {"needed_by": "wo 25 nov", "expected_birth": "1 feb", "languages__0__code": "ትግርኛ"}
    case = service.desk.get(desk.send("/registrations/new", **typed).url.path).json()
    assert (case["needed_by"], case["expected_birth"]) == ("2026-11-25", "2027-02-01")
    assert case["languages"][0]["code"] == "ti"
    edit = desk.get(f"/registrations/{case['id']}/edit").text
    assert 'value="25-11-2026"' in edit
    wrong = desk.send("/registrations/new", **(fill_in(desk) | {"needed_by": "ergens in mei"}))
    assert wrong.status_code == 400
    assert 'value="ergens in mei"' in wrong.text


@pytest.mark.wide
@one_store
def test_unclear_day_is_offered_and_taken_by_its_button(service):
    desk = signed_in(service, "desk", language="nl")
    typed = fill_in(desk) | {"needed_by": "vrijdag 28 november", "persons__0__adult_on": "12/31/2026"}
    wrong = desk.send("/registrations/new", **typed)
    assert wrong.status_code == 400
    assert "Bedoelt u: vr 27-11-2026, za 28-11-2026, vr 4-12-2026?" in html.unescape(wrong.text)
    assert 'name="meant" value="persons.0.adult_on=do 31-12-2026"' in wrong.text
    assert 'value="vrijdag 28 november"' in wrong.text
    again = typed | {"persons__0__adult_on": ""}
    made = desk.send("/registrations/new", button={"meant": "needed_by=vr 27-11-2026"}, **again)
    assert service.desk.get(made.url.path).json()["needed_by"] == "2026-11-27"


@pytest.mark.wide
@one_store
def test_what_is_no_day_is_said_with_how_to_write_one(service):
    desk = signed_in(service, "desk", language="en")
    wrong = desk.send("/registrations/new", **(fill_in(desk) | {"needed_by": "soon"}))
    assert "soon cannot be read as a day. Write it as 1-2, 1 feb" in html.unescape(wrong.text)
    assert 'name="meant"' not in wrong.text
