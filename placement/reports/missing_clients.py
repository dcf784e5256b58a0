"""Missing clients at a certain moment. They are counted separately, and never as waiting."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, select

from placement.core.codes import RegistrationStatus
from placement.crypto.encrypted_columns import is_readable
from placement.reports.inputs import area_reader, shelter_reader
from placement.storage.rows_by_id import rows_by_id
from placement.tables import Location, Registration, Search, Stay, Unit


def _searches_at(registration: Registration, as_of: datetime) -> list[Search]:
    """Returns the registration's searches for missing clients that had begun by this moment and had not ended."""
    found = registration.known("searches") or ()
    return [one for one in found if one.said_at <= as_of and (one.ended_at is None or one.ended_at > as_of)]


def missing_at(
    session: Session, active: Iterable[Registration], as_of: datetime
) -> tuple[int, dict[str, dict[str, int]]]:
    """Returns the number of registrations with missing persons, and the share of each area, and of each shelter from
    which a client is missing.
    """
    searched = {one.id: (one, _searches_at(one, as_of)) for one in active}
    found = {
        key: (one, searches)
        for key, (one, searches) in searched.items()
        if searches or (one.status is RegistrationStatus.MISSING and not is_readable(one.content))
    }
    stays = rows_by_id(session, Stay, {search.stay for _, searches in found.values() for search in searches})
    shelter_of = dict(session.exec(select(Unit.id, Location.shelter_id).join(Location)).all())
    readers: Counter[str] = Counter()
    for one, searches in found.values():
        units = {stays[search.stay].unit_id for search in searches}
        left = {shelter_reader(shelter_of[unit]) for unit in units if is_readable(unit) and unit in shelter_of}
        readers.update({area_reader(one.region), *left})
    return len(found), {reader: {"total": count} for reader, count in readers.items()}


def is_away(registration: Registration, as_of: datetime) -> bool:
    """Checks whether no place was sought for the registration at this moment because the client was missing."""
    if registration.status is RegistrationStatus.MISSING and not is_readable(registration.content):
        return True
    searches = _searches_at(registration, as_of)
    still = registration.status is RegistrationStatus.MISSING
    return any(one.is_whole for one in searches) or (still and bool(searches))
