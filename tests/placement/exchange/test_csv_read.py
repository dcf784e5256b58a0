"""CSV files in the encodings and separators of the programs that people have; others are refused in clear words."""

import pytest

from placement.core.errors import Invalid
from placement.exchange import csv_read
from tests.support.exchange.books import placed, read

TEXT = "Unit;Kamer;Bedden\r\nCliënten;één;2\r\n"


def rows(content: bytes):
    return [dict(row.values) for row in read(content, "kamers.csv").tables[0].rows]


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as wrong:
        read(content, "kamers.csv")
    return wrong.value.faults[0].code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_in_each_encoding_is_read(encoding):
    assert rows(TEXT.encode(encoding)) == [{"unit": "Cliënten", "name": "één", "beds": 2}]


def test_csv_utf_16_of_either_order_is_read():
    assert rows(b"\xfe\xff" + TEXT.encode("utf-16-be")) == rows(TEXT.encode())


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separator_is_that_of_all_rows_whatever_the_cells_have(separator):
    others = [one for one in ("a;b;c;d", "a|b|c|d", "a, b, c, d") if separator not in one]
    lines = [
        ["Unit", "Kamer", "Bedden", "Opmerking"],
        *(["N", str(number), "2", of] for number, of in enumerate(others)),
    ]
    found = rows("\r\n".join(separator.join(line) for line in lines).encode())
    assert found == [{"unit": "N", "name": str(number), "beds": 2} for number in range(len(others))]


def test_csv_taken_for_windows_1252_says_so():
    found = read(TEXT.encode("cp1252"), "kamers.csv").findings
    assert placed(found) == {("import_read_as_windows_1252", None, "", False)}


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8").decode("cp1252").encode("utf-8"),
        TEXT.replace("ë", "\ufffd").encode(),
        b"Unit;Kamer\x00;Bedden\r\n",
        b"\xff\xfea",
        b"%PDF-1.7\n\x00\x01\x02",
    ],
    ids=[
        "utf-8 twice",
        "letters lost",
        "zero byte",
        "half a letter",
        "another file",
    ],
)
def test_csv_in_a_wrong_encoding_is_refused(content):
    assert refused(content) == "import_wrong_encoding"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_with_each_separator_is_read(separator):
    assert rows(TEXT.replace(";", separator).encode()) == [{"unit": "Cliënten", "name": "één", "beds": 2}]


def test_csv_that_names_its_separator_keeps_the_row_numbers():
    content = b"sep=|\r\nUnit|Kamer|Bedden\r\nN|a;b;c;d;e|x\r\n"
    assert placed(read(content, "kamers.csv").findings) == {("import_not_whole", 3, "C", True)}


def test_csv_with_line_breaks_in_a_cell_counts_it_as_one_row():
    content = b'Unit;Kamer;Bedden\r\n"N\r\nZ";1;2\r\nN;2;x\r\n'
    assert placed(read(content, "kamers.csv").findings) == {("import_not_whole", 3, "C", True)}


@pytest.mark.parametrize(
    "content", [b'Unit;Kamer;Bedden\r\n"N;1;2\r\n', b'Unit;Kamer;Bedden\r\n"N"x;1;2\r\n', b"x" * 200_000]
)
def test_csv_with_a_wrong_quotation_mark_is_refused(content):
    assert refused(content) == "import_csv_broken"


def test_csv_one_row_too_many_is_refused(monkeypatch):
    monkeypatch.setattr(csv_read, "MOST_ROWS", 2)
    assert rows(TEXT.encode())
    assert refused((TEXT + "N;2;1\r\n").encode()) == "import_too_many_rows"


def test_csv_column_too_many_is_refused():
    assert refused(b"Unit;Kamer;Bedden\r\n" + b";" * 200) == "import_too_many_columns"


def test_csv_without_a_letter_is_refused_as_empty():
    assert refused(b"") == "import_file_empty"
    assert refused(b"\r\n;;\r\n") == "import_file_empty"
