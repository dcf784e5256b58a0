"""The merging of all reads that a page needs into one audit event."""

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Action
from placement.core.context import Act
from placement.storage import hash_chain
from placement.tables import AuditEvent

KEEPS_ITS_NAME = frozenset(
    {
        Event.ADDRESS_READ,
        Event.ADDRESS_HELD_BACK,
        Event.OPENED_WITH_REASON,
        Event.GLASS_BROKEN,
        Event.OPENED_BY_TASK,
        Event.ANSWER_REPEATED,
        Event.POLICY_TRIED,
        Event.PROFILE_TRIED,
    }
)
"""The reads that keep their own audit event."""


def merge_reads(act: Act, page: str) -> None:
    """Replaces the audit events of all reads in this transaction by one event about the page.

    If the reads concern one case, the event belongs to that case. Cases in lists are named too. `details` contains the
    facts of each read. `page`: the page's code. Reads in `KEEPS_ITS_NAME` stay separate.
    """
    reads = [
        event
        for event in hash_chain.gathered(act.session)
        if event.action in {Action.READ, Action.SEARCH} and event.event not in KEEPS_ITS_NAME
    ]
    if len(reads) < 2:  # noqa: PLR2004 - a single event is specific enough
        return
    cases = {event.registration_id for event in reads if event.registration_id}
    listed = {case for event in reads for case in event.facts.get("shown", ())}
    of_no_case = not cases | listed  # an event about a case names no other object, which could be the client's shelter
    parts = {event.object_id for event in reads if event.object_id and (event.registration_id or of_no_case)}
    details = [{"event": event.event, **known} for event in reads if (known := _said(event))]
    hash_chain.withdraw(act.session, reads)
    audit_log.write(
        act,
        Event.PAGE_SHOWN,
        registration=cases.pop() if len(cases) == 1 else None,
        shown=listed | cases,
        page=page,
        events=sorted({event.event for event in reads}),
        parts=sorted(parts),
        details=details,
    )


def _said(event: AuditEvent) -> dict[str, object]:
    """Returns the facts of an audit event without listed cases, empty values and zeros."""
    return {name: fact for name, fact in event.facts.items() if name != "shown" and fact}
