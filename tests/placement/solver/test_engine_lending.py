"""One line of engines for all web processes of a machine: lender, borrowers and engines are real processes."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time

import psutil
import pytest

from matching import advise, write_advice
from placement.core.arrival import CURRENT, Arrival
from placement.core.errors import Busy
from placement.solver.engine_lending import EngineLender, LentEngines
from placement.solver.engine_pool import PREVIEW, EnginePool, NoAnswer
from placement.solver.engine_process import Solver
from tests.support.stores import one_store

PATIENCE = 60
AGES = 600.0

ENGINE = """
import json, os, sys, time
from multiprocessing.connection import Connection
pipe, folder = Connection(int(sys.argv[2])), sys.argv[1]
while True:
    try:
        about, seconds, problem = (pipe.recv_bytes() for _ in range(3))
    except EOFError:
        break
    print(about.decode(), file=open(f"{folder}/asked", "a"), flush=True)
    while os.path.exists(f"{folder}/hold-{about.decode()}"):
        time.sleep(0.01)
    pipe.send_bytes(open(f"{folder}/answer").read().encode() if os.path.exists(f"{folder}/answer") else about)
"""
LENDER = """
import sys
from pathlib import Path
from placement.solver.engine_lending import EngineLender
from placement.solver.engine_pool import EnginePool
folder = Path(sys.argv[1])
pool = EnginePool(int(sys.argv[2]), (sys.executable, str(folder / "engine.py"), str(folder)))
EngineLender(pool, folder / "engines").start()
print("ready", flush=True)
for line in sys.stdin:
    print(pool.waiting, pool.running, flush=True)
"""
BORROWER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from placement.core.arrival import Arrival
from placement.solver.engine_lending import LentEngines
from placement.solver.engine_pool import Taken
engines, rank, names = LentEngines(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3:]
def ask(name):
    while True:
        try:
            with engines.engine(Arrival(), time.monotonic() + 600, rank) as (engine, seconds):
                return engine.exchange((name.encode(), b"600", b""), seconds, bytes.decode)
        except Taken:
            continue
with ThreadPoolExecutor(len(names)) as threads:
    assert list(threads.map(ask, names)) == names
"""


class Machine:
    """A folder in which a lender, its engines and borrowers run."""

    def __init__(self, folder):
        self.folder, self.address = folder, folder / "engines"
        self.started, self.lender = [], None
        (folder / "engine.py").write_text(ENGINE)

    def lend(self, engines=1):
        self.lender = self._start(LENDER, self.folder, engines)
        assert self.lender.stdout.readline() == "ready\n"
        return self.lender

    def borrow(self, rank, *names):
        """A web process with a question of each name."""
        return self._start(BORROWER, self.address, rank, *names)

    def until(self, waiting, running):
        def are():
            self.lender.stdin.write("\n")
            self.lender.stdin.flush()
            return self.lender.stdout.readline().split() == [str(waiting), str(running)]

        until(are)

    def hold(self, name):
        (self.folder / f"hold-{name}").touch()

    def let_go(self, name):
        (self.folder / f"hold-{name}").unlink()

    def asked(self):
        file = self.folder / "asked"
        return file.read_text().split() if file.exists() else []

    def engine(self):
        [found] = psutil.Process(self.lender.pid).children()
        return found

    def end(self):
        for one in reversed(self.started):
            one.send_signal(signal.SIGCONT)
            one.kill()
            one.wait()
            one.stdin.close()
            one.stdout.close()

    def _start(self, program, *words):
        pipe = subprocess.PIPE
        made = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, words)], stdin=pipe, stdout=pipe, text=True, env={**os.environ}
        )
        self.started.append(made)
        return made


def until(look):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError


@pytest.fixture
def machine(tmp_path):
    made = Machine(tmp_path)
    yield made
    made.end()


def ask(engines, name, seconds=AGES, rank=1):
    with engines.engine(Arrival(), time.monotonic() + seconds, rank) as (engine, left):
        return engine.exchange((name.encode(), b"1", b""), left, bytes.decode)


