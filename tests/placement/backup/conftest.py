"""Backups of the town."""

from datetime import UTC, datetime, timedelta

import pytest

from placement.core import clock
from tests.support.backups import Backups


class Clock:
    """Goes on by a second whenever it is looked at: no two backups are of one second."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def hands(monkeypatch):
    made = Clock()
    monkeypatch.setattr(clock, "now", made.now)
    return made


@pytest.fixture
def backups(town, stores, tmp_path, hands):
    _ = hands
    return Backups(town, tmp_path, stores)
