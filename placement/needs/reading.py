"""Readings of the ledger for a month, quarter or year that is over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, date

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import monday_of
from placement.core.context import Act
from placement.core.errors import Invalid, NotFound
from placement.core.need_codes import Dimension, LedgerSpan, NeedMeasure, PartOfCountry
from placement.core.periods import Period, PeriodKind, period_of
from placement.needs import ledger
from placement.needs.model import LEAST, OTHERS, Advised, KindOfPlace, MoreOfKind, NeedReport, Obstacle, Statement
from placement.needs.owners import owner_of
from placement.tables import NeedRecord
from placement.tables.need import GroupCounts, LengthOfStay, MorePlaces, Needs

_CLIENTS = (Dimension.GENDER, Dimension.AGE, Dimension.FAMILY, Dimension.LANGUAGE, Dimension.REGION)
_PER = {NeedMeasure.WAIT: 1, NeedMeasure.REFUSED: 100, NeedMeasure.DECLINED: 100, NeedMeasure.OVERRIDES: 100}
PLACES = (1, 2)
_STEP = 5
_STAY_DAYS = 60
"""The assumed length of a stay in a scheme in which no stay has ended yet, in days."""


@needs(Permission.NEEDS_READ)
def needs_of_period(act: Act, kind: PeriodKind, day: date) -> NeedReport:
    """Returns the ledger's figures for the period of this day. Raises `Invalid` for an invalid day, a period that is
    not over, and a period before the ledger began. Raises `NotFound` for a period without records.
    """
    period = _period(kind, day)
    if period.ends_on >= act.day:
        raise Invalid.at("day", "needs_not_over", ends=period.ends_on.isoformat())
    first = ledger.first_day(act.session)
    if first is None:
        raise Invalid.at("day", "needs_none_yet")
    if period.ends_on < first:
        raise Invalid.at("day", "needs_before_first", first=first.isoformat())
    year = period_of(PeriodKind.YEAR, period.begins_on)
    before = ledger.records(act.session, period.previous)
    records = ledger.records(act.session, Period(PeriodKind.YEAR, year.begins_on, period.ends_on))
    if not any(one.on >= period.begins_on for one in records):
        raise NotFound
    audit_log.write(act, Event.NEEDS_READ, on=period.begins_on.isoformat(), period=kind.value)
    return _read(period, records, before, first)


@needs(Permission.NEEDS_READ)
def needs_if_known(act: Act, kind: PeriodKind, day: date) -> NeedReport | None:
    """Returns the ledger's figures for a period; `None` without records, and for a period that is not over. Raises
    `Invalid` for an invalid day.
    """
    first, period = ledger.first_day(act.session), _period(kind, day)
    if first is not None and period.ends_on < act.day and ledger.records(act.session, period):
        return needs_of_period(act, kind, day)
    audit_log.write(act, Event.NEEDS_READ, on=period.begins_on.isoformat(), period=kind.value)
    return None


def _period(kind: PeriodKind, day: date) -> Period:
    if not MINYEAR < day.year < MAXYEAR:  # leaves room for a period before and after it
        raise Invalid.at("day", "not_a_day")
    return period_of(kind, day)


def _read(period: Period, of_year: Sequence[NeedRecord], before: Sequence[NeedRecord], first: date) -> NeedReport:
    records = [one for one in of_year if one.on >= period.begins_on]
    sums = ledger.summed([one.content for one in records])
    more = tuple(_more(records, sums, with_interval=True))
    return NeedReport(
        kind=period.kind,
        begins_on=period.begins_on,
        ends_on=period.ends_on,
        ledger_from=first,
        days=sums.days,
        days_without_engine=sums.late,
        days_solved=sums.solved,
        waiting=tuple(_obstacles(period, of_year, sums, Dimension.CAUSE)),
        noted=tuple(_obstacles(period, of_year, sums, Dimension.NOTED)),
        staying=tuple(_obstacles(period, of_year, sums, Dimension.BLOCKER)),
        groups=tuple(_statements(records, sums)),
        places=tuple(_places(sums)),
        more=more,
        advised=tuple(_advised(before, sums)),
    )


def _obstacles(period: Period, of_year: Iterable[NeedRecord], sums: Needs, dimension: Dimension) -> Iterator[Obstacle]:
    from placement.needs.fold import Cell, cell_of, months_of, shown_groups  # noqa: PLC0415  (importing numpy is slow)

    cells: dict[tuple[str, date], Cell] = {}
    for one in of_year:
        month = period_of(PeriodKind.MONTH, one.on).begins_on
        for group in one.content.groups:
            if group.dimension is dimension:
                cell = Cell(group.waiting, group.new, group.most)
                cells[group.code, month] = cells.get((group.code, month), Cell(0, 0, 0)).plus(cell)
    shown = shown_groups(cells, period) if cells else None
    if shown is None:
        return
    months = months_of(period)
    rest = {group.code for group in sums.groups if group.dimension is dimension} - set(shown)
    rows = [*((code, cell_of(cells, [code], months)) for code in shown), (OTHERS, cell_of(cells, rest, months))]
    total = sum(cell.days for _, cell in rows)
    for code, cell in rows:
        if cell.days:
            yield Obstacle(
                code=code,
                owner=None if code == OTHERS else owner_of(code),
                household_days=cell.days,
                percent=round(100 * cell.days / total),
                at_least=cell.at_least // _STEP * _STEP,
            )


def _statements(records: Sequence[NeedRecord], sums: Needs) -> Iterator[Statement]:
    """Yields the groups whose figures differ from the figures of all other clients by more than chance explains. Yields
    nothing if any month of the period is stored as a single record, because the comparison needs weeks.
    """
    from placement.needs.estimates import compare  # noqa: PLC0415  (importing numpy is slow)

    weeks: defaultdict[date, list[Needs]] = defaultdict(list)
    for one in records:
        if one.span is LedgerSpan.MONTH:
            return
        weeks[monday_of(one.on)].append(one.content)
    by_week = [{(row.dimension, row.code): row for row in ledger.summed(days).groups} for days in weeks.values()]
    for row in sums.groups:
        others = [one for one in sums.groups if one.dimension is row.dimension and one.code != row.code]
        if row.dimension not in _CLIENTS or not others:
            continue
        for measure in NeedMeasure:
            if min(_upper(measure, [row]), _upper(measure, others), row.new, sum(one.new for one in others)) < LEAST:
                continue
            ours: list[tuple[int, int]] = []
            theirs: list[tuple[int, int]] = []
            for week in by_week:
                same = [one for (dimension, _), one in week.items() if dimension is row.dimension]
                for rows, found in (
                    ([one for one in same if one.code == row.code], ours),
                    ([one for one in same if one.code != row.code], theirs),
                ):
                    found.append((_upper(measure, rows), _lower(measure, rows)))
            compared = compare(ours, theirs, _PER[measure])
            if compared is not None:
                facts = dict(zip(("of_group", "of_others", "is_higher"), compared, strict=True))
                yield Statement(dimension=row.dimension, code=row.code, measure=measure, **facts)


def _upper(measure: NeedMeasure, rows: Iterable[GroupCounts]) -> int:
    if measure is NeedMeasure.WAIT:
        return sum(row.waiting for row in rows)
    return sum(sum(getattr(row, measure.value).values()) for row in rows)


def _lower(measure: NeedMeasure, rows: Iterable[GroupCounts]) -> int:
    return sum(row.new if measure is NeedMeasure.WAIT else row.decisions for row in rows)


def _places(sums: Needs) -> Iterator[KindOfPlace]:
    for row in sums.places:
        refused = sum(row.refused.values())
        means = {name: round(getattr(row, name) / sums.days) for name in ("beds", "free", "unknown", "stale")}
        yield KindOfPlace(kind=row.kind, **means, refused=refused if refused >= LEAST else None)


def _more(records: Sequence[NeedRecord], sums: Needs, *, with_interval: bool) -> Iterator[MoreOfKind]:
    """Yields, for each kind of place, the effect of one additional place and of two additional places. Uses the housing
    unit in which two additional places help most.
    """
    from placement.needs.estimates import gained  # noqa: PLC0415  (importing numpy is slow)

    interval = with_interval and all(one.span is LedgerSpan.DAY for one in records)
    lengths = {one.scheme: _stay_days(one) for one in sums.lengths}
    waits = wait_days(sums)
    enough = _schemes_with_enough(sums)
    found = []
    for kind in dict.fromkeys(kind for row in sums.more for kind in row.kinds):
        best = None
        for place in (row for row in sums.more if kind in row.kinds and row.scheme in enough):
            days = lengths.get(place.scheme, _STAY_DAYS)
            two = gained(_series(records, place, "with_two"), 2, days, waits[place.scheme], with_interval=False)
            rank = two.placed.likely, two.days_saved.likely, place.place
            best = max(best or (rank, place), (rank, place), key=lambda one: one[0])
        if best is None:
            continue
        place = best[1]
        days = lengths.get(place.scheme, _STAY_DAYS)
        for places, name in zip(PLACES, ("with_one", "with_two"), strict=True):
            one = gained(_series(records, place, name), places, days, waits[place.scheme], with_interval=interval)
            found.append(
                MoreOfKind(
                    kind=kind,
                    region=PartOfCountry(place.region),
                    places=places,
                    placed=one.placed,
                    days_saved=one.days_saved,
                    stay_days=days,
                )
            )
    yield from sorted(found, key=lambda one: (-one.placed.likely, -one.days_saved.likely, one.kind, one.places))


def wait_days(sums: Needs) -> dict[str, float]:
    """Returns, by scheme, the average wait of a household in days: the number of household days, divided by the number
    of households that began to wait.
    """
    of_scheme = [row for row in sums.groups if row.dimension is Dimension.SCHEME]
    return {row.code: row.waiting / max(1, row.new) for row in of_scheme}


def _schemes_with_enough(sums: Needs) -> set[str]:
    """Returns the schemes for which at least five households waited."""
    of_scheme = [row for row in sums.groups if row.dimension is Dimension.SCHEME]
    return {row.code for row in of_scheme if max(row.new, row.most) >= LEAST}


def _series(records: Iterable[NeedRecord], place: MorePlaces, name: str) -> list[float]:
    """Returns how many more persons would be placed on each day. If a month is stored as a single record, each of its
    days has the average of the month.
    """
    series = []
    for one in records:
        gain = sum(getattr(row, name) for row in one.content.more if row.place == place.place)
        series += [gain / max(1, one.content.solved)] * one.content.days
    return series


def _stay_days(length: LengthOfStay) -> int:
    return max(1, round(length.lived / length.ended)) if length.ended else _STAY_DAYS


def _advised(records: Sequence[NeedRecord], sums: Needs) -> Iterator[Advised]:
    """Yields the kinds of place that the previous period's report advised, with their numbers of beds then and now."""
    if not records:
        return
    then = ledger.summed([one.content for one in records])
    now = {row.kind: row.beds for row in _places(sums)}
    was: Mapping[str, int] = {row.kind: row.beds for row in _places(then)}
    named: Counter[str] = Counter()
    for row in _more(records, then, with_interval=False):
        named[row.kind] += 1
        if named[row.kind] == 1 and row.kind in now:
            yield Advised(kind=row.kind, region=row.region, beds_then=was.get(row.kind, 0), beds_now=now[row.kind])
