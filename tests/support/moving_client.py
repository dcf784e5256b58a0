"""A client of the town who has a place, and for whom another place is sought."""

from sqlmodel import select

from placement.core.codes import RegistrationStatus, StayStatus, Urgency
from placement.core.request_codes import RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.registrations import requests
from placement.registrations.request_rows import requests_of
from placement.registrations.requests import Asked
from placement.tables import Registration, Stay
from tests.support.town import COORDINATOR

MOVING, MOVE_HELD, PLACED = RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD, RegistrationStatus.PLACED
FIRST_PLACED = RequestKind.FIRST, RequestStatus.PLACED
WISH = Asked(RequestKind.TRANSFER, Urgency.WEEK, RequestGround.WISH)
SAFETY = Asked(RequestKind.TRANSFER, Urgency.TONIGHT, RequestGround.SAFETY)


def ask(town, client, asked=WISH, *, actor=COORDINATOR, version=None):
    return town.do(requests.ask, client, version or town.registration(client).version, asked, actor=actor)


def withdraw(town, client, number=2, reason=WithdrawalReason.CLIENT_STAYS, **more):
    version = more.pop("version", None) or town.registration(client).version
    return town.do(requests.withdraw, client, number, version, reason=reason, **more)


def moving(town, unit="U4-crisis", asked=WISH, **facts):
    """Makes a client who has a place, and for whom another place is sought."""
    client = town.register(**facts)
    stay = town.house(client, unit)
    town.later(minutes=5)
    ask(town, client, asked)
    return client, stay


def status(town, client):
    return town.registration(client).status


def live(town, client):
    [stay] = town.all(select(Stay).where(Stay.registration_id == client, Stay.status == StayStatus.IN_HOUSE))
    return stay.id


def shown(town, client):
    with town.act() as act:
        return [(one.kind, one.status) for one in requests_of(act, act.session.get_one(Registration, client))]


def beds(town, client):
    """Returns the units in which the client has a bed now."""
    day = town.at.date()
    rooms = {
        town.one("bed", one.bed_id).room_id for one in town.claims(client) if one.ends_on is None or one.ends_on > day
    }
    return {town.one("room", room).unit_id for room in rooms}
