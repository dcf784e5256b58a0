"""Headings, sheets and rows of a foreign file: found, or named with what is probably meant."""

import pytest

from placement.core.errors import Invalid
from placement.exchange.answers import read_answers
from placement.exchange.cell_vocabulary import heading, names_of, title
from placement.exchange.mapping import read_mapping
from placement.exchange.sheets import SHEETS
from placement.text.catalogue import languages
from tests.support.exchange.books import book, placed, read, saved

HEAD = ["Unit", "Kamer", "Bedden"]


def of(*rows, sheet="Kamers", **more):
    return read(saved(book(**{sheet: rows})), **more)


@pytest.mark.wide
@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("language", languages())
def test_sheet_and_headings_in_each_language_are_known(name, language):
    for sheet in names_of("sheet", name, language):
        head = [heading(column, language) for column in SHEETS[name].columns]
        found = of(head, sheet=sheet[:31])
        assert ([table.sheet.name for table in found.tables], found.findings) == ([name], [])
        assert list(found.tables[0].letters) == [column.name for column in SHEETS[name].columns]


def test_headings_with_other_letters_are_the_same():
    assert of(["UNIT ", "kamer-nr.", "aantal_bedden"], ["N", "1", 2]).findings == []


def test_heading_nearly_known_is_asked_about_and_not_read():
    found = of([*HEAD, "Voorzieninge"], ["N", "1", 2, "bg"])
    assert placed(found.findings) == {("import_heading_like", 1, "D", False)}
    assert found.findings[0].facts == {
        "found": "Voorzieninge",
        "near": heading(SHEETS["rooms"].column("features"), "nl"),
    }
    assert "features" not in found.tables[0].rows[0].values


def test_heading_unknown_is_named():
    assert placed(of([*HEAD, "Telefoon"], ["N", "1", 2, "x"]).findings) == {("import_heading_unknown", 1, "D", False)}


def test_heading_missing_is_named_once():
    found = of(["Unit", "Kamer"], ["N", "1"], ["N", "2"])
    assert placed(found.findings) == {("import_heading_missing", 1, "", True)}
    assert found.findings[0].facts == {"missing": "Bedden"}


def test_heading_twice_is_refused():
    assert ("import_heading_twice", 1, "D", True) in placed(of([*HEAD, "Aantal bedden"], ["N", "1", 2, 3]).findings)


def test_sheet_without_headings_is_refused():
    assert placed(of(["a", "b"], ["c", "d"]).findings) == {("import_no_headings", None, "", True)}


def test_value_missing_is_named_at_its_place():
    assert placed(of(HEAD, ["N", None, 2], ["N", "-", 2]).findings) == {
        ("import_value_missing", 2, "B", True),
        ("import_value_missing", 3, "B", True),
    }


def test_value_in_a_column_without_heading_is_said():
    assert placed(of([*HEAD, None], ["N", "1", 2, "let op"]).findings) == {
        ("import_value_without_heading", 2, "D", False)
    }


def test_rows_that_are_empty_or_totals_are_no_rows():
    found = of(HEAD, ["N", "1", 2], [None, " ", None], ["Totaal", None, 2])
    assert [row.number for row in found.tables[0].rows] == [2]
    assert placed(found.findings) == {("import_total_left_out", 4, "", False)}


def test_rows_that_begin_with_total_and_lack_a_value_are_none():
    found = of(HEAD, ["Totaal noord", None, 3], ["Subtotaal:", None, 3], ["Totaal Wonen", "1", 2], ["Noord", None, 3])
    assert [row.values["unit"] for row in found.tables[0].rows] == ["Totaal Wonen", "Noord"]
    assert placed(found.findings) == {
        ("import_total_left_out", 2, "", False),
        ("import_total_left_out", 3, "", False),
        ("import_value_missing", 5, "B", True),
    }


def test_sheet_with_any_name_is_known_by_its_headings():
    assert [table.sheet.name for table in of(HEAD, ["N", "1", 2], sheet="Blad1").tables] == ["rooms"]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_sheet_that_is_hidden_is_not_read_and_asked_about(state):
    made = book(Kamers=[HEAD, ["N", "1", 2]], Oud=[HEAD, ["N", "1", 3]])
    made["Oud"].sheet_state = state
    found = read(saved(made))
    assert [table.name for table in found.tables] == ["Kamers"]
    assert placed(found.findings) == {("import_ask_hidden_sheet", None, "", True)}
    assert (found.findings[0].question, found.findings[0].guess) == ("Oud?hidden_sheet", "")
    answered = read(saved(made), answers=read_answers(["Oud?hidden_sheet=rooms"]))
    assert ([table.name for table in answered.tables], answered.findings) == (["Kamers", "Oud"], [])


