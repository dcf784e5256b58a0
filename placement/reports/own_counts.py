"""What a reader of a report knows without it: how many of each count are of its own shelter, or of its own care area.

Who subtracts them from a published count learns of all others: so they decide how a count is told
(`disclosure_control.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from placement.reports.disclosure_control import Key
from placement.reports.inputs import PART, Rows, area_reader, shelter_reader
from placement.reports.sections import clocks, waiting_clients

Own = Mapping[Key, int]


def own_counts(rows: Rows) -> list[Own]:
    """Of each reader that has any. None of them in rows of before they were counted: those are told as they were."""
    if rows.flow.of_readers is None:
        return []
    found: defaultdict[str, Counter[Key]] = defaultdict(Counter)
    for row in rows.waiting:
        found[area_reader(row.region)].update(waiting_clients.keys_of(row))
    shelters = {unit.unit: unit.shelter for unit in rows.units}
    for stay in rows.stays:
        houses = [shelter_reader(shelters[stay.unit])] if stay.unit in shelters else []
        for reader in (area_reader(stay.region), *houses):
            found[reader].update(clocks.keys_of(stay))
    for section, readers in (
        ("flow", rows.flow.of_readers),
        ("moving", rows.moving_of_readers or {}),
        ("missing", rows.missing_of_readers or {}),
    ):
        for reader, counts in readers.items():
            found[reader].update({(section, *code.split(PART)): count for code, count in counts.items()})
    for counted in found.values():
        counted[waiting_clients.MOVING] = sum(counted[key] for key in waiting_clients.MOVING_BY_KIND)
    return list(found.values())


def most_of(owns: Iterable[Own]) -> Counter[Key]:
    """Of each count, the most that one reader has of it."""
    most: Counter[Key] = Counter()
    for own in owns:
        most |= Counter(own)
    return most
