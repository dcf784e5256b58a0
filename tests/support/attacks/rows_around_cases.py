"""Rows beside a case: what was sent in, links for callers, imports under way, and events with members and plans."""

from placement.core.event_codes import EventKind, EventStatus
from placement.tables import EventMember, EventPlan, FormLink, MassEvent, OpenImport, SentRegistration
from placement.tables.event import EventContent, MemberContent
from placement.tables.sealed_row import SealedRow
from placement.tables.sent_registration import SentContent
from tests.support.stores import AT

LATER = AT.replace(year=AT.year + 1)


def rows_around_cases(one: str, account: str, case: str) -> list[SealedRow]:
    """Returns a row of each of these tables. `one`: a part of their names that no other rows have."""
    day = AT.date()
    event = EventContent(name=one, kind=EventKind.RAID, day=day, leader=account, made_by=account, keep_from=day)
    return [
        MassEvent(id=f"E{one}", status=EventStatus.PLANNED, made_on=day, content=event),
        EventMember(id=f"EM{one}", event_id=f"E{one}", registration_id=case, content=MemberContent(position=0)),
        EventPlan(id=f"EP{one}", event_id=f"E{one}", made_on=day, content=one),
        FormLink(id=f"FL{one}", fingerprint=one * 64, word=one, expires_at=LATER, made_by=account, caller={}),
        OpenImport(id=f"OI{one}", ends_at=LATER, name=one, content=one, answers={}),
        SentRegistration(id=f"SR{one}", registration_id=case, made_on=day, content=SentContent(sender=account)),
    ]
