"""The report as text in one language: sections with sentences and tables. Page and PDF only draw this text."""

from collections.abc import Iterator, Sequence

from babel.dates import format_date, format_datetime
from msgspec import Struct

from placement.core import clock
from placement.core.codes import DecisionKind
from placement.reports.model import Report, ShelterPlaces, UnitPlaces, View
from placement.reports.render.charts import chart_of_days
from placement.reports.render.words import (
    ZERO,
    Cell,
    Chart,
    ReportWords,
    Row,
    Section,
    Table,
    most_first,
    most_helpful_first,
    names_of_areas,
    names_of_shelters,
    names_of_units,
)
from placement.reports.sections.free_places import days_before
from placement.reports.summary import first_sentence
from placement.reports.week import DAYS, WaitingDay
from placement.text.catalogue import Language
from placement.text.labels import label

_OF_REGION = {"waiting": "waits", "near": "near", "past": "past", "moved": "moved"}
"""The counts of a care area, each with the code of its column heading. Counts that an older report lacks
are left out.
"""


class Layout(Struct, frozen=True):
    language: Language
    title: str
    of: str
    """The line that states the moment of the report and the scope of its reader."""

    lead: str
    sections: tuple[Section, ...]
    foot: str


def lay_out(report: Report, language: Language, *, exact: bool = False, week: Sequence[WaitingDay] = ()) -> Layout:
    """Returns the whole report in this language. Times are in the time zone of Amsterdam. `exact`: true if counts about
    people are exact; zeros are then left out. `week`: the waiting households of the days before, for a page's charts.
    """
    return _Writer(report, language, exact, week).layout()


