"""Three workbooks as shelters keep them for themselves: rooms in one list, a sheet for each unit, and who sleeps where.

Everything in them is synthetic. They follow no template: titles, merged cells, totals, blocks with empty rows between,
headings and codes of their own, and sheets that are no register.
"""

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from openpyxl import Workbook

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | date | None

ROOM: list[Cell] = ["Locatie", "Afdeling", "Kamernr.", "Aantal bedden"]


def list_of_rooms() -> bytes:
    """Makes one list of a whole shelter. The location is merged over its rooms; there are totals after each block, a
    legend, and a hidden sheet of an earlier year.
    """
    book = _book()
    rooms = book.create_sheet("Kamerlijst 2026")
    _rows(
        rooms,
        [
            ["Kamerlijst Vrouwenopvang De Duinroos (bijgewerkt 12/2025)"],
            [],
            [*ROOM, "Bijzonderheden", "Doelgroep", "Rolstoel", "In gebruik sinds", "Tel. groep"],
            ["Huis Noord", "Crisis ", "101", 1, None, "vrouwen", "nee", "1-3-2026", "06-001"],
            [None, "crisis", "102", 1, "eigen badkamer", "vrouwen", "nee", "1 mrt 2026", "06-001"],
            [None, "Crisis", "103", "2 (1 in onderhoud)", None, "vrouwen", "ja", date(2026, 3, 1), "06-001"],
            [None, "CRISIS", "104", 2, "begane grond", "vrouwen", "ja", "12/2025", "06-001"],
            [None, "Crisis", "105", "3-persoons", None, "vrouwen", "nee", "1-3-2026", "06-001"],
            ["Totaal Noord", None, None, 9],
            [],
            [
                "Huis Zuid",
                "Moeder en kind",
                "201",
                "3-persoons",
                "babybed",
                "vrouw + kind",
                "nee",
                "1-3-2026",
                "06-002",
            ],
            [None, "Moeder en Kind ", "202", "4-persoons", None, "vrouw + kind", "nee", "1-3-2026", "06-002"],
            [None, "moeder en kind", "203", 3, "2 onder 1 kap", "vrouw + kind", "nee", date(2025, 12, 1), "06-002"],
            [None, "Moeder en kind", "204", 4, None, "vrouw + kind", "x", "1 dec 2025", "06-002"],
            [
                None,
                "Moeder en kind",
                "205",
                "2+1",
                "kinderbed erbij",
                "vrouw + kind",
                "nee",
                "1-12-2025",
                "06-002",
            ],
            [None, "Begeleid wonen", "206", 1, None, "vrouwen", "nee", "1-12-2025", "06-003"],
            [None, "Begeleid wonen", "207", 1, None, "vrouwen", "nee", "1-12-2025", "06-003"],
            [None, "Begeleid wonen ", "208", "1 ", "eigen keuken", "vrouwen", "nee", "1-12-2025", "06-003"],
            ["Totaal Zuid", None, None, 20],
            [],
            ["Totaal", None, None, 29],
        ],
    )
    rooms.merge_cells("A1:I1")
    rooms.merge_cells("A4:A8")
    rooms.merge_cells("A11:A18")
    _rows(
        book.create_sheet("Legenda"),
        [["x", "aanwezig"], ["2 (1 stuk)", "een bed stuk"], ["CO", "crisisopvang"]],
    )
    earlier = book.create_sheet("2024 oud")
    _rows(earlier, [ROOM, ["Huis Noord", "Crisis", "101", 2], ["Huis West", "Crisis", "301", 2]])
    earlier.sheet_state = "hidden"
    return _bytes(book)


def sheet_for_each_unit() -> bytes:
    """Makes a sheet of facts about the shelter, and a sheet for each unit, which no column names; the beds are in
    words.
    """
    book = _book()
    _rows(
        book.create_sheet("Algemeen"),
        [
            ["Opvanghuis De Wilg"],
            [],
            ["Stichting", "Stichting Wilgenrijk"],
            ["Plaats", "Zwolle"],
            ["Telefoon kantoor", "038-0000000"],
            ["Peildatum", date(2026, 3, 1)],
        ],
    )
    heading = ["Kamer", "Soort", "Begane grond", "Gezin mogelijk", "Opmerking"]
    blocks: dict[str, list[list[Cell]]] = {
        "Crisisopvang": [
            ["C1", "1-persoons", "x", "nee", None],
            ["C2", "1-persoons", "x", "nee", "raam klemt"],
            ["C3", "2-persoons", None, "nee", None],
            ["C4", "2-persoons", None, "ja", None],
            ["C5", "3-persoons", None, "ja", "slaapbank telt niet mee"],
        ],
        "Moeder & Kind ": [
            ["M1", "3-persoons", "x", "ja", None],
            ["M2", "3-persoons", None, "ja", None],
            ["M3", "4-persoons", None, "ja", "lekkage, klaar 12/2025"],
            ["M4", "4-persoons (1 bed stuk)", None, "ja", None],
            ["M5", "2-persoons", "x", "ja", None],
            ["M6", "2-persoons", "x", "ja", None],
        ],
        "jongeren 18-23": [
            ["J1", "1-persoons", None, "nee", None],
            ["J2", "1-persoons", None, "nee", None],
            ["J3", "eenpersoons", None, "nee", None],
            ["J4", "tweepersoons", None, "nee", None],
        ],
    }
    for name, rooms in blocks.items():
        half = len(rooms) // 2
        sheet = book.create_sheet(name)
        _rows(
            sheet,
            [
                [f"Afdeling {name.strip()}"],
                [],
                heading,
                *rooms[:half],
                [],
                *rooms[half:],
                ["Totaal", f"{len(rooms)} kamers"],
            ],
        )
        sheet.merge_cells("A1:E1")
    return _bytes(book)


