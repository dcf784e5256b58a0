"""Two acts at once on a client who moves, or within a shelter: a single act succeeds, and the client has a bed."""

import pytest

from placement.core.codes import RegistrationStatus
from placement.core.errors import PlacementError
from placement.core.request_codes import WithdrawalReason
from placement.placements.moves import room_moves
from tests.support.moving_client import SAFETY, WISH, ask, beds, live, moving, status, withdraw
from tests.support.simultaneous_acts import at_once, worked
from tests.support.town import DESK, OTHER_DESK, shelter

pytestmark = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


@pytest.mark.wide
def test_two_requests_at_once_make_one(town):
    client = town.register()
    town.house(client, "U4-crisis")
    version = town.registration(client).version
    outcomes = at_once(
        lambda: ask(town, client, WISH, actor=DESK, version=version),
        lambda: ask(town, client, SAFETY, actor=OTHER_DESK, version=version),
    )
    assert len(worked(outcomes)) == 1
    assert {one.code for one in outcomes if isinstance(one, PlacementError)} == {"version_passed"}
    assert len(town.registration(client).requests) == 2


@pytest.mark.wide
def test_decision_and_withdrawal_at_once_have_one_outcome(town):
    client, _ = moving(town)
    proposal, version = town.propose(client), town.registration(client).version
    outcomes = at_once(
        lambda: town.decide(proposal, actor=DESK),
        lambda: withdraw(town, client, 2, WithdrawalReason.CLIENT_STAYS, version=version),
    )
    assert len(worked(outcomes)) == 1
    kept = status(town, client) is RegistrationStatus.MOVE_HELD
    assert ("U4-crisis" in beds(town, client), len(beds(town, client))) == (True, 1 + kept)


@pytest.mark.wide
@pytest.mark.parametrize("reason", ["deceased", "asked_to_leave"])
def test_arrival_and_end_of_the_old_stay_at_once_agree(town, reason):
    client, stay = moving(town)
    held = town.hold_in(client, "U1-women")
    town.confirm(held)
    outcomes = at_once(lambda: town.arrive(held), lambda: town.end(stay, reason))
    assert worked(outcomes)
    now = status(town, client)
    assert now in {RegistrationStatus.PLACED, RegistrationStatus.CLOSED}
    assert beds(town, client) == ({"U1-women"} if now is RegistrationStatus.PLACED else set())


@pytest.mark.wide
def test_two_moves_to_the_last_bed_at_once_give_it_once(town):
    one, other = (town.take_over("U1-women", "R1", ago=days) for days in (3, 5))
    clients = [town.one("stay", stay).registration_id for stay in (one, other)]
    outcomes = at_once(
        *(lambda stay=stay: town.do(room_moves.move, stay, ["R2"], actor=shelter("S1")) for stay in (one, other))
    )
    assert len(worked(outcomes)) == 1
    assert {refused.code for refused in outcomes if isinstance(refused, PlacementError)} == {"rooms_gone"}
    assert all(live(town, client) for client in clients)


@pytest.mark.wide
def test_swap_and_end_at_once_do_not_lose_a_bed(town):
    one, other = (town.take_over("U1-women", room, ago=3, given={"confirm": True}) for room in ("R1", "R2"))
    at_once(lambda: town.do(room_moves.swap, one, other, actor=shelter("S1")), lambda: town.end(other, "own_housing"))
    client = town.one("stay", one).registration_id
    assert beds(town, client) == {"U1-women"}
    assert len([claim for claim in town.claims(client) if claim.ends_on is None]) == 1


def moved(town, stay, *rooms, seen):
    return lambda: town.do(room_moves.move, stay, list(rooms), seen=seen, confirm=True, actor=shelter("S1"))


@pytest.mark.wide
def test_two_moves_of_one_stay_at_once_are_one(town):
    stay = town.take_over("U1-women", "R1", ago=3)
    outcomes = at_once(moved(town, stay, "R2", seen=["R1"]), moved(town, stay, "R3", seen=["R1"]))
    assert len(worked(outcomes)) == 1
    assert {one.code for one in outcomes if isinstance(one, PlacementError)} == {"lives_otherwise"}


@pytest.mark.wide
def test_swap_and_move_of_one_stay_at_once_are_one(town):
    one, other = (town.take_over("U1-women", room, ago=3, given={"confirm": True}) for room in ("R1", "R2"))
    seen = {one: ["R1"], other: ["R2"]}
    outcomes = at_once(
        lambda: town.do(room_moves.swap, one, other, seen=seen, confirm=True, actor=shelter("S1")),
        moved(town, other, "R3", seen=["R2"]),
    )
    assert len(worked(outcomes)) == 1
    assert {one.code for one in outcomes if isinstance(one, PlacementError)} == {"lives_otherwise"}
