"""The beginning of the report: changes, shortages and tasks, in sentences with figures. Counts about people come from
two reports in the form that this reader sees. So their difference discloses nothing new to the reader.
"""

from collections.abc import Iterator

from babel.dates import format_date
from msgspec import Struct

from placement.reports.causes import CAPACITY, DECISION, UNKNOWN
from placement.reports.disclosure_control import HALF, HIDDEN, STEP, range_of
from placement.reports.model import Counted, Kind, Report
from placement.reports.render.words import (
    ReportWords,
    most_first,
    most_helpful_first,
    names_of_areas,
    names_of_shelters,
    names_of_units,
)
from placement.reports.task_counts import Tasks, ToDo
from placement.text.catalogue import Language, ntranslate, translate
from placement.text.labels import label

_CAUSES = 3
"""The number of causes that are named. The causes with the most waiting clients come first."""
_NO_SHORTAGE = {DECISION, UNKNOWN}


class Line(Struct, frozen=True):
    """A line of text. `page`: the page on which the reader can act; `None` if there is no page for it. `parts`: texts
    that follow the line, each with its own page.
    """

    text: str
    page: str | None = None
    parts: tuple[tuple[str, str], ...] = ()


class Block(Struct, frozen=True):
    code: str
    title: str
    lines: tuple[Line, ...]


def brief(
    report: Report, before: Report | None, todo: ToDo | None, language: Language, *, exact: bool
) -> tuple[Block, ...]:
    """Returns the blocks of sentences. `before`: the previous report, in the form that the reader sees. `todo`: the
    reader's tasks; `None` for a past report.
    """
    written = _Brief(report, language, exact)
    blocks = [written.changed(before), written.short()]
    return (*blocks, written.to_do(todo)) if todo is not None else tuple(blocks)


