"""The return of a client whose case was closed. A new registration gets the facts that are still valid, and refers to
the earlier case.
"""

from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.core.codes import RegistrationStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.ids import new_id
from placement.lifecycles.machine import begin
from placement.lifecycles.moves import RegistrationMove
from placement.registrations.case_rows import new_registration, require_readable
from placement.registrations.consent_ground import RESTRICTION, require_unrestricted
from placement.registrations.registrations import last_day
from placement.tables import KeepApart, Registration
from placement.tables.facts import FACTS

_ASKED_ANEW = frozenset({
    *("urgency", "needed_from", "needed_by"),
    *("guardian_consent", "sharing_ground", "sharing_scope", "sharing_said_by", "sharing_until", RESTRICTION),
})  # fmt: skip
"""Facts that are not copied: the time of need, and consents for the closed case. A withdrawal of consent is copied; it
is valid until the client is asked again.
"""

ERASED = (
    *(name for name, fact in FACTS.items() if fact.kept == "registration_content"),
    *("threats", "reach", "avoided", "keep_apart", "stay_with"),
)
"""The fields that the first step of erasure empties. A client who returns later must be asked for them again."""


@needs(Permission.REGISTRATION_CHANGE)
def take_back(act: Act, registration_id: str) -> Registration:
    """Makes a draft from a closed case. It copies facts, persons, dangers, points to reach, avoidances and cases to
    keep apart, but not the urgency. Ages are those of today. After erasure the fields in `ERASED` are missing. Raises
    `Conflict` if the case is not closed, is anonymous or may only be stored, or if the client has already returned.
    """
    earlier = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    if earlier.status is not RegistrationStatus.CLOSED:
        raise Conflict("case_not_closed", status=earlier.status.value)
    require_readable(earlier)
    if earlier.content is None or earlier.anonymised_at is not None:
        raise Conflict("case_anonymous")
    open_ones = scoped_queries.registrations_of(act.actor)
    require_unrestricted(earlier)
    if again := returned_as(act, earlier.id, open_ones):
        raise Conflict("returned_already", registration=again)
    facts = earlier.facts(FACTS.keys() - _ASKED_ANEW)
    if earlier.expected_birth is not None and earlier.expected_birth < act.day:
        facts["expected_birth"] = None
    made = new_registration(
        act, facts, needed_by=last_day(act.day, Urgency.WEEK, None), waits_since=act.at, returns=earlier.id
    )
    made.persons = [
        one.model_copy(update={"id": f"{made.id}/{number}"}) for number, one in enumerate(earlier.persons, start=1)
    ]
    made.threats = [one.model_copy(update={"id": new_id("T")}) for one in earlier.threats]
    made.reach = [one.model_copy(update={"id": new_id("W")}) for one in earlier.reach]
    standing = [one for one in earlier.avoidances if one.lifted_at is None]
    made.avoidances = [one.model_copy(update={"id": new_id("V")}) for one in standing]
    begin(act, made, RegistrationMove.DRAFT, status=RegistrationStatus.DRAFT.value, returns=earlier.id)
    act.session.add(made)
    act.session.flush()
    named = or_(col(KeepApart.registration_id) == earlier.id, col(KeepApart.other_id) == earlier.id)
    pairs = act.session.exec(select(KeepApart).where(named)).all()
    apart = {other for pair in pairs for other in (pair.registration_id, pair.other_id)} - {earlier.id}
    act.session.add_all(KeepApart(registration_id=made.id, other_id=other) for other in sorted(apart))
    return made


def returned_as(act: Act, earlier_id: str, cases: SelectOfScalar[Registration]) -> str | None:
    """Returns the reference of the open case in `cases` that continues the earlier case. Returns `None` if there is no
    such case.
    """
    open_ones = act.session.exec(cases.where(Registration.status != RegistrationStatus.CLOSED))
    return next((one.id for one in open_ones if one.known("returns") == earlier_id), None)


def earlier_of(act: Act, registration: Registration) -> str | None:
    """Returns the reference of the closed case that this case continues. Returns `None` if there is no such case, or if
    the closed case is anonymous.
    """
    named: str | None = registration.known("returns")
    earlier = act.session.get(Registration, named) if named else None
    return named if earlier is not None and earlier.anonymised_at is None else None


def erased_of(act: Act, registration: Registration) -> tuple[str, ...]:
    """Returns the names of the erased fields of a case: its own or, if the client returned after the erasure of an
    earlier case, those of the earlier case.
    """
    case: Registration | None = registration
    if registration.content_erased_at is None and (earlier := registration.known("returns")):
        case = act.session.get(Registration, earlier)
    if case is None or case.content_erased_at is None:
        return ()
    is_before = case is registration or case.content_erased_at <= registration.waits_since
    return ERASED if is_before else ()
