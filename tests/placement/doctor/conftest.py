"""What an installation that is well has beside its store: a service that goes on, and backups."""

import pytest

from placement.core import run_folder
from placement.core.recent_answers import Answers
from tests.support.backups import Backups
from tests.support.heartbeats import MainProcess


@pytest.fixture
def service(town):
    with run_folder.held(town.settings.run):
        made = MainProcess(town.settings.run)
        made.hears(Answers(20, 1))
        yield made
        made.stop()


@pytest.fixture
def backups(town, tmp_path, stores):
    return Backups(town, tmp_path, stores)
