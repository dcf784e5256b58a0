"""4. What happened in the last complete week. Weeks do not overlap, so no difference of two reports discloses one
person's day. A client who was taken over was not registered and did not arrive in any of them; one who moved on did
neither arrive nor leave.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from placement.core.clock import start_of
from placement.core.codes import DecisionKind, HoldStatus, RegistrationStatus
from placement.core.reason_codes import MOVED_ON, Step, reasons_for
from placement.crypto.encrypted_columns import is_readable
from placement.reports.disclosure_control import Key, Shown, range_of
from placement.reports.inputs import FlowRow
from placement.reports.model import Counted, Flow
from placement.storage.row_seals import only
from placement.tables import Decision, Hold, Registration, Stay

WEEK = timedelta(days=7)


def last_week(on: date) -> date:
    """The Monday of the last week that was complete when this day began."""
    return on - timedelta(days=on.weekday()) - WEEK


def flow_row(session: Session, on: date) -> FlowRow:
    begins_on = last_week(on)
    begins, ends = start_of(begins_on), start_of(begins_on + WEEK)

    def within(moment: Any) -> Any:
        return (col(moment) >= begins) & (col(moment) < ends)

    def sealed_within(moment: Any, *where: Any) -> Counter[str]:
        """How many there are of each case."""
        table = moment.class_
        known = select(table).where(*where, moment.is_not(None)).options(only(table, moment, table.registration_id))
        found = [(row.registration_id, getattr(row, moment.key)) for row in session.exec(known)]
        return Counter(case for case, one in found if is_readable(one) and begins <= one < ends)

    def by(code: Any, *where: Any) -> dict[str, int]:
        found: Any = session.exec(select(code, func.count()).where(*where).group_by(code).order_by(code)).all()
        return {str(name): number for name, number in found}

    ended_within = col(Stay.ended_on) >= begins_on, col(Stay.ended_on) < begins_on + WEEK
    moved_on = session.exec(select(Stay.registration_id).where(*ended_within, Stay.end_reason == MOVED_ON))
    moved = Counter(moved_on)
    decided = within(Decision.decided_at)
    return FlowRow(
        begins_on=begins_on,
        registered=_registered(session, begins_on),
        arrived=(sealed_within(Stay.arrived_at, col(Stay.taken_over_on).is_(None)) - moved).total(),
        expired=sealed_within(
            Hold.expires_at, Hold.status == HoldStatus.EXPIRED, col(Hold.asked_at).is_not(None)
        ).total(),
        decisions=by(Decision.kind, decided),
        override_reasons=by(Decision.reason, decided, Decision.kind == DecisionKind.OVERRIDE),
        decline_reasons=by(Decision.reason, decided, Decision.kind == DecisionKind.DECLINE),
        refusal_reasons=by(
            Hold.reason,
            col(Hold.ended_on) >= begins_on,
            col(Hold.ended_on) < begins_on + WEEK,
            Hold.status == HoldStatus.REFUSED,
        ),
        end_reasons=by(Stay.end_reason, *ended_within, Stay.end_reason != MOVED_ON),
        moved=moved.total(),
        moved_by_region=_by_region(session, moved),
    )


def _by_region(session: Session, moved: Counter[str]) -> dict[str, int]:
    """By the area of the case."""
    cases = select(Registration).where(col(Registration.id).in_(moved)).options(only(Registration, Registration.region))
    found: Counter[str] = Counter()
    for case in session.exec(cases):
        found[case.region] += moved[case.id]
    return dict(sorted(found.items()))


def _registered(session: Session, begins_on: date) -> int:
    """How many registrations were made in this week; one whose key is missing counts as one that was not taken over."""
    made = col(Registration.waits_on) >= begins_on, col(Registration.waits_on) < begins_on + WEEK
    known = session.exec(select(Registration).where(*made, Registration.status != RegistrationStatus.DRAFT))
    return sum(one.known("taken_over_on") is None for one in known)


_GROUPS = {
    "override_reasons": (Step.OVERRIDE, ("decisions", DecisionKind.OVERRIDE.value)),
    "decline_reasons": (Step.DECLINE, ("decisions", DecisionKind.DECLINE.value)),
    "refusal_reasons": (Step.REFUSE, ("refused",)),
    "end_reasons": (Step.END, ("ended",)),
}
"""The codes of a group, and the count that they add up to."""


def codes_of(group: str, found: Iterable[str]) -> list[str]:
    """Every code of the step, so that a missing code discloses nothing; and those found beside them."""
    known = [reason.code for reason in reasons_for(_GROUPS[group][0])]
    return [*known, *sorted(set(found) - set(known))]


def count_people(row: FlowRow, areas: Iterable[str]) -> tuple[dict[Key, int], dict[Key, list[list[Key]]]]:
    """Every count of this section, and the sums that they form. `areas`: those of the report."""
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
        codes = [*areas, *sorted(row.moved_by_region.keys() - {*areas})]  # an area may be gone by now
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
    """A range of whole percents, from published counts only: an exact rate would disclose the count."""
    least, most = range_of(shown["flow", "decisions", DecisionKind.OVERRIDE.value])
    fewest, largest = range_of(shown["flow", "decisions"])
    if not fewest or largest is None or most is None:
        return None
    low, high = 100 * least // largest, min(100, -(-100 * most // fewest))
    return str(low) if low == high else f"{low}\N{EN DASH}{high}"
