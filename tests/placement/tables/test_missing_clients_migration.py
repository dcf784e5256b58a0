"""The reasons to end a search come to a store that is there; there is no way back while a client is missing."""

import pytest
from alembic import command
from sqlmodel import select

from placement.core.errors import Misconfigured
from placement.core.rule_codes import RuleKind
from placement.dated_rules.first import first_rules
from placement.placements import whereabouts
from placement.tables import DatedRule
from tests.support.missing import find_out, lost
from tests.support.stores import AT, both_stores


def reasons(rows):
    return sorted((one.place, one.code, one.value["steps"]) for one in rows if one.kind is RuleKind.REASON)


@pytest.mark.wide
@both_stores
def test_reasons_of_a_search_come_and_go(town):
    client, _ = lost(town)
    with pytest.raises(Misconfigured), town.database.migrating() as configuration:
        command.downgrade(configuration, "0066")
    find_out(town, whereabouts.stop, client, "police_search_on")
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0066")
    town.database.migrate()
    assert reasons(town.all(select(DatedRule))) == reasons(first_rules(AT))
