"""Cells as people write them: one table a kind of value."""

from datetime import date, datetime, time

import pytest

from placement.core.codes import Gender, RoomFeature, Scheme, Specialism
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Grid
from placement.exchange.sheets import SHEETS, Column, Kind
from placement.exchange.values import Read, Unreadable

SPRING = date(2026, 3, 1)


def value(kind, cell, **more):
    return Read(Column("x", kind, "x", **more), Grid("", []), "nl", {}).value(cell)


def fault(kind, cell, **more):
    with pytest.raises(Unreadable) as wrong:
        value(kind, cell, **more)
    return wrong.value


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01", "2026/3/1", "1-3-2026", "01-03-2026", "1/3/2026", "1.3.2026", "1 3 2026", "1 mrt 2026",
        "1 mrt. 2026", "1 maart 2026", "1-mrt-2026", "1 Mar 2026", "March 1, 2026", "2026-03-01 00:00:00",
        datetime(2026, 3, 1),  # noqa: DTZ001 - as a spreadsheet has it
        SPRING, 46_082, 46_082.0,
    ],
)  # fmt: skip
def test_day_as_people_write_it_is_read(cell):
    assert value(Kind.DAY, cell) == SPRING


def test_day_as_a_number_is_said():
    read = Read(SHEETS["rooms"].column("opens_on"), Grid("", []), "nl", {})
    assert read.value(46_082) == SPRING
    assert read.notes == [("import_number_read_as_day", {"found": "46082", "day": "2026-03-01"})]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1-3-26", "import_year_too_short"),
        ("3/14/2026", "import_not_a_day"),
        ("31-2-2026", "import_not_a_day"),
        ("maart", "import_not_a_day"),
        ("1 foo 2026", "import_not_a_day"),
        ("1-1-0001", "import_not_a_day"),
        (20_260_301, "import_number_is_no_day"),
        (2026, "import_number_is_no_day"),
        (float("nan"), "import_number_is_no_day"),
        (True, "import_not_a_day"),
        (time(9, 30), "import_not_a_day"),
    ],
)
def test_day_that_is_none_says_what_to_write(cell, code):
    assert fault(Kind.DAY, cell).code == code


@pytest.mark.parametrize("cell", ["ja", "Ja", "J", "x", "X", "yes", True, "1", 1])
def test_yes_in_its_forms_is_read(cell):
    assert value(Kind.YES_NO, cell) is True


@pytest.mark.parametrize("cell", ["nee", "N", "no", False, "0", 0])
def test_no_in_its_forms_is_read(cell):
    assert value(Kind.YES_NO, cell) is False


def test_yes_or_no_that_is_neither_is_named():
    assert fault(Kind.YES_NO, "misschien").code == "import_not_yes_or_no"


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "--", "n.v.t.", "N/A", "onbekend", "?"])
def test_cell_that_says_nothing_is_empty(cell):
    assert value(Kind.TEXT, cell) is None


@pytest.mark.parametrize(("cell", "number"), [(2, 2), (2.0, 2), ("2", 2), (" 2 ", 2), ("2,0", 2), ("'+2", 2)])
def test_whole_number_is_read(cell, number):
    assert value(Kind.WHOLE, cell) == number


@pytest.mark.parametrize("cell", [2.5, "2,5", "twee", "2 bedden", True, "1e3", float("inf")])
def test_whole_number_that_is_none_is_named(cell):
    assert fault(Kind.WHOLE, cell).code in {"import_not_whole", "import_not_within"}


def test_whole_number_outside_its_limits_is_named():
    wrong = fault(Kind.WHOLE, 130, most=120)
    assert (wrong.code, wrong.facts) == ("import_not_within", {"found": "130", "least": 0, "most": 120})


@pytest.mark.parametrize(
    "cell", ["2 (1 in onderhoud)", "2, waarvan 1 buiten gebruik", "2 (waarvan 1 kapot)", "2 (1 out of service)"]
)
def test_beds_in_repair_count_and_are_said(cell):
    read = Read(SHEETS["rooms"].column("beds"), Grid("", []), "nl", {})
    assert read.value(cell) == 2
    assert read.notes == [("import_beds_out_of_service", {"found": cell, "beds": 2, "out": 1})]


