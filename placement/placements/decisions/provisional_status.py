"""The desk's later answer to a placement under a standing mandate, in the form that the shelter sees."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, or_, select

from placement.core.codes import DecisionStatus, HoldStatus, RegistrationStatus, StayStatus
from placement.core.context import Act
from placement.core.duty_codes import DeskAfterwards
from placement.duty.hours import duty_of
from placement.duty.on_call import desk_confirms_by
from placement.tables import Decision, Hold, Registration, Stay


@dataclass(frozen=True, slots=True)
class ProvisionalStatus:
    """The desk's later answer about a hold. `answer`: `None` if the hold was not requested under a mandate. `by`: the
    deadline of an answer that is still missing.
    """

    answer: DeskAfterwards | None = None
    by: datetime | None = None


NOTHING_SAID = ProvisionalStatus()


@dataclass(frozen=True, slots=True)
class Provisional:
    """The number of holds that were requested provisionally, and the earliest deadline of the desk's answers."""

    number: int = 0
    by: datetime | None = None


def of_holds(act: Act, hold_ids: Collection[str]) -> Mapping[str, ProvisionalStatus]:
    """Returns, by hold, the desk's later answer about holds that were requested under a mandate. Leaves out holds:
    - if the client has left the place;
    - if the desk sent the decision back, but the client keeps the place and no other place is sought.
    """
    left = select(Stay.id).where(Stay.hold_id == Hold.id, Stay.status == StayStatus.ENDED).exists()
    under_mandate = (
        select(Hold, Decision, Registration.status)
        .join(Decision, col(Decision.id) == Hold.decision_id)
        .join(Registration, col(Registration.id) == Hold.registration_id)
        .where(col(Hold.id).in_(hold_ids), col(Decision.mandate_id).is_not(None), col(Hold.asked_at).is_not(None))
        .where(or_(Hold.status != HoldStatus.CONFIRMED, ~left))
    )
    found = {}
    for held, decision, case in act.session.exec(under_mandate) if hold_ids else ():
        if decision.status is DecisionStatus.PROVISIONAL:
            by = desk_confirms_by(duty_of(act.settings), decision.decided_at)
            found[held.id] = ProvisionalStatus(DeskAfterwards.WAITS, by)
        elif decision.status is DecisionStatus.FINAL:
            found[held.id] = ProvisionalStatus(DeskAfterwards.AGREED)
        elif decision.status is DecisionStatus.REFUSED:
            is_lived_in = held.status is HoldStatus.CONFIRMED
            if not is_lived_in or RegistrationStatus(case).is_moving:
                found[held.id] = ProvisionalStatus(DeskAfterwards.SENT_BACK)
    return found


def provisional_among(act: Act, hold_ids: Collection[str]) -> Provisional:
    waits = [one.by for one in of_holds(act, hold_ids).values() if one.by is not None]
    return Provisional(len(waits), min(waits, default=None))
