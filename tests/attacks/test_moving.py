"""A client who moves, or has moved, in a dump, which shows neither the old place nor the new place."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import RegistrationStatus, StayStatus
from placement.registrations import requests
from placement.tables import Stay
from tests.support.attacks.attacker import Attacker
from tests.support.attacks.dump import dump_of
from tests.support.attacks.hits import Lost, hits
from tests.support.attacks.just_placed import place_all
from tests.support.moving_client import SAFETY, WISH
from tests.support.stores import each_store
from tests.support.town import Town, shelter

NOW_AT = 4
"""So many of those who live somewhere have come to the new place; as many others have a bed kept there."""


def move(town, found):
    """Asks for another place for everybody who has a place; some have arrived there. Returns the
    present place of each.
    """
    lives = {one.registration_id: one for one in town.all(select(Stay).where(Stay.status == StayStatus.IN_HOUSE))}
    moved = []
    for number, one in enumerate(one for one in found if one.registration in lives):
        town.later(minutes=11)
        case = town.registration(one.registration)
        town.do(requests.ask, case.id, case.version, SAFETY if number % 2 else WISH)
        if number < 2 * NOW_AT:
            town.later(minutes=4)
            held = town.hold_of(town.decide_on(case.id).id)
            staff = shelter("S" + held.unit_id.removeprefix("U"))
            town.confirm(held.id, town.at + timedelta(hours=3), actor=staff)
            if number < NOW_AT:
                town.later(minutes=30)
                town.arrive(held.id)
                one = Lost(one.registration, held.unit_id, held.starts_on)  # noqa: PLW2901  (where the client is now)
        moved.append(one)
    return moved


@pytest.mark.wide
@each_store
def test_moving_client_is_not_found_by_the_states_in_clear(stores):
    made = stores.make("empty")
    town = Town(made.database, made.settings)
    clients = move(town, place_all(town))
    states = [town.registration(one.registration).status for one in clients]
    assert {RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD, RegistrationStatus.PLACED} == set(states)
    with made.database.transaction() as session:
        attacker = Attacker(dump_of(session))
    for of in ("unit", "location"):
        baseline = hits(attacker, clients, lambda _: attacker.by_capacity(), of=of)
        assert hits(attacker, clients, lambda one: attacker.guesses(one.registration), of=of).is_no_better_than(
            baseline
        )


@pytest.mark.wide
@each_store
def test_ground_of_a_request_is_in_no_clear_column(stores):
    made = stores.make("empty")
    town = Town(made.database, made.settings)
    move(town, place_all(town))
    with made.database.transaction() as session:
        rows = dump_of(session).rows
    assert rows["registration"]
    assert not [
        row for table in ("registration", "hold", "stay", "message") for row in rows[table] if "safety" in str(row)
    ]
