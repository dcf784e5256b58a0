"""The cost of one request for a page: transactions, statements, audit events."""

import pytest
from sqlmodel import func, select

from bench.pages import counted
from placement.tables import AuditEvent

MOST = 29 + 4
"""Statements of any of these pages, and the look-up of the session and its account. A call to a shelter asks most."""
MOST_OF_FIRST = 23 + 4
"""The same of the first page, which reads the few waiting rows of each table by one statement."""


def cost(service, reader, path):
    def events():
        with service.database.transaction() as session:
            return session.exec(select(func.count()).select_from(AuditEvent)).one()

    before = events()
    with pytest.MonkeyPatch.context() as patch, counted(service.database) as counts:
        patch.setattr(
            service.database.sealer, "lines_stored", lambda: None
        )  # a thread of a process that serves does it
        assert reader.get(path).status_code == 200
    service.database.seal_log()
    return counts["transactions"], counts["statements"], events() - before
