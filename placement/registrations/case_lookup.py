"""Look-up of a case by its reference, or by the two words of its handle."""

from collections.abc import Iterable, Sequence

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.registrations.case_handles import handle_of
from placement.tables import Registration


def case_named(act: Act, field: str, said: str, *, but: str, among: Iterable[str] | None = None) -> str:
    """Returns the reference of the case that the text `said` names. `but`: the reference of a case that is left out.
    `among`: the references to search; by default the cases that the actor sees. Raises `Invalid` if `said` names no
    case, or several cases. A case that the actor may not see is treated as unknown. Otherwise guesses would disclose
    the area of the case.
    """
    references, faults = cases_named(act, field, [said], but=but, among=among)
    if faults:
        raise Invalid([Fault(field, fault.code, fault.facts) for fault in faults])
    return references[0]


def cases_named(
    act: Act, field: str, said: Sequence[str], *, but: str, among: Iterable[str] | None = None
) -> tuple[list[str], list[Fault]]:
    """Returns the references of the named cases, and a fault for each text that does not name exactly one case (see
    `case_named`).
    """
    references: list[str] = []
    faults: list[Fault] = []
    seen = _seen(act, said) if among is None else [*among]
    for number, one in enumerate(said):
        meant = [other for other in _meant(seen, one) if other != but]
        if len(meant) == 1:
            references += meant
        else:
            code = "handle_ambiguous" if meant else "registration_unknown"
            faults.append(Fault(f"{field}.{number}", code, {"found": one}))
    return references, faults


@needs(Permission.ACCESS_READ)
def case_in_log(act: Act, field: str, said: str) -> str:
    """Returns the reference of the case with this handle, for a reader of the audit log. All cases are searched. A text
    that is not a handle is returned unchanged. Raises the errors of `case_named`.
    """
    if " " not in said.strip():
        return said
    known = select(Registration.id).where(col(Registration.anonymised_at).is_(None))
    return case_named(act, field, said, but="", among=act.session.exec(known))


def _seen(act: Act, said: Sequence[str]) -> list[str]:
    """Returns the references among which the texts are looked up: the named cases that the actor sees. If a text is a
    handle, returns all cases that the actor sees, because handles are not stored.
    """
    ids = scoped_queries.registrations_of(act.actor).with_only_columns(col(Registration.id))
    named = act.session.execute(ids.where(col(Registration.id).in_(said))).scalars().all()
    if all(" " not in one for one in said):
        return [*named]
    return [*named, *act.session.execute(ids.where(col(Registration.anonymised_at).is_(None))).scalars()]


def _meant(references: Iterable[str], said: str) -> list[str]:
    words = said.casefold().split()
    found = (one for one in references if one == said or (len(words) > 1 and handle_of(one).split() == words))
    return [*dict.fromkeys(found)]
