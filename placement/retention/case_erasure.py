"""The erasure of a whole case before its term, as a client's right (GDPR, article 17). A person of the desk requests it
and another grants it, both with a fresh second factor.

The case must be closed, so that no bed is kept for an erased case. Afterwards its rows contain what remains of every
case after five years: reference, region, urgency, codes and days. Every frozen problem and every answer of the engine
that contains the case is destroyed too, also in proposals of other cases. Proposals of a case under a legal hold stay
until the hold is lifted.
"""

from collections.abc import Iterator
from datetime import timedelta

from sqlmodel import col, or_, select

from placement.access import scoped_queries
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import RegistrationStatus
from placement.core.consent_codes import ErasureGround
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.second_person_codes import SecondPersonKind
from placement.crypto.encrypted_columns import is_readable
from placement.retention import erasure
from placement.retention.kinds import Fate
from placement.retention.legal_hold import kept_registrations, live_of
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.tables import FrozenProblem, Proposal, Registration, SecondPersonRequest, TelephoneEntry
from placement.tables.telephone import EntryContent

WAITS_FOR = timedelta(days=7)
"""The time within which the second person must answer (assumed). The law allows a month for the whole procedure."""
WHOLE_CASE = "whole_case"
"""The kind of data that the audit event of such an erasure contains."""


@needs(Permission.CASE_ERASE)
def ask(act: Act, registration_id: str, ground: ErasureGround) -> SecondPersonRequest:
    """Requests the erasure of a case. Raises `NotAllowed` without a fresh second factor. Raises `Conflict` if the case
    is not closed, is already erased, is under a legal hold, or if a request to erase it already waits.
    """
    require_fresh(act)
    _erasable(act, registration_id)
    same = requests.waiting(act, ERASURE.code).where(SecondPersonRequest.registration_id == registration_id)
    if act.session.exec(same).first() is not None:
        raise Conflict("erasure_asked")
    return requests.ask(act, ERASURE, {"ground": ground.value}, registration=registration_id)


def _erasable(act: Act, registration_id: str) -> Registration:
    found = scoped_queries.known_registration(act.session, act.actor, registration_id, lock=True)
    if found.anonymised_at is not None:
        raise Conflict("content_erased")
    if found.status is not RegistrationStatus.CLOSED:
        raise Conflict("erasure_of_open_case")
    if (live := live_of(act, registration_id)) is not None:
        raise Conflict("legal_hold_stands", status=live.status.value)
    return found


def _check(act: Act, request: SecondPersonRequest) -> None:
    require_fresh(act)
    _erasable(act, str(request.registration_id))


def _carry_out(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Erases the case. The audit event contains the numbers of proposals that are emptied or under a legal hold."""
    _ = answer
    case = str(request.registration_id)
    under_hold = set(act.session.exec(kept_registrations(act.session, act.at)))
    found = dict(_proposals_with(act, case))
    emptied = sorted(one for one, of in found.items() if of not in under_hold)
    audit_log.write(
        act,
        Event.ERASED,
        registration=case,
        subject=request.id,
        kind=WHOLE_CASE,
        count=len(emptied),
        kept=len(found) - len(emptied),
        fate=Fate.ANONYMISE.value,
    )
    erasure.erase_frozen(act, emptied)
    for entry in act.session.exec(select(TelephoneEntry)).all():
        if is_readable(entry.content) and EntryContent.model_validate(entry.content).registration == case:
            act.session.delete(entry)
    erasure.erase_content(act, [case])
    erasure.anonymise(act, [case])


def _proposals_with(act: Act, case: str) -> Iterator[tuple[str, str]]:
    """Yields each proposal whose frozen problem contains this case, with the proposal's own case. Decrypts one problem
    after another. Skips a problem that can no longer be decrypted, because it cannot disclose the case.
    """
    ids = act.session.exec(select(FrozenProblem.id)).all()
    holding = [one for one in ids if _holds(act, act.session.get_one(FrozenProblem, one), case)]
    earlier = act.session.exec(select(Proposal.id).where(col(Proposal.problem).is_not(None))).all()
    own = [one for one in earlier if _holds(act, act.session.get_one(Proposal, one), case)]
    theirs = or_(col(Proposal.problem_id).in_(holding), col(Proposal.id).in_(own), Proposal.registration_id == case)
    yield from act.session.exec(select(Proposal.id, Proposal.registration_id).where(theirs)).all()


def _holds(act: Act, row: FrozenProblem | Proposal, case: str) -> bool:
    """Checks whether the frozen problem of a row contains the case. Expunges the row, to free its memory."""
    problem = row.problem
    act.session.expunge(row)
    return problem is not None and is_readable(problem) and f'"{case}' in problem


def _lock(act: Act, request: SecondPersonRequest) -> None:
    scoped_queries.known_registration(act.session, act.actor, str(request.registration_id), lock=True)


ERASURE = Kind(
    SecondPersonKind.ERASURE,
    ask=Permission.CASE_ERASE,
    grant=Permission.CASE_ERASE,
    read=Permission.CASE_ERASE,
    waits_for=WAITS_FOR,
    carry_out=_carry_out,
    check=_check,
    lock=_lock,
    logged=lambda request: {"reason": request.facts["ground"]},
    needs_factor=lambda *_: True,
)
