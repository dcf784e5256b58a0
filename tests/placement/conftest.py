"""Builds the town in a migrated, empty store."""

import pytest

from tests.support.town import ROOMS, Town, build


@pytest.fixture
def town(stores):
    """Three shelters whose rooms are empty and just reported, on both stores; built once a run, and copied."""
    made = stores.make("town", _town)
    return Town(made.database, made.settings)


def _town(database, settings):
    with database.transaction() as session:
        build(session)
    story = Town(database, settings)
    for shelter_id in ROOMS:
        story.report(shelter_id)
