"""Two admins who invite the same address at the same moment, on PostgreSQL: a single link opens."""

import pytest
from sqlmodel import select

from placement.accounts import invitations
from placement.core.codes import OrganisationKind, Region, Role
from placement.core.context import Act
from placement.tables import Invitation
from tests.support.accounts import organisation
from tests.support.simultaneous_acts import at_once
from tests.support.stores import AT
from tests.support.town import ADMIN

EMAIL = "nieuw@placement.example"

pytestmark = [pytest.mark.wide, pytest.mark.parametrize("stores", ["postgresql"], indirect=True)]


@pytest.mark.parametrize("_", range(5))
def test_address_invited_twice_at_once_has_one_invitation(empty, _):
    with empty.database.transaction() as session:
        where = organisation(session, AT, empty.settings, OrganisationKind.CARE_COORDINATION)

    def invite():
        with empty.database.transaction() as session:
            act = Act(session, ADMIN, AT, empty.settings)
            invitations.invite(act, EMAIL, Role.COORDINATOR, [Region.LIMBURG], where)

    at_once(invite, invite, invite)
    with empty.database.transaction() as session:
        assert len(session.exec(select(Invitation)).all()) == 3
        assert len(session.exec(invitations.active(AT)).all()) == 1
