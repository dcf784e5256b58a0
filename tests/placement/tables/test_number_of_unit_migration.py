"""The number of a unit of registrants comes to a store, and goes on the way back."""

import pytest
from alembic import command

from placement.area_changes import register
from placement.areas.lookup import registrant_units
from placement.audit import row_check
from placement.core.area_codes import PlaceKind
from tests.support.stores import both_stores

NUMBER = {"telephone": "030 000 07 00"}


@pytest.mark.wide
@both_stores
def test_number_of_a_unit_goes_on_the_way_back(town):
    with town.act() as act:
        register.change(act, PlaceKind.REGISTRANT_UNIT, "amsterdam", 1, NUMBER, act.day, None)
        assert registrant_units(act.session, act.day)["amsterdam"].value.telephone == "+31300000700"
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0068")
    town.database.migrate()
    with town.act() as act:
        assert registrant_units(act.session, act.day)["amsterdam"].value.telephone is None
    assert row_check.verify(town.database, [])[1].is_good
