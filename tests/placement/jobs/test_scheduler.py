"""The real scheduler in a process of its own makes up for the days it missed, and delivers to a real mail server."""

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core import clock
from placement.core.codes import MessageKind, MessageStatus, Role
from placement.core.context import Actor
from placement.core.notice_codes import MailForm, Rhythm
from placement.notifications import subscriptions
from placement.notifications.delivery import deliver_mail
from placement.outbox import outbox
from placement.outbox.outbox import CLAIMED_FOR
from placement.tables import DailyRun
from tests.support.duty import moved
from tests.support.mail_server import SENDER, Mailbox, mail_server
from tests.support.messages import sent
from tests.support.report_mails import ADDRESS, account
from tests.support.service_process import environment_for, variables_of

PATIENCE = 60


class Watched(Mailbox):
    """Mailbox that sets `enough` when so many mails have come; `on` is called when a mail comes, before its answer."""

    def __init__(self, wanted, on=None):
        super().__init__()
        self.wanted, self.on, self.enough = wanted, on, threading.Event()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (the server calls it so)
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.arrived) >= self.wanted:
            if self.on is not None:
                self.on()
            self.enough.set()
        return answer


@contextmanager
def scheduler(town, server, log):
    environment = environment_for() | variables_of(town.settings)
    environment |= {
        "PLACEMENT_ADDRESS": ADDRESS,
        "PLACEMENT_SMTP_HOST": server.host,
        "PLACEMENT_SMTP_PORT": str(server.port),
        "PLACEMENT_SMTP_TLS": server.tls,
        "PLACEMENT_SMTP_SENDER": SENDER,
    }
    with log.open("a") as out:
        process = subprocess.Popen([sys.executable, "-m", "placement", "scheduler"], env=environment, stderr=out)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


@pytest.fixture
def reader(town):
    account(town, "A-1")
    wish = subscriptions.Wish(Rhythm.DAILY, "nl", MailForm.LINK)
    town.do(subscriptions.choose, wish, actor=Actor("A-1", Role.READER))
    return town


@pytest.mark.wide
def test_scheduler_makes_up_missed_days_late_and_delivers_once(reader, tmp_path):
    today = clock.day_of(clock.now())
    missed = [today - timedelta(days=2), today - timedelta(days=1)]
    with reader.act() as act:
        act.session.add(
            DailyRun(job="make_report", day=today - timedelta(days=3), due_at=act.at, ran_at=act.at, late=False)
        )
    box = Watched(2)
    with mail_server(box) as server, scheduler(reader, server, tmp_path / "log"):
        assert box.enough.wait(PATIENCE), (tmp_path / "log").read_text()
    assert len(box.ids) == len(set(box.ids)) >= 2
    rows = reader.all(select(DailyRun).where(DailyRun.job == "make_report").order_by(DailyRun.ran_at))
    assert [row.day for row in rows if row.day in missed] == missed
    assert all(row.late for row in rows if row.day in missed)
    logged = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    done = [line["day"] for line in logged if line["event"] == "daily.done" and line["job"] == "make_report"]
    assert done[:2] == [day.isoformat() for day in missed]
    assert "reader.example" not in (tmp_path / "log").read_text()


@pytest.mark.wide
def test_scheduler_killed_in_a_mail_resends_with_the_same_id(reader, tmp_path):
    moved(reader, clock.now())
    hold = reader.hold_in(reader.register(), "U1-women")
    for number in range(5):
        reader.do(outbox.put, MessageKind.HOLD_WAITS, f"x{number}", accounts=["A-1"], hold=hold, hours="1")
    processes = []
    box = Watched(2, on=lambda: processes[0].send_signal(signal.SIGKILL))
    with mail_server(box) as server:
        with scheduler(reader, server, tmp_path / "log") as process:
            processes.append(process)
            assert box.enough.wait(PATIENCE), (tmp_path / "log").read_text()
            process.wait(timeout=PATIENCE)
        box.on = None
        left = [one for one in sent(reader) if one.status is MessageStatus.WAITING]
        assert len(left) >= 4  # the server had taken the second mail, and its answer was lost
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda: reader.at + CLAIMED_FOR + timedelta(minutes=PATIENCE))
            reader.having(smtp=server, address=ADDRESS)
            deliver_mail(reader.database, reader.settings)
    ids = {f"<{row.id}@placement.example>" for row in sent(reader)}
    assert set(box.ids) == ids
    assert len(box.ids) == len(ids) + 1
    assert not [one for one in sent(reader) if one.status is MessageStatus.WAITING]