@pytest.mark.wide
def test_urgent_is_before_twenty_previews_of_others(machine):
    machine.lend()
    machine.hold("first")
    first = machine.borrow(4, "first")
    machine.until(0, 1)
    others = [machine.borrow(PREVIEW, *(f"preview-{web}-{one}" for one in range(5))) for web in range(4)]
    machine.until(20, 1)
    urgent = machine.borrow(1, "urgent")
    machine.until(21, 1)
    machine.let_go("first")
    assert [one.wait(PATIENCE) for one in (first, urgent, *others)] == [0] * 6
    assert machine.asked()[:2] == ["first", "urgent"]
    assert len(machine.asked()) == 22


@pytest.mark.wide
def test_proposal_takes_the_engine_of_a_preview(machine):
    """The preview goes back into the line, and is answered after it."""
    machine.lend()
    machine.hold("preview")
    preview = machine.borrow(PREVIEW, "preview")
    until(lambda: machine.asked() == ["preview"])
    proposal = machine.borrow(4, "proposal")
    assert proposal.wait(PATIENCE) == 0
    until(lambda: machine.asked() == ["preview", "proposal", "preview"])
    machine.let_go("preview")
    assert preview.wait(PATIENCE) == 0


@pytest.mark.wide
def test_proposal_waits_for_a_proposal(machine):
    machine.lend()
    machine.hold("less-urgent")
    machine.borrow(4, "less-urgent")
    until(machine.asked)
    urgent = machine.borrow(1, "urgent")
    machine.until(1, 1)
    machine.let_go("less-urgent")
    assert urgent.wait(PATIENCE) == 0
    assert machine.asked() == ["less-urgent", "urgent"]


@pytest.mark.wide
def test_killed_borrower_frees_its_engine(machine):
    machine.lend()
    machine.hold("first")
    first = machine.borrow(1, "first")
    until(machine.asked)
    engine = machine.engine()
    first.kill()
    assert ask(LentEngines(machine.address), "second") == "second"
    assert not engine.is_running()


@pytest.mark.wide
def test_borrower_gone_from_the_line_is_not_lent_to(machine):
    machine.lend()
    machine.hold("first")
    first = machine.borrow(1, "first")
    until(machine.asked)
    waits = machine.borrow(1, "second")
    machine.until(1, 1)
    waits.kill()
    waits.wait()
    engine = machine.engine()
    machine.let_go("first")
    assert first.wait(PATIENCE) == 0
    assert ask(LentEngines(machine.address), "third") == "third"
    assert (machine.asked(), machine.engine()) == (["first", "third"], engine)


@pytest.mark.wide
def test_none_free_in_time_is_busy_and_leaves_the_line(machine):
    machine.lend()
    machine.hold("first")
    machine.borrow(1, "first")
    until(machine.asked)
    engines = LentEngines(machine.address)
    with pytest.raises(Busy) as refused:
        ask(engines, "second", seconds=0.5)
    assert refused.value.facts["seconds"] > 0
    machine.until(0, 1)
    assert (engines.waiting, engines.running) == (0, 0)


@pytest.mark.wide
def test_two_engines_serve_two_web_processes(machine):
    machine.lend(engines=2)
    machine.hold("first")
    machine.borrow(1, "first")
    until(machine.asked)
    assert ask(LentEngines(machine.address), "second") == "second"


@pytest.mark.wide
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_engine_killed_or_frozen_is_no_answer(machine, sent):
    """The next question gets a new engine."""
    machine.lend()
    engines = LentEngines(machine.address)
    assert ask(engines, "first") == "first"
    engine = machine.engine()
    machine.hold("second")
    with engines.engine(Arrival(), time.monotonic() + AGES, 1) as (lent, _):
        engine.send_signal(sent)
        with pytest.raises(NoAnswer):
            lent.exchange((b"second", b"1", b""), 1.0, bytes.decode)
    assert ask(engines, "third") == "third"
    assert not engine.is_running()


