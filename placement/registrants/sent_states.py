"""The state of a sent registration. It is derived from its case and its messages. Registrants see only this state, not
the case.
"""

from collections.abc import Iterable, Mapping

from sqlmodel import col, select

from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.link_codes import LinkKind
from placement.core.registrant_codes import SentState
from placement.crypto.encrypted_columns import is_readable
from placement.registrations.duplicates import all_links
from placement.tables import Registration, SentRegistration


def cases_of(act: Act, rows: Iterable[SentRegistration]) -> Mapping[str, Registration]:
    """Returns, by the id of each sent registration, the case whose state the registrant sees. If a case was merged into
    another case, returns the other case: the state *closed* would disclose that the client was already known. Runs the
    same SQL statements for merged and other cases, so that the response time discloses nothing either.
    """
    of_row = {row.id: str(row.registration_id) for row in rows if row.registration_id is not None}
    into = _merged_into(act)
    shown = {sent: _last(into, case) for sent, case in of_row.items()}
    found = act.session.exec(select(Registration).where(col(Registration.id).in_(sorted({*shown.values()})))).all()
    cases = {case.id: case for case in found}
    return {sent: cases[case] for sent, case in shown.items() if case in cases}


def shown_by(act: Act, case: Registration) -> list[SentRegistration]:
    """Returns the readable sent registrations of this case, and those of the cases that were merged into this case."""
    into = _merged_into(act)
    ids = [case.id, *(one for one in into if _last(into, one) == case.id)]
    of_cases = col(SentRegistration.registration_id).in_(ids if case.id not in into else [])
    return [row for row in act.session.exec(select(SentRegistration).where(of_cases)) if is_readable(row.content)]


def state_of(row: SentRegistration, case: Registration | None) -> SentState:
    if row.registration_id is None:
        return SentState.DRAFT
    if case is None or case.status is RegistrationStatus.CLOSED:
        return SentState.CLOSED
    if row.content.open_questions:
        return SentState.QUESTION
    return SentState.RECEIVED if case.status is RegistrationStatus.RECEIVED else SentState.PLACING


def _merged_into(act: Act) -> Mapping[str, str]:
    """Returns the merged cases, each with the case into which it was merged."""
    merged = (row.content for row in all_links(act) if row.content.kind is LinkKind.MERGED)
    return {one.one: one.other for one in merged}


def _last(into: Mapping[str, str], case: str) -> str:
    """Follows mergers: returns the case into which a case was merged last, or the case itself if it was not merged."""
    seen = {case}
    while (following := into.get(case)) is not None and following not in seen:
        seen.add(following)
        case = following
    return case
