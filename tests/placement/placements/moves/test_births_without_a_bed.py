"""A birth that leaves a person without a bed: a notice and a task, whatever rule was broken before."""

import pytest

from placement.core.errors import Invalid
from placement.core.reason_codes import ChangeReason
from placement.placements.stays import fact_changes
from placement.registrations.case import PersonInput
from placement.tables import Registration
from tests.support.town import COORDINATOR, F


@pytest.mark.wide
def test_one_more_without_a_bed_is_told_where_rooms_broke_before(town):
    household = [PersonInput(F, 30, guardian=True), PersonInput(F, 4), PersonInput(F, 6)]
    client = town.register(household)
    town.house(client, "U2-family")

    def born(number, *, confirm):
        version, persons = town.registration(client).version, [*household, *[PersonInput(F, 0)] * number]
        given = {"actor": COORDINATOR, "persons": persons, "reason": ChangeReason.BIRTH, "confirm": confirm}
        return town.do(fact_changes.change, client, version, {}, **given)

    born(1, confirm=True)
    with town.act() as act:
        act.session.get(Registration, client).breaks = []  # as of a place whose rooms broke before the client came
    with pytest.raises(Invalid) as refused:
        born(2, confirm=False)
    assert refused.value.faults[0].facts["rules"] == ["rooms"]
    assert born(2, confirm=True).breaks == ["rooms"]
