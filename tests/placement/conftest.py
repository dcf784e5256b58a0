"""Makes the material of these tests importable (`story`), and builds the town in a migrated, empty store."""

import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from placement.accounts import passwords

sys.path.insert(0, str(Path(__file__).parent))

from story import ROOMS, Story, build


@pytest.fixture
def town(stores):
    """Three shelters whose rooms are empty and just reported, on both stores; built once a run, and copied."""
    made = stores.make("town", _town)
    return Story(made.database, made.settings)


def _town(database, settings):
    with database.transaction() as session:
        build(session)
    story = Story(database, settings)
    for shelter_id in ROOMS:
        story.report(shelter_id)


@pytest.fixture
def quick_passwords(monkeypatch):
    """Hashing that takes no time, where it is not what is tried."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()
