"""A store with a request of an API key does not go back to a version that knows no such request."""

import pytest
from alembic import command

from placement.core.errors import Misconfigured
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.tables import SecondPersonRequest
from tests.support.registrants import without_newer_roles
from tests.support.stores import AT, both_stores

BEFORE = "0072"


@pytest.mark.wide
@both_stores
def test_store_goes_back_only_without_requests_of_keys(stores):
    made = without_newer_roles(stores.make("small"))
    asked = {"kind": SecondPersonKind.REGISTER, "status": SecondPersonStatus.ASKED, "what": "create_provider"}
    with made.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)
    made.database.migrate()
    with made.database.transaction() as session:
        session.add(SecondPersonRequest(id="G-1", facts={}, asked_by="K-1", asked_at=AT, **asked))
    with pytest.raises(Misconfigured, match="secondpersonrequest: 1"), made.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)
