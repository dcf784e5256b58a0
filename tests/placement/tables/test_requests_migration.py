"""The migration that lets a client move: on the way back one who moves has the old place alone."""

import pytest
from alembic import command

from placement.core.codes import RegistrationStatus, StayStatus
from placement.core.errors import Misconfigured
from tests.support.moving import ask, beds, moving


def down(town):
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0034")


@pytest.mark.wide
def test_way_back_leaves_a_moving_client_in_the_old_place(town):
    client, stay = moving(town)
    town.house(client, "U1-women")
    again = town.register()
    old = town.house(again, "U4-crisis")
    ask(town, again)
    down(town)
    town.database.migrate()
    assert (town.registration(again).status, beds(town, again)) == (RegistrationStatus.PLACED, {"U4-crisis"})
    assert (town.one("stay", old).status, town.one("stay", stay).end_reason) == (StayStatus.IN_HOUSE, "other_shelter")
    assert town.registration(client).status is RegistrationStatus.PLACED


@pytest.mark.wide
def test_way_back_is_refused_while_a_bed_is_kept_elsewhere(town):
    client, _ = moving(town)
    held = town.hold_in(client, "U1-women")
    with pytest.raises(Misconfigured, match="1 clients who move"):
        down(town)
    town.release(held)
    down(town)
    town.database.migrate()
    assert beds(town, client) == {"U4-crisis"}
