"""A store with rings and mails to registrants goes back to a version without them, and loses what it cannot read."""

from datetime import timedelta

import pytest
from alembic import command
from sqlmodel import select

from placement.core.codes import MessageKind
from placement.core.context import SYSTEM, Act
from placement.core.notice_codes import NoticeMark
from placement.outbox import outbox
from placement.tables import Message, TaskNotice
from placement.tables.message import Copy, NoticeContent
from tests.support.registrants import without_newer_roles
from tests.support.stores import AT, both_stores

BEFORE = "0080"


@pytest.mark.wide
@both_stores
def test_store_goes_back_without_rings_and_steps(stores):
    made = without_newer_roles(stores.make("small"))
    with made.database.transaction() as session:
        act = Act(session, SYSTEM, AT, made.settings)
        sms = Copy(account_id="A-1", sms=True, next_at=AT, try_until=AT + timedelta(hours=1))
        mail = Copy(account_id="A-1", next_at=AT, try_until=AT + timedelta(hours=1))
        outbox.put_copies(act, MessageKind.TASK_RINGS, "ring N-1", [sms], {"task": "T-1"})
        outbox.put_copies(act, MessageKind.SENT_CLOSED, "sent.closed 2026 M-1", [mail], {"sent": "M-1"})
        outbox.put_copies(act, MessageKind.TASK_DUE, "task.due now N-1", [mail], {})
        for number, once in enumerate(("T-1 new", "T-1 push", "T-2 sms N-2", "T-2 new N-3")):
            content = NoticeContent(task="T", kind="urgent", mark=NoticeMark.NEW, at=AT, told=())
            session.add(TaskNotice(id=f"N-{number}", once=once, made_on=AT.date(), content=content))
    with made.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)
    made.database.migrate()
    with made.database.transaction() as session:
        assert [row.once for row in session.exec(select(Message))] == ["task.due now N-1"]
        assert sorted(row.once for row in session.exec(select(TaskNotice))) == ["T-1 new", "T-2 new N-3"]
