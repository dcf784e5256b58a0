"""The run folder belongs to one service: the second is refused, and nobody removes a file of another."""

import os
import socket
import subprocess
import sys

import pytest

from placement.core.errors import Misconfigured
from placement.core.run_folder import OwnSocket, held, is_held
from placement.core.setting_files import lock_file

HOLDER = """
import sys
from pathlib import Path
from placement.core.run_folder import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def run(tmp_path):
    return tmp_path / "var" / "run"


@pytest.fixture
def holder(run):
    """Another process that holds the folder."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(run)], stdin=pipe, stdout=pipe, text=True) as made:
        assert made.stdout.readline() == "held\n"
        yield made
        made.kill()


def test_second_holder_is_refused_with_process_and_setting(run, holder):
    assert is_held(run)
    with pytest.raises(Misconfigured, match=rf"process {holder.pid}.*PLACEMENT_RUN"), held(run):
        pass
    assert is_held(run)


def test_folder_of_a_killed_holder_is_free(run, holder):
    holder.kill()
    holder.wait()
    assert not is_held(run)
    with held(run):
        assert lock_file(run).read_text().strip() == str(os.getpid())
        assert is_held(run)
    assert not is_held(run)


@pytest.mark.usefixtures("holder")
def test_other_folder_is_free(run):
    with held(run.with_name("other")):
        assert is_held(run)


def test_folder_without_a_lock_is_free(run):
    assert not is_held(run)


def test_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="PLACEMENT_RUN"), held(tmp_path / "file" / "run"):
        pass


@pytest.fixture(params=[socket.SOCK_STREAM, socket.SOCK_DGRAM])
def kind(request):
    return request.param


def test_socket_of_a_killed_process_is_replaced(run, kind):
    first = OwnSocket(run / "engines", kind)
    first.socket.close()
    second = OwnSocket(run / "engines", kind)
    assert second.is_in_place
    second.close()
    assert not (run / "engines").exists()


def test_socket_of_a_living_process_stays(run, kind):
    first = OwnSocket(run / "engines", kind)
    if kind == socket.SOCK_STREAM:
        first.socket.listen()
    with pytest.raises(Misconfigured, match="another process listens"):
        OwnSocket(run / "engines", kind)
    assert first.is_in_place
    (run / "engines").unlink()
    second = OwnSocket(run / "engines", kind)
    first.close()
    assert second.is_in_place
    second.close()


def test_file_that_is_no_socket_stays(run, kind):
    run.mkdir(parents=True)
    (run / "engines").write_text("of somebody")
    with pytest.raises(Misconfigured, match="no socket can be made"):
        OwnSocket(run / "engines", kind)
    assert (run / "engines").read_text() == "of somebody"


def test_address_that_is_too_long_is_refused(run, kind):
    with pytest.raises(Misconfigured, match="short name"):
        OwnSocket(run / ("long" * 50), kind)
