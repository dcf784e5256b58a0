"""Section 7. The reliability of the data."""

from placement.core.codes import Freshness
from placement.reports.inputs import Rows
from placement.reports.model import Quality

_STALE = {Freshness.STALE, Freshness.NEVER}


def quality(rows: Rows) -> Quality:
    not_reported = tuple(row.shelter for row in rows.shelters if row.freshness != Freshness.FRESH)
    old = {row.shelter for row in rows.shelters if row.freshness in _STALE}
    stale = tuple(unit.unit for unit in rows.units if unit.shelter in old)
    corrected = tuple(row.shelter for row in rows.shelters if row.corrected)
    return Quality(
        shelters_not_reported=not_reported,
        stale_units=stale,
        corrected_shelters=corrected,
        not_reported=len(not_reported),
        stale=len(stale),
        corrected=len(corrected),
        discrepancies=sum(1 for unit in rows.units for room in unit.rooms if room.too_many or room.counted_otherwise),
    )
