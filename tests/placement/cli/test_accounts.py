"""`placement accounts change`: rights changed at the command line, where regions go with the role that has them."""

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from placement.area_changes import register
from placement.cli import app
from placement.core import clock
from placement.core.area_codes import PlaceKind
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.tables import Account
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def coordinator(country, command_over):
    command_over(country)
    with country.database.transaction() as session:
        query = select(Account).where(Account.role == Role.COORDINATOR).order_by(Account.id)
        return next(one.id for one in session.exec(query) if one.regions)


def changed(country, account, *options):
    done = CliRunner().invoke(app, ["accounts", "change", account, *options])
    with country.database.transaction() as session:
        found = session.get_one(Account, account)
        return done.exit_code, found.role, list(found.regions)


@pytest.mark.wide
def test_coordinator_joining_the_desk_keeps_no_regions(country, coordinator):
    with country.database.transaction() as session:
        centre = session.exec(select(Account.organisation_id).where(Account.role == Role.DESK)).first()
    assert changed(country, coordinator, "--role", "desk", "--organisation", centre) == (0, Role.DESK, [])


def test_coordinator_gets_all_regions_of_the_organisation(country, coordinator):
    assert changed(country, coordinator, "--all-regions")[0] == 1  # the organisation coordinates no region
    with country.database.transaction() as session:
        act = Act(session, SYSTEM, clock.now(), country.settings)
        theirs = {"coordinated_by": [session.get_one(Account, coordinator).organisation_id]}
        register.change(act, PlaceKind.AREA, "limburg", 1, theirs, act.day, None)
    assert changed(country, coordinator, "--all-regions") == (0, Role.COORDINATOR, [])
    assert changed(country, coordinator, "--region", "amsterdam")[2] == ["amsterdam"]
