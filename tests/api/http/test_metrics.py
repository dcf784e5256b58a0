"""Metrics of several web processes are summed from files; a file that cannot be written stops nothing."""

import json

import pytest
from structlog.testing import capture_logs

from api.http.metrics import REQUESTS, Shared
from placement.core import version

SERIES = 'placement_requests_total{method="GET",route="/counted",status="200"}'


def counted(shared):
    [line] = [line for line in shared.exposition().decode().splitlines() if line.startswith(SERIES)]
    return float(line.split()[-1])


@pytest.fixture
def one(tmp_path):
    REQUESTS.labels("GET", "/counted", 200).inc()
    return Shared(tmp_path)


@pytest.mark.wide
def test_metrics_of_others_are_added_up(one, tmp_path):
    alone = counted(one)
    one.write()
    [file] = tmp_path.glob("*.json")
    for number in (1, 2):  # two more processes that counted the same
        (tmp_path / f"other-{number}.json").write_text(file.read_text())
    assert counted(one) == 3 * alone
    assert counted(Shared()) == alone
    assert "placement_request_seconds" in one.exposition().decode()


@pytest.mark.wide
def test_metrics_file_not_writable_is_logged_once(one, tmp_path):
    one.write()
    before = [file.read_text() for file in tmp_path.glob("*.json")]
    one._file.with_suffix(".new").symlink_to("/dev/full")  # a real disk without room
    REQUESTS.labels("GET", "/counted", 200).inc()
    with capture_logs() as lines:
        one.write()
        one.write()
    assert [line["event"] for line in lines] == ["metrics.not_written"]
    assert [file.read_text() for file in tmp_path.glob("*.json")] == before
    assert counted(one) >= 2


def test_metrics_thread_writes_when_it_stops(one, tmp_path):
    one.start()
    one.stop()
    [file] = tmp_path.glob("*.json")
    assert any(name == "placement_requests_total" for name, _, _ in json.loads(file.read_text()))


@pytest.mark.wide
def test_metrics_name_the_version_once_for_all_processes(one, tmp_path):
    one.write()
    (tmp_path / "other.json").write_text(next(tmp_path.glob("*.json")).read_text())
    built = [line for line in one.exposition().decode().splitlines() if line.startswith("placement_build_info")]
    assert built == [f'placement_build_info{{commit="{version.commit()}",version="{version.VERSION}"}} 1.0']
