"""The pages of an import: a file is given, its questions are answered, and it is carried out or given up."""

import io

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from placement.exchange.grid import LONGEST_FILE
from placement.tables import Room
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.exchange.books import book, saved
from tests.support.stores import one_store

pytestmark = one_store

HEAD = ["Unit", "Kamer", "Bedden"]


@pytest.fixture
def desk(service):
    reader = signed_in(service, "desk")
    reader.get("/import")
    return reader


def rooms(service, name="Zolder"):
    with service.database.transaction() as session:
        return session.exec(select(Room).where(Room.name == name)).all()


def go_on(desk, **filled):
    """Sends the form of the import that the page shows."""
    return desk.send(desk.page.url.path, **filled)


def rooms_like(service, begins):
    with service.database.transaction() as session:
        return [room for room in session.exec(select(Room)).all() if room.name.startswith(begins)]


def a_unit(service):
    with service.database.transaction() as session:
        return session.exec(select(Room.unit_id).order_by(Room.id)).first()


@pytest.mark.wide
def test_import_is_tried_then_carried_out_then_nothing_new(service, desk):
    content = saved(book(Kamers=[HEAD, [a_unit(service), "Zolder", 2]]))
    tried = desk.send("/import", files={"file": ("kamers.xlsx", content)})
    assert "This was a trial: nothing is changed. Changes: 1, faults: 0." in words_of(tried)
    assert rooms(service) == []
    done = go_on(desk, carry_out="yes")
    assert "Done. Changes: 1, faults: 0." in words_of(done)
    assert len(rooms(service)) == 1
    assert 'name="carry_out"' not in done.text
    again = desk.send("/import", files={"file": ("kamers.xlsx", content)})
    assert "Changes: 0, faults: 0." in words_of(again)


@pytest.mark.wide
def test_import_with_faults_shows_each_and_no_way_on(service, desk):
    content = saved(book(Kamers=[HEAD, [a_unit(service), "Zolder", "veel"]]))
    shown = desk.send("/import", files={"file": ("kamers.xlsx", content)})
    assert "veel is not a whole number" in words_of(shown)
    assert 'name="carry_out"' not in shown.text


@pytest.mark.wide
def test_improbable_number_of_a_file_is_confirmed_on_the_page(desk):
    content = saved(book(Opvang=[["Opvang", "Aanbieder", "Telefoon"], ["De Berk", "Stichting Berk", "030 12345"]]))
    asked = desk.send("/import", files={"file": ("opvang.xlsx", content)})
    assert "This number has 8. Is it right?" in words_of(asked)
    assert 'name="sure_of" value="030 12345">' in asked.text
    assert 'name="carry_out"' not in asked.text
    assert "This number has 8." in words_of(go_on(desk))  # not ticked
    sure = go_on(desk, sure_of="030 12345")
    assert "This was a trial: nothing is changed. Changes: 2, faults: 0." in words_of(sure)
    assert "Done." in words_of(go_on(desk, carry_out="yes"))


@pytest.mark.wide
def test_unknown_sheet_and_headings_are_answered_from_lists(service, desk):
    content = saved(book(Overzicht=[["Groepje", "Nr", "Plekken"], [a_unit(service), "Zolder", 2]]))
    asked = desk.send("/import", files={"file": ("eigen.xlsx", content)})
    assert '<option value="Overzicht=rooms">Rooms</option>' in asked.text
    assert 'name="carry_out"' not in asked.text
    columns = go_on(desk, means="Overzicht=rooms").text
    assert '<option value="Overzicht!A1=unit" selected>Unit</option>' in columns  # a guess, to be confirmed
    assert "such as: Zolder" in columns
    means = ["Overzicht=rooms", "Overzicht!A1=unit", "Overzicht!B1=name", "Overzicht!C1=beds"]
    seen = go_on(desk, means=means)
    assert "This was a trial: nothing is changed. Changes: 1, faults: 0." in words_of(seen)
    assert "Zolder 1 2" in words_of(seen)
    assert "Total 1 2" in words_of(seen)
    # an answer that was not tried yet is tried first
    other = go_on(desk, carry_out="yes", means=[*means[:3], "Overzicht!C1="])
    assert (rooms(service), "The column Beds is missing" in words_of(other)) == ([], True)
    go_on(desk, means=means)
    assert "Done." in words_of(go_on(desk, carry_out="yes"))
    assert len(rooms(service)) == 1


@pytest.mark.wide
def test_list_in_its_own_form_is_shown_asked_about_and_imported(service, desk):
    head = ["Aanbieder", "Huis", "Groep", "Kamer", "Bedden", "Plaats", "Voor wie", "Bewoner"]
    rows = [
        ["Stichting Oost", "De Wulp", "Vrouwen", "Kamer 1", "4 (waarvan 1 gezin)", "Arnhem", "V 18+", "m.b."],
        [None, None, None, "Kamer 2", 2, None, None, None],
        ["Totaal", None, None, None, 6],
    ]
    content = saved(book(Plekken=[head, *rows]))
    asked = desk.send("/import", files={"file": ("eigen.xlsx", content)})
    assert "Questions: 2. Answer them below." in words_of(asked)
    assert '<option value="Plekken?E2=3+1">2 rooms, with 3+1 beds</option>' in asked.text
    assert '<option value="Plekken!G1=admits" selected>' in asked.text
    assert "V 18+ → From age: 18; Admits: woman" in words_of(asked)
    assert ("m.b." in asked.text, 'name="carry_out"' in asked.text) == (False, False)
    means = ["Plekken?E2=3+1", "Plekken?scheme=cosm"]
    seen = go_on(desk, means=means)
    assert "Plekken 4 6 6" in words_of(seen)
    assert "Done." in words_of(go_on(desk, carry_out="yes"))
    assert {"Kamer 1 1", "Kamer 1 2", "Kamer 2"} <= {room.name for room in rooms_like(service, "Kamer")}


