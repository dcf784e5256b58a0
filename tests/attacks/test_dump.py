"""A dump without keys does not tell where a client lives: an attacker who tries every join is no better than one who
guesses by the public number of beds. The same attacker finds the clients where the link stands in clear.
"""

from dataclasses import dataclass

import pytest
from sqlmodel import Session, col, select

import fixtures
from placement.core.clock import day_of
from placement.core.codes import HoldStatus, RegistrationStatus, StayStatus
from placement.core.errors import PlacementError
from placement.tables import Hold, Location, Registration, Shelter, Stay, Unit
from tests.support.attacks.attacker import Attacker
from tests.support.attacks.dump import Dump, dump_of, with_keys
from tests.support.attacks.hits import Hits, Lost, hits
from tests.support.stores import AT, EACH_STORE
from tests.support.town import Town, shelter

DAYS = 14
MOST_MOVES = 12


@pytest.fixture(params=["small", pytest.param("national", marks=pytest.mark.wide)])
def country(request, stores):
    """A synthetic country with a past, in which clients were placed by people just now."""
    made = stores.make("empty")
    fixtures.load(made.database, made.settings, size=request.param, seed=1, at=AT, days_before=DAYS)
    town = Town(made.database, made.settings)
    waiting = select(Registration.id).where(Registration.status == RegistrationStatus.OPEN).order_by(Registration.id)
    for number, case in enumerate(town.all(waiting.limit(MOST_MOVES))):
        _move_in(town, case, number)
    return made


def _move_in(town: Town, case: str, number: int) -> None:
    """From the proposal to the arrival; every third is still expected, and every fourth has no answer yet."""
    town.later(minutes=17 + number)
    try:
        decision = town.decide(town.propose(case))
    except PlacementError:  # there is no place for this client
        return
    held = town.hold_of(decision.id)
    if held.status is HoldStatus.RESERVED or number % 4 == 0:
        return
    town.later(minutes=5 + number)
    with town.act() as act:
        of_unit = select(Shelter.id).join(Location).join(Unit).where(Unit.id == held.unit_id)
        there = act.session.exec(of_unit).one()
    town.confirm(held.id, actor=shelter(there))
    town.later(minutes=3)
    if number % 3:
        town.arrive(held.id)


def clients_in(session: Session) -> list[Lost]:
    """Everybody who lives somewhere or is awaited, with the keys in hand."""
    found = {
        stay.registration_id: Lost(stay.registration_id, stay.unit_id, stay.starts_on)
        for stay in session.exec(select(Stay).where(Stay.status != StayStatus.ENDED))
    }
    kept = [HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER]
    for held in session.exec(select(Hold).where(col(Hold.status).in_(kept))):
        found[held.registration_id] = Lost(held.registration_id, held.unit_id, day_of(held.made_at))
    return [found[name] for name in sorted(found)]


@dataclass(frozen=True)
class Tried:
    baseline: Hits
    by_case: Hits
    by_day: Hits


def without_order_of_entry(dump: Dump) -> Dump:
    """On PostgreSQL the data file keeps the order in which cases were entered, and clients who were entered house by
    house stand in that of the houses: open, and named so in docs/security.md. SQLite keeps no order of them.
    """
    return Dump(dump.rows | {"registration": sorted(dump.rows["registration"], key=lambda row: row["id"])})


def tried(dump, clients, *, of: str) -> Tried:
    attacker = Attacker(dump)
    return Tried(
        hits(attacker, clients, lambda _: attacker.by_capacity(), of=of),
        hits(attacker, clients, lambda one: attacker.guesses(one.registration), of=of),
        hits(attacker, clients, lambda one: attacker.guesses_by_day(one.arrived_on), of=of),
    )


@pytest.mark.parametrize("of", ["unit", "location"])
@pytest.mark.parametrize("stores", EACH_STORE, indirect=True)
def test_dump_without_keys_tells_no_more_than_capacity(country, of):
    with country.database.transaction() as session:
        clients, dump = clients_in(session), without_order_of_entry(dump_of(session))
        in_clear = with_keys(session, dump)
    sealed, clear = tried(dump, clients, of=of), tried(in_clear, clients, of=of)
    assert clear.by_case.one > 0.9 * len(clients), "the attacker does not know how to win"
    assert clear.by_day.one > clear.baseline.one, "the attacker does not know how to use a day"
    assert sealed.by_case.is_no_better_than(sealed.baseline)
    assert sealed.by_day.is_no_better_than(sealed.baseline)
