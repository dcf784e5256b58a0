"""A country of empty houses: no stays, no room reports."""

import pytest

from fixtures.buildings import building_rows
from fixtures.countries import SMALL


@pytest.fixture
def vacant(empty):
    with empty.database.transaction() as session:
        for rows in building_rows(SMALL):
            session.add_all(rows)
            session.flush()
    return empty
