"""The people to call during a stop: the person on call, and the placement desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlmodel import Session

from placement.accounts import details, organisations
from placement.core import telephone
from placement.core.errors import Stopped
from placement.core.settings import Settings
from placement.duty.hours import duty_of
from placement.duty.on_call import on_call
from placement.storage.database import Database


@contextmanager
def naming_whom_to_ring(database: Database, settings: Settings, at: datetime, *, names: bool) -> Iterator[None]:
    """Adds the people to call to the error that an act raises during a stop. `names`: as in `whom_to_ring`."""
    try:
        yield
    except Stopped as stopped:
        with database.transaction() as session:
            ring = whom_to_ring(session, settings, at, names=names)
        raise Stopped(str(stopped.facts["cause"]), ring) from stopped


def whom_to_ring(session: Session, settings: Settings, at: datetime, *, names: bool) -> list[str]:
    """Returns names and numbers, in the order of calling. `names`: true for a signed-in person. All other readers get
    only the numbers of the desk.
    """
    called = on_call(session, duty_of(settings), at) if names else ()
    known = details.of_all(session, called).values()
    people = [f"{one.name} {telephone.shown(one.telephone)}" for one in known if one.telephone]
    desk = organisations.telephones_of(organisations.centre(session)).values()
    return [*people, *map(telephone.shown, desk)]
