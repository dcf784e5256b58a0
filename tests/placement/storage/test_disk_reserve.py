"""The disk reserve: released when the disk is full, taken again when there is room; and log lines lost meanwhile."""

import errno
import io
import json

import pytest
from structlog.testing import capture_logs

from placement.core.errors import DiskFull
from placement.core.logging import LogLines
from placement.core.settings import Settings
from placement.storage.disk_reserve import DiskReserve

MB = 1 << 20


class Disk:
    """A disk on which so many megabytes are free, as the reserve reads it."""

    def __init__(self, free):
        self.free = free

    def __call__(self, _folder):
        return self.free * MB


@pytest.fixture
def kept(tmp_path):
    """A reserve of two megabytes, kept, and its file."""
    disk, file = Disk(100), tmp_path / "db.reserve"
    reserve = DiskReserve(file, 2 * MB, disk)
    assert reserve.has_room()
    return reserve, disk, file


def test_reserve_with_room_takes_its_space(kept):
    _, _, file = kept
    assert file.stat().st_size == 2 * MB
    assert file.stat().st_blocks * 512 >= 2 * MB  # space, and not a hole
    assert file.stat().st_mode & 0o777 == 0o600


def test_reserve_disk_full_lets_go_and_writes_are_refused(kept):
    reserve, disk, file = kept
    disk.free = 3
    with capture_logs() as lines, pytest.raises(DiskFull):
        reserve.require_room()
    assert not file.exists()
    assert [(line["event"], line["free_mb"], line["let_go_mb"]) for line in lines] == [("disk.full", 3, 2)]


@pytest.mark.parametrize(("free", "room"), [(5, False), (9, False), (10, True)])
def test_reserve_let_go_is_taken_again_when_enough_is_free(kept, free, room):
    """Its own two megabytes and twice the least of four: as it would else be let go again at once."""
    reserve, disk, file = kept
    disk.free = 3
    assert not reserve.has_room()
    disk.free = free
    assert (reserve.has_room(), file.exists()) == (room, room)


def test_reserve_another_process_sees_the_same(kept):
    _, disk, file = kept
    other = DiskReserve(file, 2 * MB, disk)
    disk.free = 3
    assert not other.has_room()
    disk.free = 5
    assert not DiskReserve(file, 2 * MB, disk).has_room()


def test_reserve_space_is_gone_before_it_is_taken_has_no_room(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("os.posix_fallocate", full)
    reserve = DiskReserve(tmp_path / "db.reserve", MB, Disk(100))
    assert not reserve.has_room()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["postgresql://x@y/z", "sqlite:///:memory:"])
def test_reserve_of_no_file_keeps_nothing(url):
    assert DiskReserve.of(Settings(database_url=url)).has_room()


def test_log_disk_full_counts_and_reports_lost_lines():
    class Out(io.StringIO):
        full = False

        def write(self, lines):
            if self.full:
                raise OSError(errno.ENOSPC, "no space")
            return super().write(lines)

    out = Out()
    lines = LogLines(out)
    for full, line in ((False, "a"), (True, "b"), (True, "c"), (False, "d")):
        out.full = full
        lines.write(f'"{line}"\n')
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        "a",
        {"event": "log.lines_lost", "lines": 2},
        "d",
    ]
