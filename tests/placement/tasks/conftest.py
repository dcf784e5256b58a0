"""People who receive notices of tasks."""

import pytest

from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.town import COORDINATOR, DESK, OTHER_DESK


@pytest.fixture
def people(town):
    """Adds a coordinator of Amsterdam, staff of S1 (`A-S1`) and of S2, and two of the desk. S3 has no account."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    return town
