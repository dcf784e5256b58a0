"""The state of a sent registration, derived from its case and messages: the only progress that a registrant sees."""

from collections.abc import Iterable, Mapping

from sqlmodel import col, select

from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.link_codes import LinkKind
from placement.core.registrant_codes import SentState
from placement.registrations.duplicates import all_links
from placement.registrations.links import DUPLICATE
from placement.tables import Registration, SentRegistration


def cases_of(act: Act, rows: Iterable[SentRegistration]) -> Mapping[str, Registration]:
    """Returns the case of each sent registration, by the id of the latter; of a merged case the case that continues, so
    that nobody learns from its end that the client was known.
    """
    by_case = {str(row.registration_id): row.id for row in rows if row.registration_id is not None}
    found = act.session.exec(select(Registration).where(col(Registration.id).in_(by_case)))
    return {by_case[case.id]: _continued(act, case) for case in found}


def state_of(row: SentRegistration, case: Registration | None) -> SentState:
    if row.registration_id is None:
        return SentState.DRAFT
    if case is None or case.status is RegistrationStatus.CLOSED:
        return SentState.CLOSED
    if row.content.open_questions:
        return SentState.QUESTION
    return SentState.RECEIVED if case.status is RegistrationStatus.RECEIVED else SentState.PLACING


def _continued(act: Act, case: Registration) -> Registration:
    """Returns the case into which this case was merged, through every later merger."""
    seen = {case.id}
    while case.status is RegistrationStatus.CLOSED and case.closed_reason == DUPLICATE:
        merged = (row.content for row in all_links(act) if row.content.kind is LinkKind.MERGED)
        into = next((one.other for one in merged if one.one == case.id), None)
        following = act.session.get(Registration, into) if into is not None and into not in seen else None
        if following is None:
            break
        seen.add(following.id)
        case = following
    return case
