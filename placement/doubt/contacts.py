"""The people to call while work is stopped: the person on call, and the placement desk."""

from datetime import datetime

from sqlmodel import Session

from placement.accounts import details, organisations
from placement.core import telephone
from placement.core.settings import Settings
from placement.duty.hours import duty_of
from placement.duty.on_call import on_call


def whom_to_ring(session: Session, settings: Settings, at: datetime, *, names: bool) -> list[str]:
    """Returns names and numbers, in the order of calling. `names`: for a person; software reads the desk's numbers."""
    called = on_call(session, duty_of(settings), at) if names else ()
    known = details.of_all(session, called).values()
    people = [f"{one.name} {telephone.shown(one.telephone)}" for one in known if one.telephone]
    desk = organisations.telephones_of(organisations.centre(session)).values()
    return [*people, *map(telephone.shown, desk)]
