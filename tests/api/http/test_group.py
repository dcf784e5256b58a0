"""Readiness and metrics report an engine that cannot be had, web processes that hang, and degraded answers."""

import asyncio

import pytest

from api.http.group import Group
from placement.core.setting_files import engines_socket
from placement.solver.engine_lending import LentEngines
from tests.support.heartbeats import MainProcess
from tests.support.loops import run as run_loop
from tests.support.stores import OPERATOR, one_store


@pytest.fixture
def run(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def main_process(run):
    made = MainProcess(run)
    yield made
    made.stop()


@pytest.fixture
def group(run, service, monkeypatch):
    """Makes a group of processes to which the application of the test seems to belong."""
    made = Group(LentEngines(engines_socket(run)), run)
    monkeypatch.setattr(service.app.state, "group", made)
    return made


@pytest.fixture
def ready(service, group):
    def ready():
        answer = service.client.get("/health/ready", headers=OPERATOR)
        assert answer.status_code == 200
        return answer.json()

    assert service.app.state.group is group
    return ready


@pytest.fixture
def measured(service, group):
    def measured():
        lines = service.client.get("/metrics", headers=OPERATOR).text.splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}

    assert service.app.state.group is group
    return measured


def beat(group, main_process):
    """Sends a heartbeat of the web process, which the main process receives."""

    async def once():
        beats = asyncio.create_task(group.beat())
        await asyncio.sleep(0)
        beats.cancel()

    run_loop(once)
    main_process.until_heard(group._answers.counted())


@one_store
def test_group_that_goes_on_is_ready(ready, group, main_process):
    beat(group, main_process)
    assert {name: ready()[name] for name in ("engine", "liveness")} == {"engine": "ok", "liveness": "ok"}


@one_store
@pytest.mark.usefixtures("main_process")
def test_process_that_is_not_heard_is_reported(ready):
    assert ready()["liveness"] == "0 of 1 web processes work"


@pytest.mark.wide
@one_store
def test_main_process_that_does_not_answer_is_reported(ready, measured):
    assert ready()["liveness"].startswith("not heard")
    assert ready()["engine"].startswith("away")
    found = measured()
    assert found["placement_engine_lends"] == found['placement_processes{state="going_on"}'] == 0


@one_store
@pytest.mark.usefixtures("main_process")
def test_engine_without_its_socket_is_reported(ready, run):
    assert ready()["engine"] == "ok"
    engines_socket(run).unlink()
    assert ready()["engine"].startswith("away")


@pytest.mark.wide
@one_store
def test_more_than_one_degraded_answer_in_twenty_is_reported(ready, measured, group, main_process):
    for outcome in ["answered"] * 18 + ["shared", "refused", "degraded"]:
        group.note(outcome, 0.1)
    beat(group, main_process)
    assert ready()["engine"] == "ok"
    group.note("degraded", 0.1)
    beat(group, main_process)
    assert ready()["engine"] == "degraded: 2 of 21 answers in ten minutes"
    found = measured()
    assert found['placement_engine_answers{kind="all"}'] == 21
    assert found['placement_engine_answers{kind="degraded"}'] == 2
    assert found["placement_engine_lends"] == found['placement_processes{state="started"}'] == 1
