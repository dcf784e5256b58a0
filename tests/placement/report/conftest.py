"""A country of houses alone: nobody lives there, and nothing was said of a room."""

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
