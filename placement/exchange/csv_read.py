"""The reader of CSV files. It detects the encoding and the separator."""

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from contextlib import suppress
from itertools import islice

from placement.exchange.grid import MOST_COLUMNS, MOST_ROWS, Finding, Grid, require_few_cells, unreadable

_SEPARATORS = ";,\t|~^¦"
_SAID = re.compile(r"sep=(.)\r?\n")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TWICE = re.compile(r"[ÃÂ][\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u2018\u2019\u201c\u201d]")
"""Pairs of characters that appear if a file in UTF-8 was read as Windows-1252 and saved again."""
_LOST = "\ufffd"
_OLDER = ("cp1252", "latin-1", "mac-roman", "cp850")
"""The older encodings, with one byte for each letter, the most frequent first."""
_LETTERS = frozenset("ëéèêïíîöóòôüúûäáàâçñßåøæËÉÈÊÏÍÖÓÔÜÚÄÁÀÇÑ€“”—°½²\u2018\u2019\u2013\u00a0")
"""Signs outside ASCII that occur in the texts of a shelter."""
_FEW = 3
"""A file with at most this number of bytes is too short to be recognised as UTF-16 without a byte order mark."""


def read_csv(content: bytes, name: str) -> Grid:
    """Returns the table of a CSV file. `name`: the file's name without ending. Raises `Invalid`."""
    text, findings = _decoded(content, name)
    require_few_cells(max(text.count(sign) for sign in _SEPARATORS))
    separator = _SAID.match(text)
    body = text[separator.end() :] if separator else text
    rows = _rows(body, separator[1] if separator else None)
    if separator:
        rows.insert(0, [])  # so that row numbers are the same as in the file
    if len(rows) > MOST_ROWS:
        raise unreadable("import_too_many_rows", sheet=name, most=MOST_ROWS)
    if any(len(row) > MOST_COLUMNS for row in rows):
        raise unreadable("import_too_many_columns", sheet=name, most=MOST_COLUMNS)
    return Grid(name, rows, findings=findings)


def _decoded(content: bytes, name: str) -> tuple[str, list[Finding]]:
    findings: list[Finding] = []
    try:
        if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            text = content.decode("utf-16")
        elif content.startswith(BOM_UTF8):
            text = content.decode("utf-8-sig")
        else:
            text, findings = _without_mark(content, name)
    except UnicodeDecodeError as wrong:
        raise unreadable("import_wrong_encoding") from wrong
    if _NOT_TEXT.search(text) or _LOST in text or _TWICE.search(text):
        raise unreadable("import_wrong_encoding")
    return text, findings


def _without_mark(content: bytes, name: str) -> tuple[str, list[Finding]]:
    for at, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        every_other = content[at::2]
        # in UTF-16, every other byte of Latin letters is 0
        if len(content) > _FEW and every_other.count(0) * 2 > len(every_other):
            return content.decode(encoding), []
    try:
        return content.decode(), []
    except UnicodeDecodeError:
        text, encoding = _older(content)
        return text, [Finding("import_read_as_windows_1252", name, facts={"encoding": encoding}, blocks=False)]


def _older(content: bytes) -> tuple[str, str]:
    """Returns the text and name of the older encoding that gives the fewest unusual characters."""
    read = []
    for encoding in _OLDER:
        with suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            read.append((sum(not sign.isascii() and sign not in _LETTERS for sign in text), text, encoding))
    _, text, encoding = min(read, key=lambda one: one[0])
    return text, encoding


def _separator_of(text: str) -> str:
    """Returns the separator that gives the most rows of equal width in the first rows; if several do, the separator
    that gives the most cells. Cells can contain a separator too, so the most frequent character may be wrong.
    """
    first = "\n".join(text.splitlines()[:50])

    def fits(separator: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(first), delimiter=separator) if len(row) > 1)
        return max(widths.values(), default=0), sum(width * rows for width, rows in widths.items())

    return max(_SEPARATORS, key=fits)


def _rows(text: str, said: str | None) -> list[list[str]]:
    """Splits a text into rows. `said`: the separator that the file itself declares."""
    row = 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=said or _separator_of(text), strict=True)
        rows = []
        for row, cells in enumerate(islice(reader, MOST_ROWS + 1), start=2):  # noqa: B007 - the row that breaks is the next
            rows.append(cells)
    except csv.Error as wrong:
        raise unreadable("import_csv_broken", row=row) from wrong
    return rows
