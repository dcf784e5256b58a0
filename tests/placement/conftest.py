"""Makes the material of these tests importable (`story`), and builds the town in a migrated, empty store."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from story import ROOMS, Story, build


@pytest.fixture
def town(empty):
    """Three shelters whose rooms are empty and just reported, on both stores."""
    with empty.database.transaction() as session:
        build(session)
    story = Story(empty.database, empty.settings)
    for shelter_id in ROOMS:
        story.report(shelter_id)
    return story


@pytest.fixture
def on_postgresql(stores):
    """Skips the other store: SQLite lets one writer in at a time, and has nothing to race."""
    if stores.kind != "postgresql":
        pytest.skip("only PostgreSQL lets two writers in at once")
