"""Builds the town in a migrated, empty store."""

import pytest

from tests.support.town import town_of


@pytest.fixture
def town(stores):
    """Three shelters whose rooms are empty and just reported, on both stores; built once a run, and copied."""
    return town_of(stores)