@pytest.mark.wide
def test_town_that_is_not_offered_is_typed(desk):
    head = ["Aanbieder", "Huis", "Groep", "Kamer", "Bedden", "Voor wie"]
    content = saved(book(Plekken=[head, ["Stichting Oost", "De Wulp", "Vrouwen", "Kamer 1", 2, "V 18+"]]))
    asked = desk.send("/import", files={"file": ("eigen.xlsx", content)}).text
    assert ('name="typed Plekken?town dewulp"' in asked, "Plekken?town dewulp=Hoogeveen" in asked) == (True, False)
    unknown = go_on(desk, **{"means": ["Plekken?scheme=cosm"], "typed Plekken?town dewulp": "Atlantis"})
    assert 'name="typed Plekken?town dewulp"' in unknown.text
    go_on(desk, **{"typed Plekken?town dewulp": "hoogeveen"})
    assert "Done." in words_of(go_on(desk, carry_out="yes"))


@pytest.mark.wide
@pytest.mark.parametrize(
    ("place", "told"), [("Roterdam", "Did you mean: Rotterdam?"), ("Atlantis", "Choose a place nearby.")]
)
def test_desk_is_told_which_place_an_import_may_mean(desk, place, told):
    content = saved(book(Locaties=[["Opvang", "Locatie", "Plaats"], ["S01", "Nieuw", place]]))
    shown = words_of(desk.send("/import", files={"file": ("locaties.xlsx", content)}))
    assert f"{place} is not in the list of places. {told}" in shown
    assert "lat" not in shown.partition(place)[2].partition(told)[0]


@pytest.mark.wide
def test_import_with_a_mapping_carries_it_to_the_second_form(service, desk):
    content = saved(book(Overzicht=[["Groepje", "Nr", "Plek"], [a_unit(service), "Zolder", 1]]))
    mapping = b'[sheets.Overzicht]\nis = "rooms"\ncolumns = { Groepje = "unit", Nr = "name", Plek = "beds" }\n'
    desk.send("/import", files={"file": ("eigen.xlsx", content), "map": ("eigen.toml", mapping)})
    assert "Done." in words_of(go_on(desk, carry_out="yes"))
    assert len(rooms(service)) == 1


@pytest.mark.wide
@pytest.mark.parametrize(
    ("files", "words"),
    [
        (None, "Choose a file."),
        ({"file": ("", b"")}, "Choose a file."),
        ({"file": ("x.csv", b"")}, "This file is empty. Open it"),
        ({"file": ("x.csv", bytes(LONGEST_FILE + 1))}, "This file is larger than 20 MB"),
        ({"file": ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")}, "This file is damaged"),
        ({"file": ("x.csv", b"x"), "map": ("x.toml", b"=")}, "This is not a valid mapping"),
    ],
    ids=["nothing", "no name", "empty", "too large", "old", "a broken mapping"],
)
def test_import_of_no_file_says_so_at_its_field(desk, files, words):
    shown = desk.send("/import", files=files)
    assert shown.status_code == 400
    assert words in words_of(shown)


@pytest.mark.wide
def test_import_is_given_up_and_another_taken_back(service, desk):
    content = saved(book(Kamers=[HEAD, [a_unit(service), "Zolder", 2]]))
    desk.send("/import", files={"file": ("kamers.xlsx", content)})
    there = desk.page.url.path
    desk.get("/import")
    assert f'<a href="{there}">kamers.xlsx</a>' in desk.page.text
    desk.get(there)
    assert "Imports under way" not in words_of(desk.send(f"{there}/give-up"))
    assert desk.get(there).status_code == 404
    desk.get("/import")
    desk.send("/import", files={"file": ("kamers.xlsx", content)})
    there = desk.page.url.path
    go_on(desk, carry_out="yes")
    desk.get("/import")
    assert "taken back" in words_of(desk.send(there.replace("/import/", "/import/records/") + "/take-back"))
    assert [one.status.value for one in rooms(service)] == ["closed"]


@pytest.mark.wide
def test_template_and_register_are_workbooks(desk):
    for path, first in (("/import/template", "Shelters"), ("/import/register", "Shelters")):
        answer = desk.get(path)
        assert load_workbook(io.BytesIO(answer.content)).sheetnames[0] == first
    content = answer.content
    desk.get("/import")
    shown = desk.send("/import", files={"file": ("register.xlsx", content)})
    assert "Changes: 0" in words_of(shown)
