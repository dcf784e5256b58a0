"""The codes that a file explains, in a legend such as `v = vrouw, gz = gezin` or in a table of codes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from placement.exchange.cell_vocabulary import columns_by_name, plain, plain_words
from placement.exchange.grid import Grid, Raw
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import as_text

Codes = Mapping[tuple[str, str], str]
"""The meanings of codes, by the heading of their column in plain form, and by the code. Empty: any column."""
_EXPLAINS = re.compile(r"\S\s*=\s*\S")
_CODE = OVERVIEW.column("code")
_HEADER_WITHIN = 5
"""The number of first rows in which the header of a table of codes is searched (assumed)."""


def is_legend(written: str) -> bool:
    """Checks whether a text explains several codes."""
    return len(_EXPLAINS.findall(written)) > 1


def codes_of(grids: Sequence[Grid]) -> Codes:
    """Returns the codes that a file explains. Leaves out codes with several meanings."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for grid in grids:
        legends = (cell for row in grid.rows for cell in row if isinstance(cell, str) and is_legend(cell))
        for heading, code, meaning in (*_table_of_codes(grid), *(one for cell in legends for one in _pairs(cell))):
            found[plain(heading), code.casefold()].add(meaning)
    return {code: meanings.pop() for code, meanings in found.items() if len(meanings) == 1}


def meaning_of_code(codes: Codes, heading: str, cell: Raw) -> str | None:
    """Returns the meaning of a code in the column with this heading; `None` if the file does not explain it."""
    code = as_text(cell).casefold()
    return codes.get((plain(heading), code)) or codes.get(("", code))


def _pairs(written: str) -> Iterator[tuple[str, str, str]]:
    """Yields the codes of a legend with their meanings. Leaves out a code if a part without `=` follows its meaning,
    after a comma, a semicolon or a new line: that part can belong to the meaning.
    """
    parts = [part.split("=") for part in re.split(r"[,;\n]", written)]
    for part, after in pairwise([*parts, ["", ""]]):
        if len(part) == len(after) == 2:  # noqa: PLR2004 - a code and its meaning
            yield "", part[0].rpartition(":")[2].strip(), part[1].strip()


def _table_of_codes(grid: Grid) -> Iterator[tuple[str, str, str]]:
    """Yields the rows of a table of codes: the heading of the column with this code, the code, and its meaning."""
    for at, row in enumerate(grid.rows[:_HEADER_WITHIN]):
        said = [plain(as_text(cell)) for cell in row]
        codes = [number for number, one in enumerate(said) if columns_by_name(OVERVIEW).get(one) == _CODE]
        meanings = [number for number, one in enumerate(said) if one in plain_words("meaning")]
        if len(codes) == len(meanings) == 1:
            for cells in grid.rows[at + 1 :]:
                texts = [*map(as_text, cells), *[""] * (len(said) - len(cells))]
                if texts[codes[0]] and texts[meanings[0]]:
                    yield "".join(texts[: codes[0]][:1]), texts[codes[0]], texts[meanings[0]]
            return