def rooms_with_residents() -> bytes:
    """Makes two shelters of one foundation with their locations, units and rooms, and the residents by a code of the
    shelter's own.
    """
    book = _book()
    _rows(
        book.create_sheet("Opvangen"),
        [
            ["Opvang", "Stichting", "Sinds"],
            ["De Meerkoet", "Stichting Oeverland", "1-1-2020"],
            ["De Rietgors ", "Stichting Oeverland", "1 jan 2021"],
        ],
    )
    _rows(
        book.create_sheet("Huizen"),
        [
            ["Opvang", "Huis", "Plaats", "Telefoon"],
            ["De Meerkoet", "Oever 1", "Utrecht", "030-0000000"],
            ["De Meerkoet", "Oever 2", "Nieuwegein", "030-0000001"],
            ["de rietgors", "Kade", "Den Bosch", "073-0000000"],
        ],
    )
    _rows(
        book.create_sheet("Afdelingen"),
        [
            ["Huis", "Afdeling", "Soort opvang", "Doelgroep", "Leeftijd", "Kinderen", "Talen", "Bijzonderheden"],
            ["Oever 1", "COSM", "COSM", "vrouwen", "18+", "nee", "NL, EN", None],
            ["Oever 2", "Moeder-kind", "Wmo", "v", "18-65", "t/m 12", "Nederlands / Engels", "zwangeren welkom"],
            ["Kade", "Kade beneden", "vrouwenopvang", "Vrouwen ", "vanaf 18", "ja", "Nederlands, Arabisch", None],
            ["Kade", "Kade boven", "COSM", "m/v", "18+", "nee", "Nederlands en Engels", "24-uurs"],
        ],
    )
    rooms = book.create_sheet("Kamers")
    _rows(
        rooms,
        [
            ["Kamers per huis"],
            ["Huis", "Afdeling", "Kamernr.", "Aantal bedden", "Bijzonderheden"],
            ["Oever 1", "COSM", 1, 1, None],
            [None, "cosm ", 2, 1, None],
            [None, "COSM", 3, 2, "rolstoel"],
            [None, "COSM", 4, "2 (1 in onderhoud)", None],
            [],
            ["Oever 2", "Moeder-kind", 1, "3-persoons", "wiegje"],
            [None, "Moeder-kind", 2, "3-persoons", None],
            [None, "moeder kind", 3, 4, "eigen sanitair"],
            [],
            ["Kade", "Kade beneden", "B1", 2, "begane grond"],
            [None, "Kade beneden", "B2", 2, "begane grond"],
            [None, "Kade boven", "1.1", 1, None],
            [None, "Kade boven", "1.2", 1, None],
            ["TOTAAL", None, None, 22],
        ],
    )
    rooms.merge_cells("A3:A6")
    rooms.merge_cells("A8:A10")
    rooms.merge_cells("A12:A15")
    residents = book.create_sheet("Bezetting")
    _rows(
        residents,
        [
            ["Bezetting per 1 maart 2026 - vertrouwelijk"],
            [],
            ["Cliëntcode", "Gezin", "M/V", "Lft", "Huis", "Kamer", "Instroom", "Taal", "Mobiel"],
            ["OE-01", 1, "V", 24, "Oever 1", 1, "1-2-2026", "Engels", "06-00011"],
            ["OE-02", 2, "v", 31, "Oever 1", 2, "3 feb 2026", "Frans", "06-00012"],
            ["OE-03", 3, "Vrouw", 19, "Oever 1", 3, date(2026, 2, 20), "Tigrinya", None],
            [None, None, None, None, "Oever 1", 4, None, "leeg", None],
            ["OE-04", 4, "V", 28, "Oever 2", 1, "12/2025", "Spaans", "06-00013"],
            ["OE-04a", 4, "M", "4 jr", "Oever 2", 1, "12/2025", None, None],
            ["OE-04b", 4, "V", "8 mnd", "Oever 2", 1, "12/2025", None, None],
            ["OE-05", 5, "V", 35, "Oever 2", 2, "15-1-2026", "Arabisch", None],
            ["OE-05a", 5, "V", 6, "Oever 2", 2, "15-1-2026", None, None],
            ["RG-01", 6, "V", "1998", "Kade", "B1", "10-02-26", "Nederlands", None],
            ["RG-02", 7, "V", 42, "Kade", "B2", date(2026, 1, 8), "Roemeens", None],
            ["RG-03", 8, "M", 26, "Kade", "1.1", "8 jan. 2026", "Pools", None],
            ["Totaal", "8 gezinnen", None, 11],
        ],
    )
    residents.merge_cells("A1:I1")
    archive = book.create_sheet("Uitgestroomd")
    _rows(archive, [["Cliëntcode", "Uitstroom", "Naar"], ["OE-90", "3-12-2025", "eigen woning"]])
    archive.sheet_state = "hidden"
    return _bytes(book)


def _book() -> Workbook:
    """Makes a workbook without a sheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    return book


def _rows(sheet: "Worksheet", rows: list[list[Cell]]) -> None:
    """Writes the rows from the first on; an empty list is an empty row."""
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)


def _bytes(book: Workbook) -> bytes:
    """Returns the book as a file."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()
