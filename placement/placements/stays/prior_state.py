"""What a case, a stay and its beds were before something was said of the stay, so that it can be taken back."""

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
    """What was said of a stay, in which state it is since."""

    ARRIVED = StayStatus.IN_HOUSE
    LEFT = StayStatus.ENDED


def remember(
    act: Act, case: Registration, said: StatusReport, claims: Iterable[BedClaim], *, lives: Stay | None, **more: object
) -> Before | None:
    """What `Stay.before` keeps, sealed; None where the key of the case is missing. `claims`: those on its beds now;
    `lives`: where the client lives now; `more`: what else is put back.
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
    """When this was said of the stay; None where it was not, was taken back, or cannot be read."""
    before = stay.before
    if not is_readable(before) or before is None or {before["said"], stay.status.value} != {said.value}:
        return None
    return datetime.fromisoformat(before["at"])


def reversible_until(act: Act, stay: Stay, said: StatusReport) -> datetime | None:
    """Until when it can be taken back that this was said of the stay; None where it cannot."""
    at = said_at(stay, said)
    return at + REVERSIBLE_FOR if at is not None and act.at < at + REVERSIBLE_FOR else None


def persons_before(before: Before) -> list[RegisteredPerson]:
    """The household then, whom the claims name."""
    return [RegisteredPerson.model_validate(one) for one in before["persons"]]


def was_moving(stay: Stay) -> bool:
    return RegistrationStatus(stay.before["status"]).is_moving


def was_missing(stay: Stay) -> bool:
    """Checks whether the client was missing then, on the way to another place."""
    return RegistrationStatus(stay.before["status"]) is RegistrationStatus.MISSING


def put_back(case: Registration, stay: Stay) -> None:
    """Puts the request of the case back as it was."""
    before = stay.before
    lost_at = before["place_lost_at"]
    case.place_lost_at = lost_at and datetime.fromisoformat(lost_at)
    case.urgency, case.needed_by = Urgency(before["urgency"]), date.fromisoformat(before["needed_by"])
    case.requests = [Request.model_validate(one) for one in before["requests"]]
