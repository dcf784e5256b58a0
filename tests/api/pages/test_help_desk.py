"""The pages of the help desk without scripts: a call, what it turns into, and entries of two persons."""

import re

import pytest
from sqlalchemy import text

from tests.support.api.page_content import words_of
from tests.support.api.page_cost import MOST, cost
from tests.support.api.pages import signed_in
from tests.support.help_desk import years_of_calls
from tests.support.stores import both_stores, one_store

CALL = {"asker": "police", "region": "amsterdam", "note": "belt terug", "urgent": "yes"}
COUNTED = {"month": "2026-11", "reporter": "NP", "exploitation": "unknown", "sector": "none", "ground": "consent"}
CHOSEN = [("subjects", "shelter"), ("advised", "register")]


def enter(reader, then, **more):
    reader.get("/enquiries/new")
    return reader.send_list("/enquiries/new", CHOSEN, then=then, **CALL, **more)


@pytest.mark.wide
@one_store
def test_call_becomes_a_registration_form_without_its_reference(service):
    desk = signed_in(service, "desk")
    page = enter(desk, "register")
    assert page.url.path == "/registrations/new"
    assert 'value="NP" selected' in page.text
    assert 'value="amsterdam" selected' in page.text
    assert "belt terug" in page.text
    assert "belt terug" not in desk.get("/registrations/new").text  # carried once
    [row] = service.desk.get("/enquiries").json()["items"]
    assert (row["became"], row["minutes"]) == (["registration"], 1)
    assert "note" not in row


@pytest.mark.wide
@both_stores
def test_call_becomes_a_count_record_that_nothing_joins_with_it(service):
    desk = signed_in(service, "desk")
    page = enter(desk, "count")
    assert page.url.path == "/counts/new"
    assert [f'value="{code}" selected' in page.text for code in ("NP", "with_advice")] == [True, True]
    assert "belt terug" in page.text
    assert "belt terug" not in desk.get("/counts/new").text  # carried once
    sent = desk.send("/counts/new", **COUNTED)
    assert (sent.status_code, sent.url.path) == (200, "/counts/new")
    [row] = service.desk.get("/enquiries").json()["items"]
    assert row["became"] == ["count_record"]
    with service.database.engine.connect() as connection:
        [call] = connection.execute(text("SELECT * FROM enquiry")).all()
        [record] = connection.execute(text("SELECT * FROM countinbox")).all()
    assert not {*map(str, call)} & {*map(str, record)}


@pytest.mark.wide
@one_store
def test_adviser_rings_back_and_sees_no_case(service):
    adviser = signed_in(service, "adviser")
    assert adviser.get("/").url.path == "/enquiries"
    page = enter(adviser, "call_back", telephone="+31201234567")
    assert page.url.path == "/enquiries/new"
    [row] = service.adviser.get("/enquiries").json()["unfinished"]
    path = f"/enquiries/{row['id']}"
    page = adviser.get(path)
    refused = adviser.send_list(f"{path}/call-back", [("advised", "lawyer")], minutes="3", then="register")
    assert refused.status_code == 403
    adviser.get(path)
    adviser.send_list(f"{path}/call-back", [("advised", "lawyer")], minutes="3")
    assert service.adviser.get(path).json()["status"] == "done"
    assert [text in page.text for text in ("Register the client", "Count a victim")] == [False, False]
    assert "Register the client" not in adviser.get("/enquiries/new").text
    assert adviser.get("/registrations/new").status_code == 403
    assert "Count a victim" not in adviser.get("/enquiries/new").text
    assert {enter(adviser, then).status_code for then in ("register", "count")} == {403}


@pytest.mark.wide
@one_store
def test_call_that_was_rung_back_becomes_a_registration(service):
    desk = signed_in(service, "desk")
    enter(desk, "call_back", telephone="+31201234567")
    [row] = service.desk.get("/enquiries").json()["unfinished"]
    path = f"/enquiries/{row['id']}"
    desk.get(path)
    refused = desk.send_list(f"{path}/call-back", [("advised", "lawyer")], minutes="0", then="register")
    assert refused.status_code == 400
    assert re.search(r'value="lawyer" data-letter="." checked', refused.text)
    page = desk.send_list(f"{path}/call-back", [("advised", "lawyer")], minutes="3", then="register")
    assert page.url.path == "/registrations/new"
    assert 'value="NP" selected' in page.text
    assert "belt terug" in page.text
    found = service.desk.get(path).json()
    assert (found["status"], found["became"], found["advised"]) == ("done", ["registration"], ["register", "lawyer"])


@one_store
def test_refused_call_keeps_what_was_typed(service):
    adviser = signed_in(service, "adviser")
    adviser.get("/enquiries/new")
    page = adviser.send("/enquiries/new", then="done", note="een lang verhaal")
    assert page.status_code == 400
    assert "een lang verhaal" in page.text
    assert 'href="#subjects"' in page.text


@pytest.mark.wide
@both_stores
def test_entry_of_two_persons_shows_past_and_search(service):
    adviser, desk = signed_in(service, "adviser"), signed_in(service, "desk")
    adviser.get("/entries")
    page = adviser.send("/entries/first")
    assert "not reviewed yet" in page.text
    assert "Load these texts" not in page.text
    [found] = [one for one in service.desk.get("/entries").json()["items"] if one["rule"] == "stay_limit"]
    path = f"/entries/{found['id']}"
    assert "90 days" in desk.get(path).text
    desk.send(f"{path}/review")
    assert "No version was shown on" in words_of(desk.get(f"{path}?day=2026-03-10"))
    desk.get(f"{path}/edit")
    typed = {"titles.nl": "Nieuw", "texts.nl": "Nieuwe tekst", "mark": "assumed", "version": "1"}
    typed |= {f"{part}.en": "New" for part in ("titles", "texts")}
    assert desk.send(f"{path}/edit", **typed).status_code == 200
    assert "You wrote this version" in desk.page.text
    adviser.get(f"{path}/edit")
    refused = adviser.send(f"{path}/edit", **typed | {"texts.nl": "Andere tekst"})
    assert refused.status_code == 412
    assert "Version 2 was written meanwhile" in words_of(refused)
    assert "Andere tekst" in refused.text
    assert adviser.send(f"{path}/edit", **typed | {"version": "2"}).status_code == 200
    assert desk.get("/entries").status_code == 200
    assert "Reflection" in desk.send("/entries/found", said="bedenktijden").text or "reflection" in desk.page.text


@pytest.mark.wide
@one_store
def test_page_costs_the_same_with_ten_years_of_calls(service):
    adviser = signed_in(service, "adviser")
    paths = ("/enquiries", "/enquiries/new", "/enquiries/figures", "/entries")
    service.adviser.made("/entries/first")
    enter(adviser, "done")
    for path in paths:
        adviser.get(path)
    few = {path: cost(service, adviser, path) for path in paths}
    with service.database.transaction() as session:
        session.add_all(years_of_calls(service.moment.at, 300, 2))
    assert {path: cost(service, adviser, path) for path in paths} == few
    assert all(statements <= MOST // 2 for _, statements, _ in few.values()), few
