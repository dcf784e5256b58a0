"""Words and table cells that are used by several texts: the report of a day, the report of a period, and the beginning
of the report.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from babel import Locale
from babel.numbers import format_decimal
from msgspec import Struct

from matching import RULES
from placement.core.codes import Region
from placement.core.reason_codes import find_reason
from placement.reports.disclosure_control import HALF, HIDDEN, STEP, range_of
from placement.reports.model import Bottleneck, Counted, Kind, Report, View
from placement.reports.render.chart import bars, spread
from placement.text.catalogue import Language, ntranslate, translate
from placement.text.labels import label
from placement.text.rule_names import rule_name

FEW, ZERO = "<", "0"
"""The text with which a small count of unknown value begins, and the text of the count 0."""
_FIGURE = re.compile(r"<?[\d.,]+([/\N{EN DASH}][\d.,]+)?")
"""A pattern for a number or a range. Tables align a matching text to the right."""
_NONE = _TO = "\N{EN DASH}"
_AMONG = {View.REGIONS: "among_regions", View.SHELTER: "among_shelter"}
_NONE_OF = {View.REGIONS: "none_regions", View.SHELTER: "none_shelter"}


class Cell(Struct, frozen=True):
    """A table cell: a text, and possibly a chart (`picture`) with its summary in words (`alt`). `figure`: true if the
    text is a figure, which is aligned to the right.
    """

    text: str
    figure: bool = False
    picture: str | None = None
    alt: str = ""


class Row(Struct, frozen=True):
    cells: tuple[Cell, ...]
    over: bool = False
    """True if the row is the heading of the rows below it, as a shelter is the heading of its units."""


class Table(Struct, frozen=True):
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    wide: bool = False
    """True if the table needs the whole width."""

    long: bool = False
    """True if a page shows the table only on request."""

    paper: bool = False
    """True if the table appears only on paper. A page has a chart instead."""

    note: str = ""
    """The explanation of the columns."""

    @property
    def figure_columns(self) -> frozenset[int]:
        """Returns the numbers of the columns with figures; their headings are aligned to the right too."""
        return frozenset(at for row in self.rows for at, cell in enumerate(row.cells) if cell.figure)


class Chart(Struct, frozen=True):
    """A chart. `title`: the question that the chart answers. `says`: the answer in words. `figures`: the same figures
    as a table.
    """

    title: str
    picture: str
    says: str
    figures: Table


class Section(Struct, frozen=True):
    code: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    """The charts of the section; only pages show them."""

    wide: bool = False
    """True if a page gives the section the whole width."""

    fold_charts: bool = False
    """True if a page shows the charts only on request."""


def names_of_units(report: Report) -> dict[str, str]:
    """Returns, for each unit, its name together with the name of its shelter."""
    return {unit.unit: f"{unit.name}, {shelter.name}" for shelter in report.shelters for unit in shelter.units}


def names_of_shelters(report: Report) -> dict[str, str]:
    return {shelter.shelter: shelter.name for shelter in report.shelters}


def names_of_areas(report: Report) -> dict[str, str]:
    return {one.region: one.name for one in report.regions if one.name}


def most_first(counts: Iterable[Counted]) -> list[Counted]:
    """Sorts the counts by their published form, so that the order discloses nothing; hidden counts come last."""
    return sorted(counts, key=lambda one: -_least(one.count))


def most_helpful_first(extras: Iterable[Bottleneck]) -> list[Bottleneck]:
    """Sorts the extras by the published number of households that they place."""
    return sorted(extras, key=lambda one: -_least(one.serves))


def _least(count: str) -> int:
    return -1 if count == HIDDEN else range_of(count)[0]


class ReportWords:
    """The words of the report's texts in one language. `exact`: true if counts about people are exact."""

    def __init__(
        self, language: Language, *, exact: bool, areas: Mapping[str, str], units: Mapping[str, str] | None = None
    ) -> None:
        self.language, self.locale, self.exact = language, Locale(language), exact
        self.areas, self.units = areas, units or {}

    def section(
        self,
        code: str,
        sentences: Iterable[str],
        *tables: Table,
        charts: Iterable[Chart | None] = (),
        wide: bool = False,
        fold_charts: bool = False,
    ) -> Section:
        return Section(
            code,
            self.words(f"section_{code}"),
            tuple(sentences),
            tuple(one for one in tables if one.rows),
            tuple(one for one in charts if one is not None),
            wide=wide,
            fold_charts=fold_charts,
        )

    def table(
        self,
        caption: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        long: bool = False,
        paper: bool = False,
        note: str = "",
    ) -> Table:
        cells = tuple(map(self.row, rows))
        return Table(self.words(f"table_{caption}"), self.columns(columns), cells, long=long, paper=paper, note=note)

    def unit_name(self, unit_id: str) -> str:
        """Returns the name of the unit with the name of its shelter; without known names, the id of the unit."""
        return self.units.get(unit_id, unit_id)

    def columns(self, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.words, codes))

    def row(self, cells: Iterable[object]) -> Row:
        return Row(tuple(map(self.cell, cells)))

    def cell(self, value: Any) -> Cell:
        if isinstance(value, Cell):
            return value
        if value is None:
            return Cell(_NONE, figure=True)
        return Cell(str(value), figure=isinstance(value, int) or _FIGURE.fullmatch(value) is not None)

    def drawn(self, series: Sequence[int | None], most: int | None = None) -> Cell:
        ends = spread(series)
        if ends is None:
            return Cell(self.words("no_days"))
        return Cell("", picture=bars(series, most), alt=self.words("between", low=ends[0], high=ends[1]))

    def extremes(self, series: Sequence[int | None]) -> tuple[int | None, int | None]:
        return spread(series) or (None, None)

    def reasons(self, counted: Iterable[Counted]) -> list[tuple[object, str]]:
        return self.counted((self.reason(one.code), one.count) for one in counted)

    def counted(self, rows: Iterable[tuple[object, str]]) -> list[tuple[object, str]]:
        """Returns counts by code, in the given order, without exact zeros. Published counts with `<` share a row."""
        every = list(rows)
        if self.exact:
            return [(name, count) for name, count in every if count != ZERO]
        shown = [(name, self.count(count)) for name, count in every if not count.startswith(FEW)]
        few = [count for _, count in every if count.startswith(FEW)]
        if not few:
            return shown
        most = few[0].removeprefix(FEW)
        return [*shown, (self.words("few_each" if shown else "few_all", count=len(few), most=most), few[0])]

    def waited(self, days: int | str) -> str:
        """Returns a waiting time in words: in days if it is exact, and otherwise as a range of days."""
        if isinstance(days, int):
            return ntranslate("report", "days", days, self.language, days=days)
        if days.endswith("+"):
            return self.words("days_or_more", days=days.removesuffix("+"))
        return self.words("days_few" if days.startswith(FEW) else "days_some", days=days.removeprefix(FEW))

    def about(self, beds: int | None) -> object:
        """Returns a rounded number of beds. A rounded 0 becomes "<7": the true number is below that bound."""
        return f"{FEW}{STEP + HALF}" if beds == 0 else beds

    def cause(self, code: str) -> str:
        return rule_name(code, self.language) if code in RULES else translate("report.cause", code, self.language)

    def reason(self, code: str) -> str:
        return translate("reason" if find_reason(code) else "report.code", code, self.language)

    def one_more(self, code: str) -> str:
        """Returns an additional place in words: a room with the code's number of beds, or the text of the code."""
        beds = code.removeprefix("room_")
        if beds.isdecimal():
            return ntranslate("report.code", "room", int(beds), self.language, beds=beds)
        return translate("report.code", code, self.language)

    def kind(self, kind: Kind) -> str:
        return translate("report.kind", kind, self.language)

    def count(self, count: str) -> str:
        return self.words("hidden") if count == "hidden" else count

    def decimal(self, value: float | None) -> str | None:
        return None if value is None else format_decimal(value, "0.0", locale=self.locale)

    def range(self, low: int | None, high: int | None) -> str | None:
        return None if low is None or high is None else f"{low}{_TO}{high}"

    def area(self, code: str) -> str:
        """Returns the name of a care area (in older reports, of a police unit), or the code if it has no known name."""
        return self.areas.get(code) or (label("Region", code, self.language) if code in set(Region) else code)

    def among(self, named: Sequence[str], number: int, report: Report) -> str:
        """Returns these names in words. If the reader does not see all `number` of them, adds that the list contains
        only names in the reader's regions or shelter.
        """
        names = ", ".join(named)
        if len(named) == number or report.view not in _AMONG:
            return names
        code = (_AMONG if named else _NONE_OF)[report.view]
        return ntranslate("report", code, len(report.whose), self.language, names=names)

    def words(self, code: str, **facts: object) -> str:
        return translate("report", code, self.language, **facts)
