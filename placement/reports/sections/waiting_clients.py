"""Section 3. Waiting registrations, their waiting times, and their blocking causes."""

from collections import Counter

from matching import RULES
from placement.core.codes import Scheme, Urgency
from placement.core.place_codes import NEVER_REPORTED
from placement.core.request_codes import ASKED_FOR
from placement.reports.causes import CAPACITY, DECISION, NO_SCHEME, ROOMS, SEVERAL, UNKNOWN
from placement.reports.disclosure_control import Key, Shown
from placement.reports.inputs import Rows, WaitingRow
from placement.reports.model import Bottleneck, Counted, Waiting

TOTAL: Key = ("waiting", "total")
MOVING: Key = ("moving", "total")
MOVING_BY_KIND: tuple[Key, ...] = tuple(("moving", kind.value) for kind in ASKED_FOR)
MISSING: Key = ("missing", "total")
CAUSES = (*sorted(set(RULES) - {ROOMS}), CAPACITY, NEVER_REPORTED, SEVERAL, DECISION, NO_SCHEME, UNKNOWN)
"""All causes. All are published, even without a case, because the presence of a code would disclose a count of at least
1.
"""


def keys_of(row: WaitingRow) -> list[Key]:
    """Returns the keys of the counts to which the registration belongs."""
    return [
        TOTAL,
        ("waiting", "urgency", str(row.urgency)),
        ("waiting", "cause", row.cause),
        ("waiting", "region", row.region),
    ]


def count_people(rows: Rows) -> tuple[dict[Key, int], dict[Key, list[list[Key]]]]:
    """Returns every count of this section, and the counts that add up to each total."""
    counted = Counter(key for row in rows.waiting for key in keys_of(row))
    ways: list[list[Key]] = [
        [("waiting", "urgency", str(code.value)) for code in Urgency],
        [("waiting", "cause", code) for code in CAUSES],
        [("waiting", "region", code) for code in rows.area_codes],
    ]
    cells: dict[Key, int] = {TOTAL: len(rows.waiting)}
    cells |= {key: counted[key] for way in ways for key in way}
    extras: dict[Key, int] = {("serves", row.unit, row.extra): row.serves for row in rows.extras}
    sums: dict[Key, list[list[Key]]] = {TOTAL: [way for way in ways if way]}
    if rows.moving is not None:
        kinds = {key: rows.moving.get(key[1], 0) for key in MOVING_BY_KIND}
        cells |= {MOVING: sum(kinds.values()), **kinds}
        sums[MOVING] = [list(kinds)]
    if rows.missing is not None:
        cells[MISSING] = rows.missing
        sums[MISSING] = []
    return cells | extras, sums


def waiting(rows: Rows, shown: Shown, waits: tuple[int, int] | tuple[str, str] | None) -> Waiting:
    """Returns the section. `waits`: the median and the longest waiting time; `None` if they are not shown. Leaves out a
    bottleneck that was found after the week's first report.
    """
    schemes = {unit.unit: unit.scheme for unit in rows.units}
    return Waiting(
        total=shown[TOTAL],
        median_days=waits[0] if waits is not None else None,
        longest_days=waits[1] if waits is not None else None,
        by_urgency=tuple(
            Counted(code=str(code.value), count=shown["waiting", "urgency", str(code.value)]) for code in Urgency
        ),
        by_cause=tuple(Counted(code=code, count=shown["waiting", "cause", code]) for code in CAUSES),
        bottlenecks=tuple(
            Bottleneck(
                unit=row.unit,
                scheme=Scheme(schemes[row.unit]),
                extra=row.extra,
                serves=shown["serves", row.unit, row.extra],
            )
            for row in rows.extras
            if ("serves", row.unit, row.extra) in shown
        ),
        moving=shown.get(MOVING),
        moving_by_kind=tuple(
            Counted(code=kind, count=shown["moving", kind.value]) for kind in ASKED_FOR if rows.moving is not None
        ),
        missing=shown.get(MISSING),
    )
