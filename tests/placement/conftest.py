"""Builds the town in a migrated, empty store."""

import pytest
from argon2 import PasswordHasher

from placement.accounts import passwords
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


@pytest.fixture
def quick_passwords(monkeypatch):
    """Hashing that takes no time, where it is not what is tried."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._hash_of_none.cache_clear()
    yield
    passwords._hash_of_none.cache_clear()
