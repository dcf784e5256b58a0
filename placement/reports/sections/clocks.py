"""Section 5. Stays near the limit of their scheme, and stays past the limit, by the obstacle to leaving."""

from collections import Counter

from placement.core.reason_codes import Step, reasons_for
from placement.placements.stays.stay_clock import is_past_limit
from placement.placements.stays.stays import MARKS
from placement.reports.disclosure_control import Key, Shown
from placement.reports.inputs import Rows, StayRow
from placement.reports.model import Clocks, Counted

NONE_NAMED = "none_named"
NEAR: Key = ("clocks", "near")
PAST: Key = ("clocks", "past")
BLOCKERS = (*(reason.code for reason in reasons_for(Step.BLOCK)), NONE_NAMED)


def is_past(stay: StayRow) -> bool:
    return is_past_limit(stay.limit, stay.day)


def is_near(stay: StayRow) -> bool:
    """Checks whether the stay has passed the first review day (day 60 of 90, day 20 of 30), but not its limit."""
    return not is_past(stay) and stay.day >= round(stay.limit * MARKS[0])


def keys_of(stay: StayRow) -> list[Key]:
    """Returns the keys of the counts to which the stay belongs."""
    if is_near(stay):
        return [NEAR, ("clocks", "near", stay.region)]
    if is_past(stay):
        return [PAST, ("clocks", "past", stay.region), ("clocks", "blocker", stay.blocker)]
    return []


def count_people(rows: Rows) -> tuple[dict[Key, int], dict[Key, list[list[Key]]]]:
    """Returns every count of this section, and the counts that add up to each total."""
    counted = Counter(key for stay in rows.stays for key in keys_of(stay))
    by_blocker: list[Key] = [("clocks", "blocker", code) for code in BLOCKERS]
    by_near: list[Key] = [("clocks", "near", code) for code in rows.area_codes]
    by_past: list[Key] = [("clocks", "past", code) for code in rows.area_codes]
    cells = {key: counted[key] for key in (NEAR, PAST, *by_blocker, *by_near, *by_past)}
    return cells, {NEAR: [by_near], PAST: [by_blocker, by_past]}


def clocks(shown: Shown) -> Clocks:
    return Clocks(
        near=shown[NEAR],
        past=shown[PAST],
        past_by_blocker=tuple(Counted(code=code, count=shown["clocks", "blocker", code]) for code in BLOCKERS),
    )
