"""The report of a period as text. The text states whether a figure is a sum or a mean."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from babel.dates import format_date

from placement.core.periods import WEEK, PeriodKind
from placement.reports.model import View
from placement.reports.periods.flow import GROUPS
from placement.reports.periods.model import BedsOver, PeopleOver, PeriodReport
from placement.reports.render.charts import chart_of_days
from placement.reports.render.layout import Layout
from placement.reports.render.words import FEW, ReportWords, Section, Table
from placement.text.catalogue import Language
from placement.text.labels import label

_NAMED = 10
"""The largest number of listed stretches of days without a report."""
_REASONS = frozenset(GROUPS) - {"by_decision"}


def lay_out_period(report: PeriodReport, language: Language, *, exact: bool = False) -> Layout:
    """Returns the whole report in this language. `exact`: true if counts about people are exact."""
    return _Writer(report, language, exact).layout()


def name_of_period(words: ReportWords, kind: PeriodKind, begins_on: date, ends_on: date) -> str:
    """Names the period, such as 'week 48, 23 to 29 November 2026', 'November 2026', '4th quarter 2026'."""
    match kind:
        case PeriodKind.WEEK:
            return words.words(
                "week_of",
                number=begins_on.isocalendar().week,
                begins=format_date(begins_on, "d MMMM", locale=words.locale),
                ends=format_date(ends_on, "d MMMM y", locale=words.locale),
            )
        case PeriodKind.MONTH:
            return format_date(begins_on, "MMMM y", locale=words.locale)
        case PeriodKind.QUARTER:
            return format_date(begins_on, "QQQQ y", locale=words.locale)
    return str(begins_on.year)


class _Writer(ReportWords):
    def __init__(self, report: PeriodReport, language: Language, exact: bool) -> None:
        super().__init__(language, exact=exact, areas={})
        self.report = report
        self.days = [
            report.begins_on + timedelta(days=number) for number in range((report.ends_on - report.begins_on).days + 1)
        ]

    def layout(self) -> Layout:
        report = self.report
        whole = report.view is View.ALL
        names = ", ".join(self.area(one) if report.view is View.REGIONS else one for one in report.whose)
        return Layout(
            language=self.language,
            title=self.words(
                "title_period", period=name_of_period(self, report.kind, report.begins_on, report.ends_on)
            ),
            of=f"{self.words('as_of_period', days=report.days)} {self.words(f'view_{report.view}', names=names)}",
            lead=" ".join(self.lacking()),
            sections=(self.free(), self.waiting(), self.flow(), *self.places()),
            foot=self.words("foot_exact" if self.exact else "foot_period" if whole else "foot_period_rounded"),
        )

    def lacking(self) -> Iterator[str]:
        """Yields sentences about days without a report, days before the first report, and days in the future."""
        report = self.report
        if report.missing_days:
            named = list(self.stretches(report.missing_days))
            days = ", ".join(named[:_NAMED]) + (" …" if len(named) > _NAMED else "")
            yield self.words("days_missing", count=len(report.missing_days), days=days)
        if report.reports_from > report.begins_on:
            yield self.words("days_before", day=self.day(report.reports_from))
        if report.days_to_come:
            yield self.words("days_to_come", count=report.days_to_come)

    def stretches(self, days: Sequence[date]) -> Iterator[str]:
        """Yields each stretch of consecutive days as its first and its last day."""
        first = last = days[0]
        for one in [*days[1:], None]:
            if one is not None and (one - last).days == 1:
                last = one
                continue
            yield self.day(first) if first == last else f"{self.day(first)}\N{EN DASH}{self.day(last)}"
            if one is not None:
                first = last = one

    def free(self) -> Section:
        report = self.report
        kinds = [(self.kind(row.kind), self.decimal(row.mean), row.lowest, row.days_without) for row in report.by_kind]
        beds = [
            self.beds("free", report.free),
            self.beds("in_use", report.used),
            self.beds("out_of_service", report.out_of_service),
        ]
        return self.section(
            "free",
            (self.words("how_beds"),),
            self.table("by_kind", ("kind", "mean_of_days", "lowest", "days_without"), kinds),
            self.table("beds_over", ("what", "mean_of_days", "lowest", "highest", "bed_days"), beds),
            charts=(
                chart_of_days(self, "ask_free", self.days, self.padded(report.series_free), "beds"),
                chart_of_days(self, "ask_in_use", self.days, self.padded(report.series_used), "beds"),
            ),
            wide=True,
        )

    def beds(self, code: str, beds: BedsOver) -> tuple[object, ...]:
        return (
            self.words(code), self.decimal(beds.mean), self.on(beds.lowest, beds.lowest_on),
            self.on(beds.highest, beds.highest_on), beds.bed_days,
        )  # fmt: skip

    def waiting(self) -> Section:
        report = self.report
        people = [
            self.people("who_wait", report.waiting),
            self.people("near_limit", report.near),
            self.people("past_limit", report.past),
        ]
        return self.section(
            "waiting",
            (self.words("how_people"), *(() if self.exact else (self.words("how_steps"),))),
            self.table("people_over", ("what", "mean_of_days", "highest"), people),
            charts=(chart_of_days(self, "ask_waiting", self.days, self.padded(report.series_waiting), "households"),),
        )

    def people(self, code: str, count: PeopleOver) -> tuple[str | None, ...]:
        low, high = self.decimal(count.mean_from), self.decimal(count.mean_to)
        mean = low if low == high else f"{low}\N{EN DASH}{high}"
        return self.words(code), mean, count.highest and self.count(count.highest)

    def flow(self) -> Section:
        flow = self.report.flow
        rows = [(self.words(one.code), self.count(one.count)) for one in flow.totals]
        parts = [self.parts(group) for group in GROUPS]
        return self.section("happened", self.weeks(), self.table("flow", ("what", "number"), rows), *parts)

    def weeks(self) -> Iterator[str]:
        flow = self.report.flow
        if not flow.weeks:
            yield self.words("no_week_over")
            return
        yield self.words(
            "weeks_over",
            count=len(flow.weeks) - len(flow.missing_weeks),
            begins=self.day(flow.weeks[0]),
            ends=format_date(flow.weeks[-1] + WEEK - timedelta(days=1), "d MMMM y", locale=self.locale),
        )
        if self.report.kind is not PeriodKind.WEEK:
            yield self.words("week_belongs")
        if flow.missing_weeks:
            yield self.words("weeks_missing", weeks=", ".join(map(self.day, flow.missing_weeks)))
        if not self.exact:
            yield self.words("how_totals" if flow.complete else "how_totals_so_far")

    def parts(self, group: str) -> Table:
        counted = [(one.code, one.count) for one in self.report.flow.parts if one.group == group]
        rows = [(self.name_of(group, code), count) for code, count in counted]
        certain = [row for row in rows if not row[1].startswith(("0\N{EN DASH}", FEW))]
        unsure = len(rows) - len(certain)
        if unsure:
            certain.append((self.words("none_certain", count=unsure), ""))
        return self.table(group, ("reason" if group in _REASONS else "what", "number"), certain, long=True)

    def name_of(self, group: str, code: str) -> str:
        return self.reason(code) if group in _REASONS else label("DecisionKind", code, self.language)

    def places(self) -> Iterable[Section]:
        rows = [
            (
                f"{one.name} · {one.shelter}", self.decimal(one.beds), self.decimal(one.used), self.decimal(one.free),
                None if one.occupancy_percent is None else f"{one.occupancy_percent} %", one.days_fresh,
            )
            for one in self.report.shelters
        ]  # fmt: skip
        columns = ("shelter", "beds", "in_use", "free", "occupancy", "days_fresh")
        return [self.section("shelters", (), self.table("shelters", columns, rows, long=True))] if rows else []

    def on(self, value: int | None, day: date | None) -> str | None:
        return None if value is None or day is None else f"{value} ({self.day(day)})"

    def day(self, day: date) -> str:
        return format_date(day, "d MMM", locale=self.locale)

    def padded(self, series: Sequence[int | str | None]) -> list[int | str | None]:
        """Returns the series with an empty value for each future day."""
        return [*series, *[None] * (len(self.days) - len(series))]
