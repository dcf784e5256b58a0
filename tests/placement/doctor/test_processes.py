"""The doctor looks at the processes of the service: engine and liveness."""

import pytest

from placement.core import run_folder
from placement.core.recent_answers import Answers
from placement.core.setting_files import engines_socket
from placement.core.settings import Settings
from placement.doctor.findings import Found
from placement.doctor.surroundings import _processes
from tests.support.heartbeats import MainProcess


@pytest.fixture
def settings(tmp_path):
    return Settings(var=tmp_path)


def found(settings):
    return [one.found for one in _processes(settings)]


@pytest.fixture
def service(settings):
    with run_folder.held(settings.run):
        made = MainProcess(settings.run)
        made.hears(Answers(20, 1))
        yield made
        made.stop()


@pytest.mark.usefixtures("service")
def test_service_that_goes_on_is_well(settings):
    assert found(settings) == [Found.ENGINE_WELL, Found.LIVENESS_WELL]


def test_more_than_one_degraded_answer_in_twenty_is_wrong(settings, service):
    service.hears(Answers(100, 6))
    assert found(settings) == [Found.ENGINE_DEGRADED, Found.LIVENESS_WELL]


@pytest.mark.usefixtures("service")
def test_engine_without_its_socket_is_wrong(settings):
    engines_socket(settings.run).unlink()
    assert found(settings) == [Found.ENGINE_AWAY, Found.LIVENESS_WELL]


def test_held_folder_without_a_main_process_is_wrong(settings):
    with run_folder.held(settings.run):
        assert found(settings) == [Found.ENGINE_AWAY, Found.LIVENESS_NOT_HEARD]


def test_web_process_that_hangs_is_wrong(settings):
    with run_folder.held(settings.run):
        service = MainProcess(settings.run, processes=2)
        service.hears(Answers())
        assert found(settings) == [Found.ENGINE_WELL, Found.LIVENESS_HANGS]
        service.stop()


def test_folder_without_a_service_is_a_warning(settings):
    assert found(settings) == [Found.LIVENESS_NONE]
