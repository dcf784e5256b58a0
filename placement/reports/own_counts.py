"""The share of each count that a reader knows without the report, because it concerns the reader's own shelter or care
area. A reader can subtract this share from a published count and learn about all others. So the share determines the
published form of the count (`disclosure_control.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from placement.reports.disclosure_control import Key
from placement.reports.inputs import PART, Rows, area_reader, shelter_reader
from placement.reports.sections import clocks, waiting_clients

Own = Mapping[Key, int]


def own_counts(rows: Rows) -> list[Own]:
    """Returns the shares of every reader who has a share. Returns an empty list for older rows, in which shares are
    missing.
    """
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
    """Returns, for each count, the largest share of a single reader."""
    most: Counter[Key] = Counter()
    for own in owns:
        most |= Counter(own)
    return most
