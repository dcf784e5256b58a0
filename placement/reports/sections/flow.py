"""Section 4. The events of the last complete week. Weeks do not overlap, so the difference between two reports
discloses no events of a single day. Clients who were taken over are not in the figures *registered* and *arrived*.
Clients who moved are not in the figures *arrived* and *left*.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from sqlmodel import Session

from placement.core.codes import DecisionKind
from placement.core.reason_codes import Step, reasons_for
from placement.reports.disclosure_control import Key, Shown, range_of
from placement.reports.inputs import PART, FlowRow
from placement.reports.model import Counted, Flow
from placement.reports.sections.events import Event, events_of

WEEK = timedelta(days=7)


def last_week(on: date) -> date:
    """Returns the Monday of the last week that was complete when this day began."""
    return on - timedelta(days=on.weekday()) - WEEK


def flow_row(session: Session, on: date) -> FlowRow:
    begins_on = last_week(on)
    happened = list(events_of(session, (begins_on, begins_on + WEEK)))
    counted = Counter(key for event in happened for key in event.keys)

    def by(group: str) -> dict[str, int]:
        return {key[1]: count for key, count in sorted(counted.items()) if key[0] == group and key[1:]}

    return FlowRow(
        begins_on=begins_on,
        registered=counted["registered",],
        arrived=counted["arrived",],
        expired=counted["expired",],
        decisions=by("decisions"),
        override_reasons=by("override_reasons"),
        decline_reasons=by("decline_reasons"),
        refusal_reasons=by("refusal_reasons"),
        end_reasons=by("end_reasons"),
        moved=counted["moved",],
        moved_by_region=_by_region(happened),
        of_readers=_of_readers(happened),
    )


def _by_region(happened: Iterable[Event]) -> dict[str, int]:
    """Returns the number of moves by the area of the case."""
    moved = [event.region for event in happened if event.region and ("moved",) in event.keys]
    return dict(sorted(Counter(moved).items()))


def _of_readers(happened: Iterable[Event]) -> dict[str, dict[str, int]]:
    """Returns, for each shelter and each area, its share of the counts."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in happened:
        keys = [*event.keys, *([("moved", event.region)] if event.region and ("moved",) in event.keys else [])]
        for reader in event.readers:
            found[reader].update(PART.join(key) for key in keys)
    return {reader: dict(counts) for reader, counts in found.items()}


_GROUPS = {
    "override_reasons": (Step.OVERRIDE, ("decisions", DecisionKind.OVERRIDE.value)),
    "decline_reasons": (Step.DECLINE, ("decisions", DecisionKind.DECLINE.value)),
    "refusal_reasons": (Step.REFUSE, ("refused",)),
    "end_reasons": (Step.END, ("ended",)),
}
"""Groups of reasons, each with the step of its reasons, and the key of the total of their counts."""


def codes_of(group: str, found: Iterable[str]) -> list[str]:
    """Returns every code of the group in the initial list of reasons, and other codes that were found. All are listed,
    because a missing code would disclose a count.
    """
    known = [reason.code for reason in reasons_for(_GROUPS[group][0])]
    return [*known, *sorted(set(found) - set(known))]


def count_people(row: FlowRow, areas: Iterable[str]) -> tuple[dict[Key, int], dict[Key, list[list[Key]]]]:
    """Returns every count of this section, and the counts that add up to each total. `areas`: the report's areas."""
    cells: dict[Key, int] = {
        ("flow", "registered"): row.registered,
        ("flow", "arrived"): row.arrived,
        ("flow", "expired"): row.expired,
        ("flow", "decisions"): sum(row.decisions.values()),
        ("flow", "refused"): sum(row.refusal_reasons.values()),
        ("flow", "ended"): sum(row.end_reasons.values()),
    }
    if row.moved is not None:
        cells["flow", "moved"] = row.moved
    kinds = [("flow", "decisions", kind.value) for kind in DecisionKind]
    cells |= {key: row.decisions.get(key[-1], 0) for key in kinds}
    sums: dict[Key, list[list[Key]]] = {("flow", "decisions"): [list[Key](kinds)]}
    for group, (_, whole) in _GROUPS.items():
        found: Mapping[str, int] = getattr(row, group)
        parts: dict[Key, int] = {("flow", group, code): found.get(code, 0) for code in codes_of(group, found)}
        cells |= parts
        sums[("flow", *whole)] = [list(parts)]
    if row.moved_by_region is not None:
        codes = [*areas, *sorted(row.moved_by_region.keys() - {*areas})]  # also areas that no longer exist
        moves: dict[Key, int] = {("flow", "moved", code): row.moved_by_region.get(code, 0) for code in codes}
        cells |= moves
        sums["flow", "moved"] = [list(moves)]
    return cells, sums


def flow(row: FlowRow, shown: Shown, *, exact: bool) -> Flow:
    def group(name: str) -> tuple[Counted, ...]:
        codes = codes_of(name, getattr(row, name))
        return tuple(Counted(code=code, count=shown["flow", name, code]) for code in codes)

    return Flow(
        begins_on=row.begins_on,
        ends_on=row.begins_on + WEEK - timedelta(days=1),
        registered=shown["flow", "registered"],
        arrived=shown["flow", "arrived"],
        moved=shown.get(("flow", "moved")),
        decisions=shown["flow", "decisions"],
        by_decision=tuple(Counted(code=kind, count=shown["flow", "decisions", kind.value]) for kind in DecisionKind),
        override_percent=_exact_percent(row) if exact else _percent_of(shown),
        override_reasons=group("override_reasons"),
        decline_reasons=group("decline_reasons"),
        refused=shown["flow", "refused"],
        refusal_reasons=group("refusal_reasons"),
        expired=shown["flow", "expired"],
        ended=shown["flow", "ended"],
        end_reasons=group("end_reasons"),
    )


def _exact_percent(row: FlowRow) -> str | None:
    decisions = sum(row.decisions.values())
    return str(round(100 * row.decisions.get(DecisionKind.OVERRIDE, 0) / decisions)) if decisions else None


def _percent_of(shown: Shown) -> str | None:
    """Returns the share of overrides among the decisions, as a range of whole percents that is computed only from
    published counts. An exact rate would disclose the counts.
    """
    least, most = range_of(shown["flow", "decisions", DecisionKind.OVERRIDE.value])
    fewest, largest = range_of(shown["flow", "decisions"])
    if not fewest or largest is None or most is None:
        return None
    low, high = 100 * least // largest, min(100, -(-100 * most // fewest))
    return str(low) if low == high else f"{low}\N{EN DASH}{high}"
