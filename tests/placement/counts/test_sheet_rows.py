"""The rows of a registrant's list, as people write them."""

from datetime import date

import pytest

from placement.counts.persons import Person
from placement.counts.sheet_rows import in_order, read_sheet

TODAY = date(2026, 11, 24)
CELLS = {
    "Maand": "2026-10",
    "Melder": "NP",
    "Vorm van uitbuiting": "arbeidsuitbuiting en overige dienstverlening",
    "Sector": "Bouw",
    "Leeftijd": "24-29",
    "Land van herkomst": "PL",
    "Grondslag": "police_data",
    "Naam": "Merel, Z.",
    "Geboortedatum": "1-5-1999",
}
HEADINGS, RIGHT = [*CELLS], [*CELLS.values()]


def with_cell(column, written):
    return [written if one == HEADINGS.index(column) else cell for one, cell in enumerate(RIGHT)]


def test_words_and_codes_of_both_languages_are_read():
    found = read_sheet([[], HEADINGS, RIGHT, [""] * 9], TODAY)
    assert found.faults == []
    [row] = found.rows
    assert (row.number, row.person) == (3, Person("Merel, Z.", date(1999, 5, 1)))
    assert (row.facts.month, row.facts.exploitation, row.facts.sector) == (date(2026, 10, 1), "labour", "construction")
    assert (row.facts.origin, row.facts.gender, row.facts.file) == ("PL", "unknown", "count_only")
    english = ["month", "Form of exploitation", "Ground", "Means of control", "Minor alone", "age"]
    cells = ["2026-03-01", "sexual exploitation", "consent", "debt bondage; TakesEarnings", "ja", "12-17"]
    [fault] = read_sheet([english, cells], TODAY).faults
    assert fault.fault.code == "count_sector_missing"
    english[2] = "ground"
    [row] = read_sheet([[*english, "sector"], [*cells, "unknown"]], TODAY).rows
    assert (row.facts.means, row.facts.alone) == (("DebtBondage", "TakesEarnings"), True)


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("Maand", "herfst", "count_month_wrong"),
        ("Maand", "2026-12", "count_month_in_future"),
        ("Maand", "2025-12", "count_other_year"),
        ("Sector", "dakdekken", "count_code_unknown"),
        ("Sector", "geen sector", "count_sector_missing"),
        ("Vorm van uitbuiting", "", "count_code_unknown"),
        ("Land van herkomst", "AN", "count_code_abolished"),
        ("Geboortedatum", "31-2-1999", "count_day_wrong"),
        ("Geboortedatum", "", "count_person_without_day"),
        ("Naam", "", "count_person_without_name"),
    ],
)
def test_wrong_cell_is_a_fault_with_its_place(column, written, code):
    found = read_sheet([HEADINGS, with_cell(column, written)], TODAY, 2026)
    assert found.rows == []
    assert [(one.number, one.fault.code) for one in found.faults] == [(2, code)]
    assert found.faults[0].column == HEADINGS.index(column) + 1


def test_missing_heading_stops_the_list():
    found = read_sheet([HEADINGS[1:], RIGHT[1:]], TODAY)
    assert [(one.number, one.fault.field, one.fault.code) for one in found.faults] == [
        (1, "month", "count_heading_missing")
    ]


@pytest.mark.wide
def test_300_wrong_rows_of_5000_become_a_few_kinds_of_faults():
    wrong = [with_cell("Sector", "dakdekken"), with_cell("Maand", "2025-11"), with_cell("Leeftijd", "dertig")]
    rows = [wrong[number % 3] if number < 300 else RIGHT for number in range(5000)]
    found = read_sheet([HEADINGS, *rows], TODAY, 2026)
    assert (len(found.rows), len({one.number for one in found.faults})) == (4700, 300)
    assert [(one.fault.code, rows) for one, rows in in_order(found.faults)] == [
        ("count_code_unknown", 100),
        ("count_other_year", 100),
        ("count_code_unknown", 100),
    ]
