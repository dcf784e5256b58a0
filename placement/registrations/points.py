"""Look-up of the points of a case in the list of places."""

from placement.core.errors import Fault
from placement.core.geography import places_like, places_named
from placement.registrations.case import Case, PointInput
from placement.tables.registration import StoredPoint


def points_of(case: Case, faults: list[Fault]) -> dict[str, StoredPoint]:
    """Returns the points of a case by field, such as `threats.0`. Adds a fault to `faults` for each point that is
    unknown.
    """
    given = {f"threats.{number}": threat.point for number, threat in enumerate(case.threats or ())}
    given |= {f"reach.{number}": reached.point for number, reached in enumerate(case.reach or ())}
    given |= {} if case.near is None else {"near": case.near}
    found = {field: point_of(field, point, faults) for field, point in given.items()}
    return {field: point for field, point in found.items() if point is not None}


def point_of(where: str, given: PointInput, faults: list[Fault]) -> StoredPoint | None:
    """Returns the point in the form that is stored. If the point is unknown or ambiguous, adds a fault and returns
    `None`.
    """
    if given.place is not None and given.lat is None and given.lon is None:
        meant = places_named(given.place)
        if len(meant) != 1:
            code = "place_ambiguous" if meant else "place_unknown"
            named = [place.in_full for place in meant] or places_like(given.place)
            faults.append(Fault(f"{where}.place", code, {"found": given.place, "allowed": named}))
            return None
        [place] = meant
        return {"place": place.name, "lat": place.point.lat, "lon": place.point.lon}
    if given.place is None and given.lat is not None and given.lon is not None:
        return {"place": None, "lat": given.lat, "lon": given.lon}
    faults.append(Fault(where, "place_or_point"))
    return None
