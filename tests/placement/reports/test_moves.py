"""A client who moves in the report: not among those who wait, and with the clock of the first place."""

from datetime import timedelta

import pytest

from placement.reports.collect import rows_at
from tests.support.moving import ask
from tests.support.town import ROOMS, TODAY


def rows_on(town, day):
    with town.act() as act:
        return rows_at(act.session, act.settings, day)


@pytest.mark.wide
def test_moving_client_lives_somewhere_and_does_not_wait(town):
    client = town.register()
    town.house(client, "U4-crisis")
    ask(town, client)
    rows = rows_on(town, TODAY + timedelta(days=1))
    assert (len(rows.waiting), [row.unit for row in rows.stays]) == (0, ["U4-crisis"])
    town.later(days=10)
    for shelter_id in ROOMS:
        town.report(shelter_id)
    town.house(client, "U1-women")
    [stay] = rows_on(town, TODAY + timedelta(days=20)).stays
    assert (stay.unit, stay.day, stay.limit) == ("U1-women", 20, 90)
