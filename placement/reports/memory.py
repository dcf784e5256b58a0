"""The memory of the report: the figures that readers saw before, which determine what they see next
(docs/decisions/0022).

Each rounded figure has an anchor, which is the true count at the last change of the figure (`disclosure_control.py`).
For a whole week, reports show the counts of people of the week's first report. A waiting time is shown in weeks, or as
`30+` from 30 days on.

The memory is sealed together with the rows of its report. It can be computed from these rows and the memory of the
previous report.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec
from msgspec import Struct, structs

from placement.reports.build import EXACT, lasting, waits_of
from placement.reports.disclosure_control import anchored, protect, rounded_wait
from placement.reports.inputs import PART, Before, Memory, Past, Rows
from placement.reports.own_counts import own_counts
from placement.reports.rounded_beds import FREE, IN_USE, beds_of, past_of
from placement.reports.sections.forecast import forecast
from placement.reports.sections.free_places import DAYS, free
from placement.reports.sections.shelters import country


class _Remembered(Struct):
    """The part of stored rows that `memory_of` reads."""

    memory: Memory | None = None


def memory_of(written: str) -> Memory | None:
    """Returns the memory in stored rows. Returns `None` for rows of reports without a memory."""
    return msgspec.json.decode(written, type=_Remembered).memory


def with_memory(rows: Rows, last: Memory | None) -> Rows:
    """Returns the rows with their memory. `last`: the memory of the last earlier report; `None` if there is no such
    memory.
    """
    beds = beds_of(free(rows), country(rows), forecast(rows))
    anchors = _anchors(beds, last)
    first = last.past if last is not None else tuple(map(_floors, rows.before))
    past = (*first, past_of(rows.on, anchors))
    begins = rows.on - timedelta(days=DAYS)
    memory = Memory(rows.on, anchors, tuple(one for one in past if one.on >= begins))
    if last is not None and _are_of_one_week(last.people_on, rows.on):
        kept = {key: anchor for key, anchor in last.anchors.items() if key not in anchors}
        memory = structs.replace(
            memory, people_on=last.people_on, anchors=anchors | kept, people=last.people, waits=last.waits
        )
    else:
        memory = _of_new_week(rows, memory, last)
    return structs.replace(rows, memory=memory)


def _of_new_week(rows: Rows, memory: Memory, last: Memory | None) -> Memory:
    """Returns the memory with the counts of people of this day, the first day of a new week."""
    cells, sums = lasting(rows)
    anchors = _anchors({PART.join(key): count for key, count in cells.items()}, last)
    shown = protect(cells, sums, EXACT, own_counts(rows), {key: anchors[PART.join(key)] for key in cells})
    waits = waits_of(rows, exact=False)
    return structs.replace(
        memory,
        anchors=memory.anchors | anchors,
        people={PART.join(key): text for key, text in shown.items()},
        waits=(rounded_wait(waits[0]), rounded_wait(waits[1])) if waits is not None else None,
    )


def _are_of_one_week(one: date, other: date) -> bool:
    return one.isocalendar()[:2] == other.isocalendar()[:2]


def _anchors(counts: Mapping[str, int], last: Memory | None) -> dict[str, int]:
    known = last.anchors if last is not None else {}
    return {key: anchored(count, known.get(key)) for key, count in counts.items()}


def _floors(before: Before) -> Past:
    """Returns the rounded figures of a day whose report has no memory."""
    kinds = {f"{FREE}.{kind}": count for kind, count in before.by_kind.items()}
    return past_of(before.on, {FREE: before.free, IN_USE: before.used, **kinds})
