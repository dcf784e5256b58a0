"""The view of each reader: the totals of the country, and the places in the reader's scope. A reader who sees all
places gets exact totals of beds; all other readers get totals in steps. The rows in every view come unchanged from the
same stored report. So two readers who compare their views learn nothing more.
"""

from placement.core.codes import Sees
from placement.core.context import Actor
from placement.reports.disclosure_control import rounded_wait
from placement.reports.inputs import Memory
from placement.reports.model import Report, View
from placement.reports.rounded_beds import round_beds


def for_reader(report: Report, actor: Actor, memory: Memory | None) -> Report:
    """Returns the report as this reader may see it. The desk sees everything, a coordinator the regions of the
    coordinator, a shelter its own places, and everybody else only the totals. `memory`: the memory of the report.
    """
    if actor.role.sees is Sees.ALL:
        return report
    report = round_beds(report, memory)
    waiting = report.waiting
    days = {name: getattr(waiting, name) for name in ("median_days", "longest_days")}
    exact = {name: rounded_wait(value) for name, value in days.items() if isinstance(value, int)}
    report = report.model_copy(update={"waiting": waiting.model_copy(update=exact)})
    if actor.role.sees is Sees.REGIONS:
        return _narrowed(report, View.REGIONS, frozenset(actor.regions), None)
    if actor.shelter_id is not None:
        return _narrowed(report, View.SHELTER, frozenset(), actor.shelter_id)
    return _narrowed(report, View.TOTALS, frozenset(), None)


def _narrowed(report: Report, view: View, regions: frozenset[str], shelter_id: str | None) -> Report:
    shelters = tuple(
        shelter.model_copy(
            update={
                "units": (theirs := tuple(unit for unit in shelter.units if unit.region in regions or own)),
                "beds": sum(unit.beds for unit in theirs),
                "free": sum(unit.free for unit in theirs),
            }
        )
        for shelter in report.shelters
        if (own := shelter.shelter == shelter_id) or any(unit.region in regions for unit in shelter.units)
    )
    units = {unit.unit for shelter in shelters for unit in shelter.units}
    named = {shelter.shelter for shelter in shelters}
    quality = report.quality
    return report.model_copy(
        update={
            "view": view,
            "whose": tuple(sorted(regions or ({shelter_id} if shelter_id else ()))),
            "shelters": shelters,
            "regions": tuple(row for row in report.regions if row.region in regions),
            "waiting": report.waiting.model_copy(
                update={"bottlenecks": tuple(row for row in report.waiting.bottlenecks if row.unit in units)}
            ),
            "quality": quality.model_copy(
                update={
                    "shelters_not_reported": tuple(one for one in quality.shelters_not_reported if one in named),
                    "stale_units": tuple(one for one in quality.stale_units if one in units),
                    "corrected_shelters": tuple(one for one in quality.corrected_shelters if one in named),
                }
            ),
        }
    )
