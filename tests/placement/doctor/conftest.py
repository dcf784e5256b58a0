"""The parts of an installation in good order: a service that goes on, a mail server, and backups."""

import os

import pytest

from placement.core import run_folder
from placement.core.own_files import make_for_owner_alone
from placement.core.recent_answers import Answers
from placement.doctor import examination, surroundings
from tests.support.backups import Backups
from tests.support.heartbeats import MainProcess
from tests.support.mail_server import Mailbox, mail_server
from tests.support.well_installation import Well, service_that_answers


@pytest.fixture(scope="session")
def address():
    """Yields the address of a service that answers as ours does."""
    with service_that_answers(b'{"status":"live"}') as server:
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def mail():
    with mail_server(Mailbox()) as server:
        yield server


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


@pytest.fixture
def own_files():
    """Keeps new files for their owner alone, as the commands do."""
    before = os.umask(0)
    make_for_owner_alone()
    yield
    os.umask(before)


@pytest.fixture
def well(town, backups, monkeypatch, request):
    """With a disk that has room, and a clock that is kept right."""
    request.getfixturevalue("own_files")
    request.getfixturevalue("service")
    monkeypatch.setattr(examination, "is_synchronised", lambda: True)
    monkeypatch.setattr(surroundings, "_LOW_MB", 0)
    monkeypatch.setattr(surroundings, "_FULL_MB", 0)
    return Well(town, backups, request.getfixturevalue("mail"), request.getfixturevalue("address"))
