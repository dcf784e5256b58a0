"""The rows of a sheet of the service, with typed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from placement.exchange.grid import Finding
from placement.exchange.mapping import SheetMapping
from placement.exchange.sheets import Sheet

Values = Mapping[str, Any]
"""The values of a row, by column."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number in the spreadsheet, and its values by column, without empty cells."""

    number: int
    values: Values


@dataclass(slots=True)
class Table:
    """A sheet of a file, after interpretation. `name`: its name in the file. `letters`: the letters of the file's
    columns, by the service's column.
    """

    sheet: Sheet
    name: str
    rows: list[Row] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    mapping: SheetMapping | None = None
    """The mapping that was given with the file and must be stored."""

    def at(self, row: Row, column: str, code: str, *, blocks: bool = True, **facts: object) -> Finding:
        """Returns a finding about a cell of this table, or about the row if the file has no such column."""
        return Finding(code, self.name, row.number, self.letters.get(column, ""), facts, blocks)
