"""Four schedulers over a town, as processes with one clock that a test moves."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from placement.core import clock
from placement.core.clock import AMSTERDAM
from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.notice_codes import MailForm, Rhythm
from placement.notifications import subscriptions
from tests.support.duty import peopled
from tests.support.mail_server import SENDER, Mailbox, mail_server
from tests.support.paths import ROOT
from tests.support.report_mails import ADDRESS, account
from tests.support.schedulers import EFFECTS, SharedClock
from tests.support.service_process import environment_for, variables_of

PROCESSES, PATIENCE = 4, 60


def moment(day, hour, minute=0):
    """Returns this time on the wall in Amsterdam; the first moment if the clock shows it twice."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


class Four:
    """The processes over a town, their clock and their mailbox."""

    def __init__(self, town, box, process, shared):
        self.town, self.box, self._starter, self.shared = town, box, process, shared
        self.log = shared.file.with_name("log")
        self.killed, self.ticks, self.living = 0, [], set()

    def fill_up(self):
        while len(self.living) < PROCESSES:
            self.begin("one more\n")

    def begin(self, line):
        self._starter.stdin.write(line)
        self._starter.stdin.flush()
        self.living.add(int(self._starter.stdout.readline()))

    def tick(self, at):
        """Sets the clock and waits until each process has done the due work; a killed process is replaced."""
        self.shared.set(at)
        self._wait(at)

    def step(self, at):
        """Sets the clock as a person does, without a passage of time, and waits in the same way."""
        self.shared.step(at)
        self._wait(at)

    def _wait(self, at):
        self.town.at = at
        self.ticks.append(at)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            gone = {pid for pid in self.living if not os.path.exists(f"/proc/{pid}")}  # noqa: PTH110
            self.killed += len(gone)
            self.living -= gone
            self.fill_up()
            if all(self._seen(pid) == at.isoformat() for pid in self.living):
                return
            time.sleep(0.02)
        raise AssertionError(f"not done: {at}")

    def _seen(self, pid):
        file = self.shared.file.with_name(f"seen-{pid}")
        return file.read_text() if file.exists() else ""

    def stop(self):
        for pid in self.living:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._starter.stdin.close()
        self._starter.wait(PATIENCE)


@contextmanager
def four(town, folder, begin, broken=()):
    shared = SharedClock(folder / "clock")
    shared.set(begin)
    box = Mailbox()
    with pytest.MonkeyPatch.context() as patch, mail_server(box) as server, (folder / "log").open("w") as log:
        patch.setattr(clock, "now", lambda: town.at)
        town_with_what_falls_due(town, begin)
        environment = environment_for() | variables_of(town.settings)
        environment |= {
            "PYTHONPATH": str(ROOT),
            "PLACEMENT_AUDIT_HEADS": str(town.settings.audit_heads),
            "PLACEMENT_ADDRESS": ADDRESS,
            "PLACEMENT_SMTP_HOST": server.host,
            "PLACEMENT_SMTP_PORT": str(server.port),
            "PLACEMENT_SMTP_TLS": server.tls,
            "PLACEMENT_SMTP_SENDER": SENDER,
        }
        command = [sys.executable, "-m", "tests.support.schedulers", str(shared.file), *broken]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log, "text": True}
        with subprocess.Popen(command, env=environment, **pipes) as process:
            made = Four(town, box, process, shared)
            try:
                yield made
            finally:
                made.stop()


def town_with_what_falls_due(town, begin):
    """Builds a town with people to notify, a client at day 59, a subscriber to the report, and holds that end in the
    night.
    """
    peopled(town, begin)
    account(town, "A-1")
    wish = subscriptions.Wish(Rhythm.DAILY, "nl", MailForm.LINK)
    town.do(subscriptions.choose, wish, actor=Actor("A-1", Role.READER))
    town.take_over(ago=59)
    town.hold_in(town.register(), "U1-women")
    with town.database.transaction() as session:
        session.execute(text(EFFECTS))
