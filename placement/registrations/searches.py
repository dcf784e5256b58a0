"""Searches for missing persons, in the record of a registration. A search contains the persons, the parties that were
informed, and the time at which to look for the persons next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from placement.core.clock import day_of
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.whereabouts_codes import Informed, Lost, SearchEnd
from placement.registrations.household import is_minor, who_is_who
from placement.tables import RegisteredPerson, Registration, Search, Stay

EVERY_HOUR = timedelta(hours=1)
"""The time between two attempts to find a missing minor, or a missing adult of whom nobody has been informed yet."""

EVERY_DAY = timedelta(days=1)
"""The time between two attempts to find any other missing adult."""

PROTECTORS = (Informed.NIDOS, Informed.YOUTH_PROTECTION)
"""The bodies that are responsible for a minor without a guardian. It is enough to inform a single body."""


def begin_search(
    act: Act, registration: Registration, stay: Stay, lost: Lost, missing: list[RegisteredPerson], *, is_whole: bool
) -> Search:
    """Adds a search for these persons to the record of the registration, and returns the search."""
    made = Search(
        id=new_id("Z"),
        lost=lost,
        since=act.when,
        said_at=act.at,
        said_by=act.actor.id,
        persons=missing,
        is_whole=is_whole,
        stay=stay.id,
        look_at=act.at + EVERY_HOUR,
    )
    registration.searches = [*registration.searches, made]
    return made


def change_search(registration: Registration, search: Search, **values: object) -> Search:
    """Replaces this search by a changed copy, and returns the copy."""
    changed = search.model_copy(update=values)
    registration.searches = [changed if one.id == search.id else one for one in registration.searches]
    return changed


def end_search(
    act: Act, registration: Registration, search: Search, end: SearchEnd, where: str | None = None
) -> Search:
    said = {"end": end, "where": where, "ended_at": act.at, "ended_by": act.actor.id, "stop_asked": None}
    return change_search(registration, search, **said)


def searches_since(registration: Registration, since: datetime) -> list[Search]:
    """Returns the open searches for the whole household that were recorded at this time or later."""
    return [one for one in registration.open_searches if one.is_whole and one.said_at >= since]


def take_back_searches(act: Act, registration: Registration, since: datetime) -> None:
    """Ends the searches that were recorded since `since`, because the report that began them is reversed. Other
    searches continue.
    """
    for one in searches_since(registration, since):
        end_search(act, registration, one, SearchEnd.TAKEN_BACK)


def follow_persons(act: Act, registration: Registration, before: Sequence[RegisteredPerson]) -> None:
    """Updates the persons of open searches after a change of the household. `before`: the persons before the change. If
    a missing person no longer belongs to the household, the search for that person continues.
    """
    same = list(who_is_who(before, registration.persons, act.day))
    for one in registration.open_searches:
        now = [next((new for old, new in same if old == person), person) for person in one.persons]
        change_search(registration, one, persons=now)


def not_missing(registration: Registration) -> list[RegisteredPerson]:
    """Returns the persons of the household for whom no search is open."""
    missing = [person for one in registration.open_searches for person in one.persons]
    return [person for person in registration.persons if person not in missing]


def is_for_minor(search: Search) -> bool:
    return any(is_minor(person, day_of(search.since)) for person in search.persons)


def to_inform(registration: Registration, search: Search) -> list[tuple[Informed, ...]]:
    """Returns groups of parties that must be informed about a search. In each group one informed party is enough."""
    groups: list[tuple[Informed, ...]] = [(Informed.POLICE,), (Informed.REGISTRANT,)]
    if not is_for_minor(search) or any(person.guardian for person in search.persons):
        return groups
    day = day_of(search.since)
    everybody = [*search.persons, *registration.persons]
    is_alone = all(is_minor(person, day) for person in everybody)
    return [*groups, PROTECTORS if is_alone else (Informed.GUARDIAN,)]


def not_yet_informed(registration: Registration, search: Search) -> list[tuple[Informed, ...]]:
    known = {one.who for one in search.informed}
    return [group for group in to_inform(registration, search) if known.isdisjoint(group)]


def next_look(act: Act, search: Search) -> datetime:
    return act.at + (EVERY_HOUR if is_for_minor(search) else EVERY_DAY)


def last_asked_at(search: Search, at: datetime) -> datetime:
    """Returns the last time at which an attempt to find the client was due. Until an attempt is recorded, it is due
    again every hour. If the next attempt is not due yet, returns the time since which the client is missing.
    """
    last: datetime = search.look_at + (at - search.look_at) // EVERY_HOUR * EVERY_HOUR
    return last if search.look_at <= at else search.since


def rests(search: Search, at: datetime) -> bool:
    """Checks whether nothing is to be done now: an attempt or call was recorded, and no attempt is due yet."""
    return at < search.look_at and bool(search.informed or search.look_at != search.said_at + EVERY_HOUR)
