"""The export with people: every case and its history, encrypted with the tool `age` for a single recipient."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.leave_codes import LeaveKind
from placement.crypto.age import encrypted_for
from placement.leave import requests
from placement.leave.people_archive import archive_of
from placement.text.catalogue import Language


@dataclass(frozen=True, slots=True)
class PeopleExport:
    """The export. `content`: the encrypted archive. `incomplete`: as in `PeopleSheets`."""

    content: bytes
    counts: Mapping[str, int]
    incomplete: list[str]


def export_people(act: Act, request_id: str, language: Language) -> PeopleExport:
    """Carries out a granted request for an export, once. `language`: the language of the workbook. Raises the errors of
    `requests.take_up`. The audit event contains the reason, the counts and the cases, so that a search for all access
    to a case finds the event.
    """
    request = requests.take_up(act, LeaveKind.EXPORT_PEOPLE, request_id)
    archive = archive_of(act, request.id, language)
    content = encrypted_for([str(request.facts["recipient"])], archive.content)
    request.done_at = act.at
    asker = replace(act, actor=replace(act.actor, on_behalf_of=request.asked_by))
    facts = requests.facts_of(request)
    audit_log.write(
        asker,
        Event.PEOPLE_EXPORTED,
        subject=request.id,
        shown=archive.cases,
        granted_by=request.settled_by,
        counts=dict(archive.counts),
        **facts,
    )
    return PeopleExport(content, archive.counts, archive.incomplete)
