"""A dump without keys does not show the place of a client. An attacker who tries every join is no better than a guess
by the public number of beds. The same attacker finds the clients if the link is in clear.

The dump is taken some minutes after the last act, when PostgreSQL has written the rows of cases anew. docs/security.md
describes what it shows before that.
"""

from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlmodel import select

import fixtures
from placement.core.codes import HoldStatus, RegistrationStatus
from placement.core.errors import PlacementError
from placement.storage import row_order
from placement.tables import Location, Registration, Shelter, Unit
from tests.support.attacks.attacker import Attacker
from tests.support.attacks.dump import dump_of, with_keys
from tests.support.attacks.hits import Hits, hits, living_in
from tests.support.attacks.interval import minutes_pass
from tests.support.stores import AT, each_store
from tests.support.town import Town, shelter

DAYS = 14
MOST_MOVES = 12


@pytest.fixture(params=["small", pytest.param("national", marks=pytest.mark.wide)])
def country(request, stores):
    """Makes a synthetic country with a past, in which people have just placed clients."""
    made = stores.make("empty")
    fixtures.load(made.database, made.settings, size=request.param, seed=1, at=AT, days_before=DAYS)
    town = Town(made.database, made.settings)
    waiting = select(Registration.id).where(Registration.status == RegistrationStatus.OPEN).order_by(Registration.id)
    for number, case in enumerate(town.all(waiting.limit(MOST_MOVES))):
        _move_in(town, case, number)
    return made


def _move_in(town: Town, case: str, number: int) -> None:
    """Moves a client in, from the proposal to the arrival. Every third is still expected, and every fourth has no
    answer yet.
    """
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


@dataclass(frozen=True)
class Tried:
    baseline: Hits
    by_case: Hits
    by_day: Hits


def tried(dump, clients, *, of: str) -> Tried:
    attacker = Attacker(dump)
    return Tried(
        hits(attacker, clients, lambda _: attacker.by_capacity(), of=of),
        hits(attacker, clients, lambda one: attacker.guesses(one.registration), of=of),
        hits(attacker, clients, lambda one: attacker.guesses_by_day(one.arrived_on), of=of),
    )


@pytest.mark.parametrize("of", ["unit", "location"])
@each_store
def test_dump_without_keys_tells_no_more_than_capacity(country, of):
    minutes_pass(country)
    with country.database.transaction() as session:
        clients, dump = living_in(session), dump_of(session)
        in_clear = with_keys(session, dump)
    sealed, clear = tried(dump, clients, of=of), tried(in_clear, clients, of=of)
    assert clear.by_case.one > 0.9 * len(clients), "the attacker does not know how to win"
    assert clear.by_day.one > clear.baseline.one, "the attacker does not know how to use a day"
    assert sealed.by_case.is_no_better_than(sealed.baseline)
    assert sealed.by_day.is_no_better_than(sealed.baseline)


@pytest.fixture
def entered(stores):
    """Makes the national country just as it was entered: its clients house by house, and all at once."""
    return stores.make("entered", _enter)


def _enter(database, settings):
    fixtures.load(database, settings, size="national", seed=1, at=AT, days_before=DAYS)


def seen_in(made) -> Tried:
    with made.database.transaction() as session:
        return tried(dump_of(session), living_in(session), of="unit")


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_order_of_entry_tells_places_for_minutes_alone(entered):
    before = seen_in(entered)
    minutes_pass(entered)
    after = seen_in(entered)
    assert not before.by_case.is_no_better_than(before.baseline), "the attacker does not know how to win"
    assert after.by_case.is_no_better_than(after.baseline)
    assert after.by_day.is_no_better_than(after.baseline)


def _by_the_key_alone(connection, form):
    """Gives each row a new transaction and a new place, but leaves the numbers of its long values."""
    connection.execute(text(f'UPDATE "{form.table}" SET {form.key[0]} = {form.key[0]}'))  # noqa: S608
    connection.execute(text(f'CLUSTER "{form.table}" USING "{form.index}"'))


BROKEN = {
    "nothing is mixed": ("mix", lambda *_: []),
    "one table alone": ("TABLES", ("stay",)),
    "not the numbers of long values": ("_write_anew", _by_the_key_alone),
    "not the rows": ("_write_anew", lambda *_: None),
}


@pytest.mark.wide
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_half_a_mixing_leaves_places_to_be_found(entered, monkeypatch, broken):
    monkeypatch.setattr(row_order, *BROKEN[broken])
    minutes_pass(entered)
    after = seen_in(entered)
    assert not after.by_case.is_no_better_than(after.baseline)
