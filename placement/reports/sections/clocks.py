"""5. Stays near the limit of their scheme, and past it, by what keeps them."""

from collections import Counter

from placement.core.reason_codes import Step, reasons_for
from placement.placements.stays import MARKS
from placement.reports.disclosure_control import Key, Shown
from placement.reports.inputs import Rows, StayRow
from placement.reports.model import Clocks, Counted

NONE_NAMED = "none_named"
NEAR: Key = ("clocks", "near")
PAST: Key = ("clocks", "past")
BLOCKERS = (*(reason.code for reason in reasons_for(Step.BLOCK)), NONE_NAMED)


def is_past(stay: StayRow) -> bool:
    return stay.day >= stay.limit


def is_near(stay: StayRow) -> bool:
    """From the first mark on: day 60 of 90, day 20 of 30."""
    return not is_past(stay) and stay.day >= round(stay.limit * MARKS[0])


def count_people(rows: Rows) -> tuple[dict[Key, int], dict[Key, list[list[Key]]]]:
    """Every count of this section, and the sums that they form."""
    near = [stay for stay in rows.stays if is_near(stay)]
    past = [stay for stay in rows.stays if is_past(stay)]
    blockers = Counter(stay.blocker for stay in past)
    near_in, past_in = (Counter(stay.region for stay in stays) for stays in (near, past))
    by_blocker: dict[Key, int] = {("clocks", "blocker", code): blockers[code] for code in BLOCKERS}
    by_near: dict[Key, int] = {("clocks", "near", code): near_in[code] for code in rows.area_codes}
    by_past: dict[Key, int] = {("clocks", "past", code): past_in[code] for code in rows.area_codes}
    cells: dict[Key, int] = {NEAR: len(near), PAST: len(past), **by_blocker, **by_near, **by_past}
    return cells, {NEAR: [list(by_near)], PAST: [list(by_blocker), list(by_past)]}


def clocks(shown: Shown) -> Clocks:
    return Clocks(
        near=shown[NEAR],
        past=shown[PAST],
        past_by_blocker=tuple(Counted(code=code, count=shown["clocks", "blocker", code]) for code in BLOCKERS),
    )
