"""The letter of a month, quarter or year, made from the ledger of need: the obstacles to a place, the places that would
help most, and the results of earlier advice.
"""

from collections.abc import Iterable, Iterator, Sequence

from babel.dates import format_date

from matching import RULES
from placement.core.need_codes import NeedMeasure
from placement.needs.model import OTHERS, Estimate, Interval, MoreOfKind, NeedReport, Obstacle, Statement
from placement.reports.causes import DECISION, UNKNOWN
from placement.reports.model import Kind
from placement.reports.render.layout import Layout
from placement.reports.render.period import name_of_period
from placement.reports.render.words import ReportWords, Section, Table
from placement.text.catalogue import Language, ntranslate, translate
from placement.text.labels import label
from placement.text.rule_names import rule_name

COLUMNS = ("period", "begins_on", "ends_on", "figure", "code", "value")


def lay_out_letter(found: NeedReport, language: Language) -> Layout:
    return _Letter(found, language).layout()


def rows_of_letter(found: NeedReport) -> Iterator[tuple[object, ...]]:
    """Yields every figure of the letter for a CSV file, with the columns `COLUMNS`."""
    of = found.kind.value, found.begins_on.isoformat(), found.ends_on.isoformat()
    for name, value in found.model_dump(mode="json", exclude={"format", "kind", "begins_on", "ends_on"}).items():
        if not isinstance(value, list):
            yield (*of, name, "", value)
            continue
        for row in value:
            codes = [str(cell) for key, cell in row.items() if isinstance(cell, str) or key == "places"]
            for key, cell in row.items():
                parts = cell.items() if isinstance(cell, dict) else [("", cell)]
                for part, figure in parts:
                    if not isinstance(figure, str) and key != "places":
                        yield (*of, f"{name}.{key}.{part}".rstrip("."), " ".join(codes), figure)


class _Letter(ReportWords):
    def __init__(self, found: NeedReport, language: Language) -> None:
        super().__init__(language, exact=False, areas={})
        self.found = found

    def layout(self) -> Layout:
        found = self.found
        period = name_of_period(self, found.kind, found.begins_on, found.ends_on)
        days = self.words("letter_days", days=found.days, late=found.days_without_engine)
        before = [self.words("letter_from", day=self.day_of(found))] if found.ledger_from > found.begins_on else []
        return Layout(
            language=self.language,
            title=self.words("title_letter", period=period),
            of=" ".join([days, *before]),
            lead=self.lead(),
            sections=(self.stood(), self.would_help(), self.became(), self.by_group(), self.places()),
            foot=self.words("foot_letter"),
        )

    def day_of(self, found: NeedReport) -> str:
        return format_date(found.ledger_from, "d MMMM y", locale=self.locale)

    def lead(self) -> str:
        first = next((one for one in self.found.waiting if one.code not in {OTHERS, DECISION, UNKNOWN}), None)
        if first is None:
            late = self.found.days_without_engine == self.found.days
            return self.words("letter_late" if late and self.found.waiting else "letter_silent")
        said = self.words("letter_first", cause=self.obstacle(first), percent=first.percent)
        most = next(iter(self.found.more), None)
        return said if most is None or not most.placed.likely else f"{said} {self.helps(most)}"

    def helps(self, more: MoreOfKind) -> str:
        return self.words(
            "letter_helps",
            places=self.places_more(more),
            placed=self.estimate(more.placed),
            saved=self.estimate(more.days_saved),
        )

    def stood(self) -> Section:
        columns = ("cause", "whose", "household_days", "percent", "at_least")
        return self.section(
            "stood",
            (self.words("how_stood"),) if self.found.waiting else (self.words("letter_silent"),),
            self.table("stood", columns, map(self.row_of, self.found.waiting)),
            self.table("noted", columns, map(self.row_of, self.found.noted)),
            self.table("stayed", columns, map(self.row_of, self.found.staying)),
            wide=True,
        )

    def row_of(self, one: Obstacle) -> Sequence[object]:
        owner = "" if one.owner is None else label("Owner", one.owner, self.language)
        return self.obstacle(one), owner, one.household_days, one.percent, one.at_least

    def obstacle(self, one: Obstacle) -> str:
        rule, _, party = one.code.partition(".")
        if one.code == OTHERS:
            return self.words("other_causes")
        if party:
            who = translate("party", party, self.language)
            return self.words("can_change", rule=rule_name(rule, self.language), who=who)
        if one in self.found.noted:
            return label("WaitObstacle", one.code, self.language)
        if one in self.found.staying:
            return self.reason(one.code)
        return rule_name(rule, self.language) if rule in RULES else translate("report.cause", rule, self.language)

    def would_help(self) -> Section:
        rows = [
            (self.places_more(one), self.estimate(one.placed), self.estimate(one.days_saved), one.stay_days)
            for one in self.found.more
            if one.placed.likely
        ]
        how = self.words("how_helped", days=self.found.days_solved)
        sentences = [how] if rows else [self.words("nothing_helps")]
        return self.section("helped", sentences, self.table("helped", ("place", "placed", "saved", "stay_days"), rows))

    def places_more(self, one: MoreOfKind) -> str:
        region = label("PartOfCountry", one.region, self.language)
        kind = self.kind(Kind(one.kind))
        return ntranslate("report", "places_more", one.places, self.language, kind=kind, region=region)

    def estimate(self, one: Estimate) -> str:
        ends = self.range(one.low, one.high)
        return str(one.likely) if ends is None else self.words("estimate", likely=one.likely, ends=ends)

    def became(self) -> Section:
        rows = [
            (self.kind(Kind(one.kind)), label("PartOfCountry", one.region, self.language), one.beds_then, one.beds_now)
            for one in self.found.advised
        ]
        return self.section(
            "became",
            () if rows else (self.words("nothing_advised"),),
            self.table("became", ("kind", "region", "beds_then", "beds_now"), rows),
        )

    def by_group(self) -> Section:
        rows = [self.statement(one) for one in self.found.groups]
        sentences = (self.words("how_groups"), *(() if rows else (self.words("no_statement"),)))
        table = self.table("groups", ("group", "what", "of_group", "of_others"), rows)
        return self.section("groups", sentences, table)

    def statement(self, one: Statement) -> Sequence[object]:
        measure = label("NeedMeasure", one.measure, self.language)
        name = self.group(one.dimension.value, one.code)
        return name, measure, *(self.interval(each, one.measure) for each in (one.of_group, one.of_others))

    def interval(self, one: Interval, measure: NeedMeasure) -> str:
        unit = "interval_days" if measure is NeedMeasure.WAIT else "interval_percent"
        low, high = self.decimal(one.low), self.decimal(one.high)
        return self.words(unit, low=low, high=high)

    def group(self, dimension: str, code: str) -> str:
        lists = {
            "gender": "Gender",
            "age": "AgeBand",
            "family": "HouseholdShape",
            "language": "LanguageGroup",
            "region": "PartOfCountry",
        }
        known = code if code != "unknown" or dimension != "gender" else None
        name = self.words("not_known") if known is None else label(lists[dimension], code, self.language)
        return f"{label('Dimension', dimension, self.language)}: {name}"

    def places(self) -> Section:
        rows = [
            (self.kind(Kind(one.kind)), one.beds, one.free, one.unknown, one.stale, one.refused)
            for one in self.found.places
        ]
        return self.section("kinds", (self.words("how_kinds"),), self.places_table(rows), wide=True)

    def places_table(self, rows: Iterable[Sequence[object]]) -> Table:
        return self.table("kinds", ("kind", "beds", "free", "beds_unknown", "beds_stale", "refused"), rows, long=True)