@pytest.mark.parametrize("cell", ["2 (1 stapelbed)", "2 + 1", "2 of 3", "2-persoons plus wieg", "1 (2 in onderhoud)"])
def test_beds_that_are_not_clear_say_what_to_write(cell):
    wrong = fault(Kind.BEDS, cell)
    assert (wrong.code, wrong.facts["beds"]) == ("import_beds_unclear", int(cell[0]))


@pytest.mark.parametrize("cell", ["3-persoons", "3 persoons", "3-Persoonskamer", "3p.", "3 bedden", "3 beds"])
def test_beds_in_words_with_a_number_are_said(cell):
    read = Read(SHEETS["rooms"].column("beds"), Grid("", []), "nl", {})
    assert read.value(cell) == 3
    assert read.notes == [("import_beds_in_words", {"found": cell, "beds": 3})]


def test_beds_in_words_outside_their_limits_are_named():
    assert fault(Kind.BEDS, "120-persoons", most=50).code == "import_not_within"


def test_beds_without_a_number_are_named():
    assert fault(Kind.BEDS, "veel").code == "import_not_whole"


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        (Scheme, "COSM", Scheme.COSM), (Scheme, "vrouwenopvang", Scheme.WOMENS), (Scheme, "womens", Scheme.WOMENS),
        (Scheme, "Maatschappelijke  Opvang", Scheme.SOCIAL), (Gender, "V", Gender.FEMALE), (Gender, "man", Gender.MALE),
        (Gender, "Women", Gender.FEMALE),
    ],
)  # fmt: skip
def test_code_by_label_or_other_word_is_read(kind, cell, code):
    assert value(Kind.CODE, cell, codes=kind) is code


def test_code_nearly_written_is_asked_about():
    wrong = fault(Kind.CODE, "Vrouwen opvagn", codes=Scheme)
    assert (wrong.code, wrong.facts["near"]) == ("import_code_like", "Vrouwenopvang")


def test_code_unknown_lists_what_there_is():
    wrong = fault(Kind.CODE, "hotel", codes=Gender)
    assert (wrong.code, wrong.facts["expected"]) == ("import_code_unknown", ["vrouw", "man", "anders"])


@pytest.mark.parametrize(
    "cell", ["vrouw, man", "vrouwen en mannen", "v/m", "Vrouw; man;", "female\nmale", "man and woman"]
)
def test_codes_of_a_list_are_read(cell):
    assert set(value(Kind.CODES, cell, codes=Gender)) == {Gender.FEMALE, Gender.MALE}


def test_codes_with_a_word_that_joins_in_a_label_are_one():
    assert value(Kind.CODES, "moeder en kind", codes=Specialism) == (Specialism.FAMILY,)


def test_codes_by_somebodys_own_words_are_read():
    column = Column("x", Kind.CODES, "x", codes=RoomFeature)
    read = Read(column, Grid("", []), "nl", {plain("gelijkvl."): "ground_floor"})
    assert read.value("gelijkvl. + rolstoel") == (RoomFeature.GROUND_FLOOR, RoomFeature.WHEELCHAIR)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("Nederlands, Engels en Tigrinya", ("nl", "en", "ti")),
        ("nl;en", ("nl", "en")),
        ("*", ("*",)),
        ("alle", ("*",)),
        ("Arabic", ("ar",)),
        ("pt-BR", ("pt-BR",)),
    ],
)
def test_languages_by_name_or_code_are_read(cell, codes):
    assert value(Kind.LANGUAGES, cell) == codes


def test_languages_nearly_written_are_asked_about():
    assert fault(Kind.LANGUAGES, "Tigrinia").facts["near"] == "Tigrinya"


@pytest.mark.parametrize(
    ("cell", "text"), [(12, "12"), (12.0, "12"), ("'=1+1", "=1+1"), ("'t Huis", "'t Huis"), ("a\x00b\ud800", "ab")]
)
def test_text_is_as_it_was_written(cell, text):
    assert value(Kind.TEXT, cell) == text


def test_text_longer_than_its_column_is_named():
    assert fault(Kind.TEXT, "x" * 101).code == "import_text_too_long"


@pytest.mark.parametrize("cell", ["52,1", "52.1", 52.1])
def test_decimal_with_either_mark_is_read(cell):
    assert value(Kind.DECIMAL, cell) == 52.1


@pytest.mark.parametrize("cell", ["noord", "nan", True])
def test_decimal_that_is_none_is_named(cell):
    assert fault(Kind.DECIMAL, cell).code == "import_not_number"
