"""How often an attacker finds a client, and what chance does to that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from sqlmodel import Session, col, select

from placement.core.clock import day_of
from placement.core.codes import HoldStatus, StayStatus
from placement.tables import Hold, Stay
from tests.support.attacks.attacker import Attacker


@dataclass(frozen=True)
class Lost:
    """A client who lives somewhere or is awaited, and what the attacker is to find."""

    registration: str
    unit: str
    arrived_on: date


@dataclass(frozen=True)
class Hits:
    """Number of clients, and how many of them were found with one guess and with five."""

    clients: int
    one: int
    five: int

    def is_no_better_than(self, other: "Hits") -> bool:
        """Checks that the difference to the same rate of hits is within chance: three standard deviations."""
        return all(
            mine <= theirs + 3 * sqrt(max(theirs * (1 - theirs / self.clients), 1))
            for mine, theirs in ((self.one, other.one), (self.five, other.five))
        )


def hits(attacker: Attacker, clients: Sequence[Lost], guesses: Callable[[Lost], list[str]], *, of: str) -> Hits:
    """`of`: what has to be found, the unit or the location."""
    where = {unit: unit if of == "unit" else attacker.location_of[unit] for unit in attacker.beds}
    places = [(where[one.unit], list(dict.fromkeys(where[unit] for unit in guesses(one)))) for one in clients]
    return Hits(
        len(clients),
        sum(place in order[:1] for place, order in places),
        sum(place in order[:5] for place, order in places),
    )


def living_in(session: Session) -> list[Lost]:
    """Returns everybody who lives in a place or is expected there, with the keys in hand."""
    found = {
        stay.registration_id: Lost(
            stay.registration_id, stay.unit_id, stay.starts_on or session.get_one(Hold, stay.hold_id).starts_on
        )
        for stay in session.exec(select(Stay).where(Stay.status != StayStatus.ENDED))
    }
    kept = [HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER]
    for held in session.exec(select(Hold).where(col(Hold.status).in_(kept))):
        found[held.registration_id] = Lost(held.registration_id, held.unit_id, day_of(held.made_at))
    return [found[name] for name in sorted(found)]
