"""The texts of a release of counts: tables for page and PDF, rows for files, and the data dictionary."""

from collections.abc import Iterator, Sequence
from datetime import date

from babel import Locale
from babel.dates import format_date

from placement.core.count_codes import UNKNOWN, CountList
from placement.core.periods import PeriodKind, period_of
from placement.counts.code_lists import code_lists
from placement.counts.releases.model import BASE, Release
from placement.counts.releases.tables import FLOOR, OTHERS, ROWS, TABLES, TOTAL, Key, Table
from placement.reports.render import words as render
from placement.reports.render.axes import ranking
from placement.reports.render.layout import Layout
from placement.reports.render.words import Cell, Chart, Row, Section
from placement.text.catalogue import Language, translate
from placement.text.labels import label

COLUMNS = ("table", "row", "dimension", "code", "figure", "shown")
DICTIONARY = ("column", "code", "words", "htcds")
_LISTS = {name: f"count.{name}" for name in (*CountList,) if name != CountList.COUNTRY}
_LABELS = {"reporter": "Registrant", "file": "CountFile"}


def shown(key: Key, value: int) -> str:
    """Returns a figure as text. The sum of all codes with small figures is shown as `<10` if it is below ten."""
    return f"<{FLOOR}" if value < FLOOR and key[-1:] == (OTHERS,) else str(value)


def word_of(name: str, code: str, language: Language) -> str:
    """Returns the text of a code in a dimension. For a country, returns its name in CLDR."""
    if code == OTHERS or name in {"recruited", "minor"}:
        return translate("release.code", code, language)
    if code == UNKNOWN:
        return translate("count.gender", code, language)
    if name == "origin":
        return str(Locale(language).territories.get(code, code))
    if name == "region":
        return label("PartOfCountry", code, language)
    if name in _LABELS:
        return label(_LABELS[name], code, language)
    return translate(_LISTS[name], code, language)


def rows_of(release: Release) -> Iterator[tuple[object, ...]]:
    """Yields every figure as a row of a file, in the order of `COLUMNS`."""
    yield "total", "", "", "", release.values[TOTAL], str(release.values[TOTAL])
    for table in TABLES:
        for key, value in _figures(release, table):
            yield table.name, key[1] if len(key) > 2 else "", key[-2], key[-1], value, shown(key, value)  # noqa: PLR2004


def dictionary_of(release: Release, language: Language) -> Iterator[tuple[str, ...]]:
    """Yields the meaning of each column and code, with the name of the code in HTCDS 2.0."""
    for column in COLUMNS:
        yield column, "", translate("release.column", column, language), ""
    for table in TABLES:
        yield "table", table.name, translate("release.table", table.name, language), ""
    lists = code_lists()
    codes = {(key[at], key[at + 1]) for key in release.values for at in range(0, len(key), 2) if len(key) > at + 1}
    for name, code in sorted(codes):
        known = lists[CountList(name)].codes.get(code) if name in set(CountList) else None
        yield name, code, word_of(name, code, language), (known and known.htcds) or ""


def lay_out_release(release: Release, as_of: date, language: Language, *, is_released: bool) -> Layout:
    """Makes the document of a release in this language: the method, and a section for each table."""
    return _Writer(release, language).layout(as_of, is_released=is_released)


def name_of(kind: PeriodKind, begins_on: date, language: Language) -> str:
    """Returns the name of a period, such as '4th quarter 2026'."""
    return str(begins_on.year) if kind is PeriodKind.YEAR else format_date(begins_on, "QQQQ y", locale=language)


def _figures(release: Release, table: Table) -> Iterator[tuple[Key, int]]:
    """Yields the figures of a table: each row, followed by its cells if the table has two dimensions."""
    names = [table.inner or table.dimension] if table.is_total else [table.dimension]
    for key, value in release.values.items():
        is_cell = len(key) > 2 and (key[0], key[2]) == (table.dimension, table.inner)  # noqa: PLR2004
        if is_cell or (len(key) == 2 and key[0] in names):  # noqa: PLR2004  (a dimension and a code)
            yield key, value


class _Writer:
    def __init__(self, release: Release, language: Language) -> None:
        self.release, self.language = release, language

    def words(self, code: str, **facts: object) -> str:
        return translate("release", code, self.language, **facts)

    def layout(self, as_of: date, *, is_released: bool) -> Layout:
        release, total = self.release, self.release.values[TOTAL]
        period = period_of(release.kind, release.begins_on)
        name = name_of(release.kind, release.begins_on, self.language)
        day = format_date(as_of, "d MMMM y", locale=self.language)
        of = self.words("of" if is_released else "of_draft", version=release.version, day=day)
        last = format_date(period.ends_on, "d MMMM y", locale=self.language)
        method = Section(
            "method",
            self.words("section_method"),
            tuple(
                self.words(one, floor=FLOOR, base=BASE, within=release.within, last=last)
                for one in ("method_floor", "method_rounded", "method_others", "method_earlier", "method_codes")
            ),
            (),
            wide=True,
        )
        return Layout(
            language=self.language,
            title=self.words("title", period=name),
            of=of,
            lead=self.words("lead", total=total, within=release.within),
            sections=(method, *(self.section(table) for table in TABLES)),
            foot=self.words("foot"),
        )

    def section(self, table: Table) -> Section:
        title = translate("release.table", table.name, self.language)
        figures = list(_figures(self.release, table))
        plain = [(key, value) for key, value in figures if len(key) == 2]  # noqa: PLR2004
        listed = [(word_of(*key, self.language), value) for key, value in plain if key[-1] != OTHERS]
        rows = [self.row(key, value) for key, value in plain]
        one = render.Table(title, self.columns, tuple(rows), paper=bool(listed))
        tables = [one] if rows else []
        if table.inner and (cells := list(self.cells(figures))):
            tables.append(render.Table(self.words("by_form", table=title), self.columns, tuple(cells)))
        if not listed:
            return Section(table.name, title, (self.words("all_folded"),), tuple(tables))
        ask, says = self.words("ask", table=title), self.words("largest", largest=listed[0][0], figure=listed[0][1])
        chart = Chart(ask, ranking(table.name, listed, title=ask, description=says), says, one)
        return Section(table.name, title, (), tuple(tables), charts=(chart,))

    def cells(self, figures: Sequence[tuple[Key, int]]) -> Iterator[Row]:
        """Yields the lines of a two-dimensional table: each row as a heading, followed by its cells."""
        before = ""
        for key, value in figures:
            if len(key) > 2:  # noqa: PLR2004  (a cell)
                if key[1] != before:
                    before = key[1]
                    yield Row((Cell(word_of(ROWS, before, self.language)),), over=True)
                yield self.row(key[2:], value)

    def row(self, key: Key, value: int) -> Row:
        return Row((Cell(word_of(key[0], key[1], self.language)), Cell(shown(key, value), figure=True)))

    @property
    def columns(self) -> tuple[str, str]:
        return self.words("code"), self.words("figure")