class _Writer(ReportWords):
    def __init__(self, report: Report, language: Language, exact: bool, week: Sequence[WaitingDay]) -> None:
        super().__init__(language, exact=exact, areas=names_of_areas(report), units=names_of_units(report))
        self.report, self.week = report, {one.on: one for one in week}
        self.days = [*days_before(report.on)[-DAYS:], report.on]

    def layout(self) -> Layout:
        report = self.report
        as_of = format_datetime(report.as_of, "HH:mm", clock.AMSTERDAM, self.locale)
        return Layout(
            language=self.language,
            title=self.words("title", day=format_date(report.on, "EEEE d MMMM y", locale=self.locale)),
            of=f"{self.words('as_of', time=as_of)} {self.scope()}",
            lead=first_sentence(report, self.language),
            sections=(
                self.free(),
                self.waiting(),
                self.expecting(),
                self.flow(),
                self.clocks(),
                self.places(),
                self.quality(),
            ),
            foot=self.words("foot_exact" if self.exact else "foot_rounded" if report.is_rounded else "foot"),
        )

    # the seven sections

    def free(self) -> Section:
        rows: list[tuple[object, ...]] = [
            (self.kind(row.kind), row.free, self.beds(row.yesterday), self.decimal(row.mean_28))
            for row in self.report.free.by_kind
        ]
        every = self.report.free
        if every.few:
            rows.append((", ".join(map(self.kind, every.few)), self.about(0), None, None))
        all_kinds = self.beds(every.free), self.beds(every.yesterday), self.decimal(every.mean_28)
        rows.append((self.words("all_kinds"), *all_kinds))
        table = self.table("by_kind", ("kind", "free", "yesterday", "mean"), rows)
        series = [*self.report.country.series_free[-DAYS:], every.free]
        charts = [chart_of_days(self, "ask_free", self.days, series, "beds")]
        sentences = [self.words("kinds_overlap"), *([self.words("beds_rounded")] if self.report.is_rounded else [])]
        return self.section("free", sentences, table, charts=charts, wide=True)

    def beds(self, number: int | None) -> object:
        return self.about(number) if self.report.is_rounded else number

    def places(self) -> Section:
        country = self.report.country
        names = ("used", "used_by_others", "held", "out_of_service", "withheld", "not_ready", "free")
        shown = {name: self.beds(getattr(country, name)) for name in names}
        sums = [(self.words("beds"), country.beds), *((self.words(name), count) for name, count in shown.items())]
        sums.append(
            (self.words("free_rooms"), Cell(self.words("of", some=country.free_rooms, all=country.rooms), figure=True))
        )
        series = {"free": country.series_free, "in_use": country.series_used}
        last = [(self.words(name), *self.extremes(values), self.drawn(values)) for name, values in series.items()]
        tables = [
            self.table("country", ("what", "number"), sums, long=True),
            self.table("days", ("what", "lowest", "highest", "picture"), last, paper=True),
        ]
        if self.report.shelters:
            tables.append(self.shelters())
        counts = self.words("counts", shelters=country.shelters, units=country.units)
        beds = self.words(
            "beds_in_all",
            beds=country.beds,
            used=shown["used"],
            others=shown["used_by_others"],
            held=shown["held"],
            out=shown["out_of_service"],
            free=shown["free"],
        )
        days = [*days_before(self.report.on), self.report.on]
        series_used = [*country.series_used, country.used + country.used_by_others]
        series_free = [*country.series_free, self.report.free.free]
        charts = [
            chart_of_days(self, "ask_free_month", days, series_free, "beds"),
            chart_of_days(self, "ask_in_use", days, series_used, "beds"),
        ]
        return self.section("places", (f"{counts} {beds}",), *tables, charts=charts, fold_charts=True)

    def shelters(self) -> Table:
        columns = ("unit", "beds", "by_us", "by_others", "held_short", "out", "free", "rooms", "picture", "remarks")
        rows: list[Row] = []
        for shelter in self.report.shelters:
            rows.append(Row((Cell(self.heading(shelter)),), over=True))
            rows.extend(self.row(self.unit(unit)) for unit in shelter.units)
        caption, note = self.words("by_unit"), self.words("key_units")
        return Table(caption, self.columns(columns), tuple(rows), wide=True, long=True, note=note)

    def heading(self, shelter: ShelterPlaces) -> str:
        title = self.words("shelter_row", name=shelter.name, free=shelter.free, beds=shelter.beds)
        fresh = label("Freshness", shelter.freshness, self.language)
        at = shelter.reported_at
        return f"{title} · {fresh}" + (
            f" ({format_datetime(at, 'd MMM HH:mm', clock.AMSTERDAM, self.locale)})" if at else ""
        )

    def unit(self, unit: UnitPlaces) -> Sequence[object]:
        region, scheme = label("Region", unit.region, self.language), label("Scheme", unit.scheme, self.language)
        return (
            f"{unit.name} · {scheme} · {region}", unit.beds, unit.used, unit.used_by_others, unit.held,
            unit.out_of_service, unit.free, f"{unit.free_rooms}/{unit.rooms}", self.drawn(unit.series_free, unit.beds),
            Cell("; ".join(self.remarks(unit))),
        )  # fmt: skip

    def remarks(self, unit: UnitPlaces) -> Iterator[str]:
        """Yields remarks on a unit: its last day, beds out of service, withheld or unready beds, and contradictions."""
        if unit.open_until:
            yield self.words("open_until", day=format_date(unit.open_until, "d MMM", locale=self.locale))
        for one in unit.out:
            until = (
                f" {self.words('until', day=format_date(one.until, 'd MMM', locale=self.locale))}" if one.until else ""
            )
            yield f"{one.beds} {label('OutOfService', one.reason, self.language)}{until}"
        for name, count in (
            ("some_withheld", unit.withheld),
            ("some_later", unit.not_ready),
            ("too_many", unit.discrepancies.too_many),
            ("counted_otherwise", unit.discrepancies.counted_otherwise),
        ):
            if count:
                yield self.words(name, count=count)

    def waiting(self) -> Section:
        waiting = self.report.waiting
        urgencies = [
            (label("Urgency", int(one.code), self.language), self.count(one.count)) for one in waiting.by_urgency
        ]
        extras = [
            (
                self.unit_name(one.unit),
                label("Scheme", one.scheme, self.language),
                self.one_more(one.extra),
                self.count(one.serves),
            )
            for one in most_helpful_first(waiting.bottlenecks)
        ]
        return self.section(
            "waiting",
            (
                *self.day_of_people(),
                self.words("who_waits", count=self.count(waiting.total)),
                *self.days_waited(),
                *self.moving(),
                *self.missing(),
            ),
            self.table("by_urgency", ("urgency", "households"), urgencies, long=True),
            self.causes(),
            self.table("bottlenecks", ("unit", "scheme", "extra", "would_place"), extras, long=True),
            charts=self.waiting_days(),
            wide=True,
        )

    def waiting_days(self) -> list[Chart | None]:
        """Returns the chart of the previous days and this day; an empty list without previous days."""
        if not self.week:
            return []
        totals = [self.week[day].total if day in self.week else None for day in self.days[:-1]]
        return [chart_of_days(self, "ask_waiting", self.days, [*totals, self.report.waiting.total], "households")]

    def causes(self) -> Table:
        """Returns the causes, most frequent first. If counts are exact, each has a chart of the last days."""
        found = most_first(self.report.waiting.by_cause)
        if not self.exact:
            rows = self.counted((self.cause(one.code), one.count) for one in found)
            return self.table("by_cause", ("cause", "households"), rows, long=True)
        shown = [one for one in found if one.count != ZERO]
        drawn = [(self.cause(one.code), one.count, self.drawn(self.days_of(one.code, int(one.count)))) for one in shown]
        return self.table("by_cause", ("cause", "households", "last_days"), drawn)

    def days_of(self, code: str, now: int) -> list[int | None]:
        """Returns the count of a cause on each day; `None` for a day on which the engine was not asked."""
        known = [self.week[day].causes if day in self.week else {} for day in self.days[:-1]]
        return [*(int(causes.get(code, ZERO)) if causes else None for causes in known), now]

    def day_of_people(self) -> Iterator[str]:
        day = self.report.people_on
        if day is not None and day != self.report.on:
            yield self.words("people_on", day=format_date(day, "EEEE d MMMM", locale=self.locale))

    def days_waited(self) -> Iterator[str]:
        waiting = self.report.waiting
        if waiting.median_days is not None and waiting.longest_days is not None:
            median, longest = self.waited(waiting.median_days), self.waited(waiting.longest_days)
            yield self.words("days_waited", median=median, longest=longest)
        elif not self.exact:  # an exact report without causes: nobody waits
            yield self.words("days_not_told")

    def moving(self) -> Iterator[str]:
        waiting = self.report.waiting
        if waiting.moving is not None:
            transfer, onward = (self.count(one.count) for one in waiting.moving_by_kind)
            yield self.words("who_moves", count=self.count(waiting.moving), transfer=transfer, onward=onward)

    def missing(self) -> Iterator[str]:
        if self.report.waiting.missing is not None:
            yield self.words("who_is_missing", count=self.count(self.report.waiting.missing))

    def flow(self) -> Section:
        flow = self.report.flow
        what = [
            (self.words(name), self.count(getattr(flow, name)))
            for name in ("registered", "decisions", "arrived", "moved", "refused", "expired", "ended")
            if getattr(flow, name) is not None
        ]
        tables = [self.table("flow", ("what", "number"), what, long=True)]
        happened = ", ".join(f"{name.lower()} {count}" for name, count in what)
        tables.append(
            self.table(
                "by_decision",
                ("what", "number"),
                [(label("DecisionKind", one.code, self.language), self.count(one.count)) for one in flow.by_decision],
                long=True,
            )
        )
        tables += [
            self.table(name, ("reason", "number"), self.reasons(getattr(flow, name)), long=True)
            for name in ("override_reasons", "decline_reasons", "refusal_reasons", "end_reasons")
        ]
        days = (format_date(day, "d MMMM y", locale=self.locale) for day in (flow.begins_on, flow.ends_on))
        week = self.words("week", begins=next(days), ends=next(days), happened=happened)
        return self.section("flow", (week, *self.overrides()), *tables)

    def overrides(self) -> Iterator[str]:
        flow = self.report.flow
        if flow.override_percent is not None:
            counts = {one.code: one.count for one in flow.by_decision}
            code = "override_share" if self.exact else "override_rate"
            yield self.words(
                code,
                percent=flow.override_percent,
                overrides=counts.get(DecisionKind.OVERRIDE),
                decisions=flow.decisions,
            )
        elif not self.exact:  # an exact report without reasons: nothing was decided
            yield self.words("override_not_told")

    def clocks(self) -> Section:
        clocks = self.report.clocks
        counted = [name for name in _OF_REGION if all(getattr(one, name) is not None for one in self.report.regions)]
        regions = [
            (self.area(one.region), *(self.count(getattr(one, name)) for name in counted))
            for one in self.report.regions
            if not self.exact or {getattr(one, name) for name in counted} != {ZERO}
        ]
        return self.section(
            "clocks",
            (
                *self.day_of_people(),
                self.words("near_and_past", near=self.count(clocks.near), past=self.count(clocks.past)),
            ),
            self.table("blockers", ("reason", "households"), self.reasons(clocks.past_by_blocker), long=True),
            self.table("by_region", ("region", *(_OF_REGION[name] for name in counted)), regions, long=True),
        )

    def expecting(self) -> Section:
        part = self.report.expecting
        kinds = [
            (self.kind(row.kind), self.beds(row.known), self.decimal(row.likely), self.range(row.low, row.high))
            for row in part.by_kind
        ]
        before = [
            (
                format_date(row.expected_on, "d MMM", locale=self.locale),
                self.kind(row.kind),
                self.range(row.low, row.high),
                row.happened,
            )
            for row in part.came_out
        ]
        likely = ", ".join(
            f"{self.kind(row.kind)} {self.decimal(row.likely)} ({self.range(row.low, row.high)})"
            for row in part.by_kind
            if row.likely is not None
        )
        rests = self.words("rests_on", days=part.days, stays=part.stays_known)
        out = "" if part.within is None else self.words("came_out", within=part.within, all=len(part.came_out))
        return self.section(
            "expecting",
            (rests, self.words("likely_free", kinds=likely)) if likely else (rests,),
            self.table("expected", ("kind", "known", "likely", "range"), kinds, long=True),
            self.table("before", ("expected_on", "kind", "range", "happened"), before, long=True, note=out),
        )

    def quality(self) -> Section:
        part, called = self.report.quality, names_of_shelters(self.report)
        found: list[tuple[str, int, Sequence[str]]] = [
            ("not_reported", part.not_reported, [called.get(one, one) for one in part.shelters_not_reported]),
            ("stale", part.stale, [*map(self.unit_name, part.stale_units)]),
            ("corrected", part.corrected, [called.get(one, one) for one in part.corrected_shelters]),
        ]
        rows = [(self.words(code), number, self.among(named, number, self.report)) for code, number, named in found]
        units = [unit for shelter in self.report.shelters for unit in shelter.units]
        there = [self.unit_name(one.unit) for one in units if any(one.discrepancies.model_dump().values())]
        rows.append((self.words("discrepancies"), part.discrepancies, ", ".join(there)))
        lacking = [row for row in rows if row[1]]
        good = () if lacking or not self.report.country.shelters else (self.words("nothing_lacks"),)
        return self.section("quality", good, self.table("quality", ("what", "number", "which"), lacking), wide=True)

    def scope(self) -> str:
        names = ", ".join(self.area(one) if self.report.view is View.REGIONS else one for one in self.report.whose)
        return self.words(f"view_{self.report.view}", names=names)
