"""The cost of one request for a page: transactions, statements, audit events."""

import pytest
from sqlmodel import func, select

from bench.pages import counted
from placement.tables import AuditEvent

MOST = 29 + 4
"""Statements of any of these pages, and the look-up of the session and its account. The first page asks most: 29, of
which entries by telephone, shelters that work by telephone, and rooms with a last day are read for their tasks.
"""


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