@pytest.mark.wide
def test_lender_killed_is_no_answer(machine):
    """Not for the question in hand, whose engine ends with the lender, and not for the next."""
    machine.lend()
    machine.hold("first")
    engines = LentEngines(machine.address)
    with engines.engine(Arrival(), time.monotonic() + AGES, 1) as (lent, _):
        [engine] = psutil.Process(machine.lender.pid).children()
        machine.lender.kill()
        engine.kill()
        with pytest.raises(NoAnswer):
            lent.exchange((b"first", b"1", b""), AGES, bytes.decode)
    with pytest.raises(NoAnswer):
        ask(engines, "second")


@pytest.mark.wide
def test_lender_frozen_is_busy_until_it_goes_on(machine):
    machine.lend()
    engines = LentEngines(machine.address)
    machine.lender.send_signal(signal.SIGSTOP)
    with pytest.raises(Busy):
        ask(engines, "first", seconds=0.5)
    machine.lender.send_signal(signal.SIGCONT)
    assert ask(engines, "second") == "second"


@pytest.mark.wide
def test_socket_is_its_users_alone(machine):
    machine.lend()
    mode = machine.address.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.wide
def test_socket_of_a_killed_service_is_no_hindrance(machine):
    machine.lend().kill()
    machine.lender.wait()
    assert machine.address.exists()
    machine.lend()
    assert ask(LentEngines(machine.address), "first") == "first"


@pytest.mark.wide
def test_lender_takes_no_words_that_are_no_question(machine):
    machine.lend()
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(machine.address))
        stranger.sendall(b"\x00\x01")
        stranger.shutdown(socket.SHUT_WR)
        assert stranger.recv(1) == b""
    assert ask(LentEngines(machine.address), "first") == "first"


def test_stopped_lender_leaves_nothing(tmp_path):
    lender = EngineLender(EnginePool(1, (sys.executable, "-c", "import time; time.sleep(600)")), tmp_path / "engines")
    lender.start()
    [engine] = [one for one in psutil.Process().children() if "time.sleep(600)" in " ".join(one.cmdline())]
    lender.stop()
    lender._thread.join(PATIENCE)
    assert [lender._thread.is_alive(), engine.is_running(), (tmp_path / "engines").exists()] == [False] * 3


@pytest.fixture
def problem(town):
    town.register()
    return town.problem()


@pytest.mark.wide
@one_store
def test_solver_lender_away_gives_the_fallback(machine, problem):
    solver = Solver(AGES, LentEngines(machine.address))
    assert solver.advise(problem, problem.registrations[0].id).solution.status == "degraded"
    machine.lend()
    about = problem.registrations[0].id
    (machine.folder / "answer").write_bytes(write_advice(advise(problem, about)))
    assert solver.advise(problem, about).solution.status == "optimal"


@pytest.mark.wide
@one_store
def test_solver_counts_from_the_arrival_of_the_request(machine, problem):
    machine.lend()
    token = CURRENT.set(Arrival(at=time.monotonic() - 2 * AGES))
    try:
        with pytest.raises(Busy):
            Solver(AGES, LentEngines(machine.address)).advise(problem, problem.registrations[0].id)
    finally:
        CURRENT.reset(token)
    assert machine.asked() == []


@one_store
def test_solver_preview_has_the_last_rank(machine, problem, monkeypatch):
    ranks = []
    engines = LentEngines(machine.address)
    borrow = engines._borrow
    monkeypatch.setattr(engines, "_borrow", lambda asked, rank, end: ranks.append(rank) or borrow(asked, rank, end))
    solver = Solver(AGES, engines)
    previews = solver.for_previews()
    solver.advise(problem, problem.registrations[0].id)
    previews.match(problem)
    previews.shortage(problem)
    assert ranks == [Arrival().urgency, PREVIEW, PREVIEW]
