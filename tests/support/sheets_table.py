"""Writes the table of sheets and columns into docs/reference/columns.md: `python -m tests.support.sheets_table`."""

from collections.abc import Iterator

from placement.exchange.cell_vocabulary import headings, help_on, title
from placement.exchange.sheets import SHEETS
from placement.exchange.template import BETWEEN, cell_of
from placement.text.catalogue import DEFAULT, SOURCE
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "columns.md"
BEGIN, END = "<!-- made by: python -m tests.support.sheets_table -->\n", "<!-- end of what is made -->\n"
_FIRST = " **(needed in the first row of a household)**"


def with_table(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    return "\n".join((*_rows(), ""))


def _rows() -> Iterator[str]:
    yield "| sheet | column | headings that are known | what to write | example |"
    yield "|---|---|---|---|---|"
    for sheet in SHEETS.values():
        for column in sheet.columns:
            known = [name for language in (DEFAULT, SOURCE) for name in headings(column, language)]
            said = help_on(column, SOURCE).replace("*", r"\*")
            needed = " **(needed)**" if column.required else _FIRST if column.of_first_row else ""
            example = cell_of(column, column.example, DEFAULT)
            shown = "" if example is None else str(example).replace("*", r"\*")
            written = BETWEEN.join(dict.fromkeys(known))
            yield f"| {title(sheet.name, DEFAULT)} | `{column.name}` | {written} | {said}{needed} | {shown} |"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
