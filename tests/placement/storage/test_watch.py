"""The state of the watcher in the key store: a file for each process, sealed, and the newest of each statement."""

import pytest

from placement.crypto import cipher
from placement.crypto.watch_files import WatchFiles
from placement.storage.log_keys import LogKeys
from placement.storage.watch import Check, Mark, Restored, Reviewed, Watch, WatchState, newest_of

MERGED = (
    (WatchState(mark=Mark(3, "c")), WatchState(mark=Mark(2, "b")), WatchState(mark=Mark(3, "c"))),
    (WatchState(check=Check(1)), WatchState(check=Check(2, differs="a")), WatchState(check=Check(2, differs="a"))),
    (WatchState(reviewed=Reviewed(5, "x")), WatchState(), WatchState(reviewed=Reviewed(5, "x"))),
    (WatchState(mark=Mark(9, "i")), WatchState(1, mark=Mark(2, "b")), WatchState(1, mark=Mark(2, "b"))),
)


@pytest.fixture
def keys():
    return LogKeys.read(cipher.new_key())


@pytest.fixture
def process(tmp_path):
    """Makes the watch of another process."""
    return lambda: Watch(WatchFiles(tmp_path))


@pytest.mark.parametrize(("one", "other", "newest"), MERGED)
def test_newest_of_each_statement_is_read(one, other, newest):
    assert newest_of([one, other]) == newest_of([other, one]) == newest
    assert newest_of([]) == WatchState()


def test_processes_have_files_of_their_own_and_read_all(tmp_path, keys, process):
    one, other = process(), process()
    one.state(keys, Check(1, doubted=("apikey/K-1",)))
    other.state(keys, Reviewed(7, "x"))
    assert sorted(file.name for file in tmp_path.glob("*.watch")) == ["0.watch", "1.watch"]
    for watch in (one, other, process()):
        assert watch.newest(keys) == WatchState(check=Check(1, doubted=("apikey/K-1",)), reviewed=Reviewed(7, "x"))
    assert b"apikey" not in b"".join(file.read_bytes() for file in tmp_path.glob("*.watch"))


def test_file_of_an_ended_process_goes_to_the_next(tmp_path, keys, process):
    one = process()
    one.state(keys, Check(1))
    one.close()
    process().state(keys, Check(2))
    assert [file.name for file in tmp_path.glob("*.watch")] == ["0.watch"]


def test_state_cut_off_or_of_another_service_has_no_effect(tmp_path, keys, process):
    process().state(keys, Check(3))
    assert process().newest(LogKeys.read(cipher.new_key())) == WatchState()
    [file] = tmp_path.glob("*.watch")
    file.write_bytes(file.read_bytes()[:100])
    assert process().newest(keys) == WatchState()


def test_state_with_an_old_key_of_the_log_is_read(process):
    old, new = cipher.new_key(), cipher.new_key()
    process().state(LogKeys.read(old), Check(3))
    assert process().newest(LogKeys.read(f"{new} {old}")).check.number == 3


def test_restore_begins_anew_for_every_process(keys, process):
    one, other = process(), process()
    one.state(keys, Check(5, differs="a", lost=Mark(9, "i")))
    other.begin_anew(keys, Mark(4, "d"), Restored("B-1", "then", "os:root", "now"))
    for watch in (one, other):
        found = watch.newest(keys)
        assert (found.restores, found.mark, found.check) == (1, Mark(4, "d"), Check(5))
        assert found.restored == Restored("B-1", "then", "os:root", "now")


def test_check_of_two_processes_at_once_is_done_by_one(process):
    one, other = process(), process()
    with one.alone() as first, other.alone() as second:
        assert (first, second) == (True, False)
    with other.alone() as later:
        assert later


def test_key_store_that_is_away_is_a_fault_until_it_is_back(tmp_path, keys):
    watch = Watch(WatchFiles(tmp_path / "keys"))
    watch.state(keys, Check(1))
    assert watch.fault == "No such file or directory"
    (tmp_path / "keys").mkdir()
    watch.state(keys, Check(1))
    assert watch.fault == ""