def test_sheet_that_is_hidden_is_read_where_mapped():
    made = book(Kamers=[HEAD, ["N", "1", 2]], Oud=[HEAD, ["N", "2", 3]])
    made["Oud"].sheet_state = "hidden"
    found = read(saved(made), given=read_mapping(b'[sheets.Oud]\nis = "rooms"'))
    assert ([table.name for table in found.tables], found.findings) == (["Kamers", "Oud"], [])


def test_sheet_too_many_is_named():
    found = read(saved(book(Kamers=[HEAD], Rooster=[["Maandag", "Jan"]], Leeg=[])))
    assert placed(found.findings) == {("import_sheet_unknown", None, "", True)}
    assert found.findings[0].sheet == "Rooster"


def test_sheet_nearly_known_is_asked_about():
    [finding] = of(["Maandag"], sheet="Wachtenden 2").findings
    assert (finding.code, finding.facts) == ("import_sheet_like", {"near": title("waiting", "nl")})


MAP = """
[sheets."Overzicht 2026"]
is = "rooms"
[sheets."Overzicht 2026".columns]
"Groepje" = "unit"
"Nr" = "name"
"Plek" = "beds"
"Unit" = ""
"Extra" = "features"
[sheets."Overzicht 2026".values.features]
"gelijkvl." = "ground_floor"
[sheets."Rooster"]
is = ""
"""
OWN = [["Groepje", "Nr", "Plek", "Unit", "Extra"], ["N", "1", 2, "zomaar", "gelijkvl., rolstoel"]]


def test_mapping_gives_somebodys_columns_their_meaning():
    content = saved(book(**{"Overzicht 2026": OWN, "Rooster": [["Maandag"]]}))
    found = read(content, given=read_mapping(MAP.encode()))
    values = found.tables[0].rows[0].values
    assert (values["unit"], values["name"], values["beds"]) == ("N", "1", 2)
    assert list(values["features"]) == ["ground_floor", "wheelchair"]
    assert placed(found.findings) == {("import_sheet_left_out", None, "", False)}


def test_mapping_that_was_kept_is_found_by_the_headings():
    given = read_mapping(MAP.encode())["overzicht2026"]
    first = of(*OWN, sheet="Overzicht 2026", given={"overzicht2026": given}).tables[0]
    again = of(["Anders genoemd"], OWN[0][::-1], OWN[1][::-1], sheet="Blad7", kept={first.fingerprint: given})
    assert [dict(row.values) for row in again.tables[0].rows] == [dict(row.values) for row in first.rows]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[sheets.", "map"),
        ("x = 1", "map"),
        ('[sheets."A"]\nis = "kamer"', "map.sheets.A.is"),
        ('[sheets."A"]\nis = "rooms"\n[sheets."A".columns]\n"B" = "bed"', "map.sheets.A.columns.B"),
        ('[sheets."A"]\nis = "rooms"\n[sheets."A".columns]\n"B" = ["beds"]', "map.sheets.A.columns.B"),
        ("a = " + "[" * 2000, "map"),
        ('[sheets."A".columns]\n"B" = "beds"', "map.sheets.A.is"),
        ('[sheets."A"]\nis = "rooms"\ncolumns = 3', "map.sheets.A.columns"),
        ('[sheets."A"]\nis = "rooms"\n[sheets."A".values.beds]\n"x" = "2"', "map.sheets.A.values.beds"),
    ],
)
def test_mapping_that_means_nothing_is_refused_by_name(text, where):
    with pytest.raises(Invalid) as wrong:
        read_mapping(text.encode())
    assert [fault.field for fault in wrong.value.faults] == [where]


def test_mapping_without_what_a_sheet_is_names_the_sheet():
    with pytest.raises(Invalid) as wrong:
        read_mapping(b'[sheets."Kamers 2026".columns]\n"B" = "beds"')
    [fault] = wrong.value.faults
    assert (fault.code, fault.facts["sheet"]) == ("import_map_without_is", "Kamers 2026")
