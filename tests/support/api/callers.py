"""A caller for each role, with a fresh second factor."""

from typing import Any

from placement.core.codes import Role
from tests.support.api.service import Browser, Caller, Service


def callers_of(service: Service) -> dict[Role, Browser | Caller]:
    """Signs in everybody, with the second factor given again; the software of S01 uses its key."""
    people: dict[Role, Browser | Caller] = {
        role: service.signed_in(role) for role in Role if role not in {Role.SYSTEM, Role.SHELTER}
    }
    verify(service, people)
    return {**people, Role.SHELTER: service.shelter}


def verify(service: Service, callers: dict[Role, Any]) -> None:
    """Gives the second factor of each person anew."""
    service.moment.pass_by(seconds=30)
    for person in callers.values():
        if isinstance(person, Browser):
            person.made("/session/second-factor", {"code": person.code()})