class _Brief(ReportWords):
    def __init__(self, report: Report, language: Language, exact: bool) -> None:
        super().__init__(language, exact=exact, areas=names_of_areas(report), units=names_of_units(report))
        self.report = report

    def changed(self, before: Report | None) -> Block:
        if before is None:
            return self.block("changed", self.words("brief_changed"), [Line(self.words("nothing_before"))])
        yesterday = (self.report.on - before.on).days == 1
        since = self.words("brief_changed_since", day=format_date(before.on, "d MMMM", locale=self.locale))
        lines = [Line(text) for text in self.changes(before)]
        title = self.words("brief_changed") if yesterday else since
        if len(lines) == 1:
            lines.append(Line(self.words("nothing_changed")))
        return self.block("changed", title, lines)

    def changes(self, before: Report) -> Iterator[str]:
        """Yields a sentence about the free places, and sentences about other figures that changed."""
        now, was = self.report, before
        earlier = {row.kind: row.free for row in was.free.by_kind}
        differences = [(row.kind, row.free - earlier.get(row.kind, row.free)) for row in now.free.by_kind]
        kinds = ", ".join(f"{self.kind(kind)} {self.signed(number)}" for kind, number in differences if number)
        beds = self.about if now.is_rounded else int
        free = self.words("now_free", now=beds(now.free.free), was=beds(was.free.free))
        yield f"{free}: {kinds}." if kinds else f"{free}."
        people = [
            ("now_wait", now.waiting.total, was.waiting.total),
            ("now_near", now.clocks.near, was.clocks.near),
            ("now_past", now.clocks.past, was.clocks.past),
        ]
        for code, count, earlier_count in people:
            if count != earlier_count:
                yield self.words(code, now=self.count(count), was=self.count(earlier_count))
        if now.country.out_of_service != was.country.out_of_service:
            out = beds(now.country.out_of_service), beds(was.country.out_of_service)
            yield self.words("now_out", now=out[0], was=out[1])

    def short(self) -> Block:
        lines = [Line(text) for text in self.shortages()]
        return self.block("short", self.words("brief_short"), lines or [Line(self.words("nothing_short"))])

    def shortages(self) -> Iterator[str]:
        if not self.report.country.shelters:
            yield self.words("no_shelter")
            return
        few_free = self.report.free.few
        if few_free:
            yield self.words("few_free", kinds=", ".join(map(self.for_kind, few_free)), most=STEP + HALF)
        none_free = [row.kind for row in self.report.free.by_kind if not row.free]
        if none_free:
            yield self.words("none_free", kinds=", ".join(map(self.for_kind, none_free)))
        causes = most_first(self.told(self.report.waiting.by_cause))
        causes = [one for one in causes if one.code not in _NO_SHORTAGE][:_CAUSES]
        if causes:
            yield self.words("short_by", causes="; ".join(f"{self.cause(one.code)} ({one.count})" for one in causes))
        for one in self.told(self.report.waiting.by_cause):
            if one.code == UNKNOWN:
                yield self.words("cause_unknown", households=self.count(one.count))
        if self.report.waiting.bottlenecks:
            first = most_helpful_first(self.report.waiting.bottlenecks)[0]
            yield self.words(
                "helps_most",
                extra=self.one_more(first.extra),
                unit=self.unit_name(first.unit),
                scheme=label("Scheme", first.scheme, self.language),
                serves=self.count(first.serves),
            )
        elif any(one.code == CAPACITY for one in causes) and not none_free and not few_free:
            yield self.words("fits_nobody")

    def told(self, counts: tuple[Counted, ...]) -> list[Counted]:
        """Returns the counts that are certainly at least 1."""
        return [one for one in counts if one.count != HIDDEN and range_of(one.count)[0]]

    def to_do(self, todo: ToDo) -> Block:
        lines = [*self.tasks(todo), *self.decisions(), *self.counts(todo)]
        return self.block("to_do", self.words("brief_to_do"), lines or [Line(self.words("nothing_to_do"))])

    def tasks(self, todo: ToDo) -> Iterator[Line]:
        if todo.own.number:
            yield Line(self.number("tasks_own", todo.own.number) + self.late(todo.own), "/")
        areas = sorted(todo.areas.items(), key=lambda row: (-row[1], row[0]))
        if areas:
            parts = [(f"{self.area(area)} {number}", f"/registrations?region={area}") for area, number in areas]
            yield Line(self.number("tasks_of_areas", sum(todo.areas.values())), parts=tuple(parts))
        if todo.shelters:
            yield Line(self.number("tasks_of_shelters", todo.shelters), "/holds")

    def decisions(self) -> Iterator[Line]:
        """Yields the number of clients who wait only for a decision. They are not listed under shortages, because a
        place exists for them.
        """
        for one in self.told(self.report.waiting.by_cause):
            if one.code == DECISION:
                yield Line(self.words("wait_for_decision", count=one.count))

    def counts(self, todo: ToDo) -> Iterator[Line]:
        quality = self.report.quality
        names, number = quality.shelters_not_reported, quality.not_reported
        if todo.not_counted is not None:
            names, number = todo.not_counted, len(todo.not_counted)
        if number:
            text = self.number("not_counted", number)
            called = names_of_shelters(self.report)
            which = self.among([called.get(name, name) for name in names], number, self.report)
            if number != quality.not_reported:
                text += f" ({self.words('not_counted_before', number=quality.not_reported)})"
            sign = ":" if len(names) == number else ";"
            yield Line(f"{text}{sign} {which}." if which else f"{text}.", todo.counts_on)

    def late(self, tasks: Tasks) -> str:
        return self.number("tasks_late", tasks.late) if tasks.late else "."

    def signed(self, number: int) -> str:
        return f"{number:+d}".replace("-", "\N{MINUS SIGN}")

    def for_kind(self, kind: Kind) -> str:
        return translate("report.for_kind", kind, self.language)

    def number(self, code: str, number: int, **facts: object) -> str:
        return ntranslate("report", code, number, self.language, number=number, **facts)

    def block(self, code: str, title: str, lines: list[Line]) -> Block:
        return Block(code, title, tuple(lines))
