"""Reading of cases. Each read writes an audit event. If the actor may not see a case, the read raises `NotFound`."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.list_orders import CaseOrder
from placement.registrations.case_handles import called
from placement.tables import (
    Registration,
)


def registration(act: Act, registration_id: str) -> Registration:
    found = scoped_queries.readable_registration(act.session, act.actor, registration_id)
    audit_log.write(act, Event.REGISTRATION_READ, registration=found.id)
    return found


def registrations(
    act: Act,
    status: RegistrationStatus | None,
    region: str | None,
    limit: int,
    offset: int,
    *,
    urgency: int | None = None,
    waited_days: int | None = None,
    sought: bool = False,
    order: CaseOrder = CaseOrder.URGENT_FIRST,
) -> tuple[Sequence[Registration], int]:
    waits_by = None if waited_days is None else act.day - timedelta(days=waited_days)
    listed = scoped_queries.listed_registrations(
        act.actor, status, region, urgency, waits_by, sought=sought, order=order
    )
    rows, total = scoped_queries.page(act.session, listed, limit, offset)
    audit_log.write(
        act,
        Event.REGISTRATIONS_LISTED,
        shown=[row.id for row in rows],
        status="sought" if sought else status,
        region=region,
        urgency=urgency,
        waited_days=waited_days,
        offset=offset,
    )
    return rows, total


def registrations_called(
    act: Act, said: str, limit: int, also: Sequence[str] = ()
) -> tuple[Sequence[Registration], int]:
    """Returns at most `limit` registrations with this alias, handle or reference, and their total number; see
    `case_handles.called`. `also`: references that were found by other facts. The audit event names the registrations,
    but never the text of the search.
    """
    ids = scoped_queries.registrations_of(act.actor).with_only_columns(col(Registration.id))
    others = [*called(act.session.execute(ids).scalars(), said), *also]
    found = scoped_queries.registrations_called(act.session, act.actor, said, others)
    rows, total = scoped_queries.page(act.session, found, limit, 0)
    audit_log.write(act, Event.REGISTRATIONS_SEARCHED, shown=[row.id for row in rows], found=total)
    return rows, total
