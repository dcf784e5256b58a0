"""People who are told of tasks."""

import pytest

from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.town import COORDINATOR, DESK, OTHER_DESK


@pytest.fixture
def people(town):
    """A coordinator of Amsterdam, one of the staff of S1 and of S2 (`A-S1`), two of the desk. Nobody of S3."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    return town
