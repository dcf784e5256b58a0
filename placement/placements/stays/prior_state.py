"""The state of a case, a stay and its beds before a report on the stay (arrival, no-show, end). It is stored so that
the report can be reversed.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import cast

from placement.core.codes import RegistrationStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.stays.place_fit import PlaceHeld, broken_in
from placement.registrations.reopening import REVERSIBLE_FOR
from placement.tables import BedClaim, RegisteredPerson, Registration, Request, Stay
from placement.tables.stay import Before


class StatusReport(StrEnum):
    """A report on a stay. Its code is the state that the report set."""

    ARRIVED = StayStatus.IN_HOUSE
    LEFT = StayStatus.ENDED


def remember(
    act: Act, case: Registration, said: StatusReport, claims: Iterable[BedClaim], *, lives: Stay | None, **more: object
) -> Before | None:
    """Returns the content of `Stay.before`; `None` if the key of the case is missing.

    `claims`: the current bed claims. `lives`: the stay in which the client lives now. `more`: further values to
    restore.
    """
    if not is_readable(case.content):
        return None
    is_known = lives is not None and is_readable(lives.unit_id)
    remembered = {
        "said": said.value,
        "at": act.at.isoformat(),
        "claims": {claim.id: claim.starts_on.isoformat() for claim in claims},
        "status": case.status.value,
        "urgency": case.urgency,
        "needed_by": case.needed_by.isoformat(),
        "place_lost_at": case.place_lost_at and case.place_lost_at.isoformat(),
        "breaks": case.breaks,
        "broken": [one.rule for one in broken_in(act, case, PlaceHeld(lives))] if lives and is_known else [],
        "persons": [one.model_dump(mode="json") for one in case.persons],
        "requests": [one.model_dump(mode="json") for one in case.requests],
        **more,
    }
    return cast("Before", remembered)


def said_at(stay: Stay, said: StatusReport) -> datetime | None:
    """Returns the time of this report. Returns `None` if the report was not made, was reversed, or is unreadable."""
    before = stay.before
    if not is_readable(before) or before is None or {before["said"], stay.status.value} != {said.value}:
        return None
    return datetime.fromisoformat(before["at"])


def reversible_until(act: Act, stay: Stay, said: StatusReport) -> datetime | None:
    """Returns the time until which this report can be reversed; `None` if it cannot be reversed."""
    at = said_at(stay, said)
    return at + REVERSIBLE_FOR if at is not None and act.at < at + REVERSIBLE_FOR else None


def persons_before(before: Before) -> list[RegisteredPerson]:
    """Returns the household's persons at the time of the report. The stored bed claims refer to these persons."""
    return [RegisteredPerson.model_validate(one) for one in before["persons"]]


def was_moving(stay: Stay) -> bool:
    return RegistrationStatus(stay.before["status"]).is_moving


def was_missing(stay: Stay) -> bool:
    """Checks whether the client was missing on the way to another place when the report was made."""
    return RegistrationStatus(stay.before["status"]) is RegistrationStatus.MISSING


def put_back(case: Registration, stay: Stay) -> None:
    """Restores the request of the case from the state stored in the stay."""
    before = stay.before
    lost_at = before["place_lost_at"]
    case.place_lost_at = lost_at and datetime.fromisoformat(lost_at)
    case.urgency, case.needed_by = Urgency(before["urgency"]), date.fromisoformat(before["needed_by"])
    case.requests = [Request.model_validate(one) for one in before["requests"]]
