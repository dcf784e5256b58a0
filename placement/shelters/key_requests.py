"""Changes of the register that software requests with an API key, and that a person of the desk grants. The API
declares the operations for which this is possible (`api/v1/register_operations.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

from sqlmodel import and_, col, or_, select

from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission
from placement.accounts import api_keys
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound, VersionPassed
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.tables import ApiKey, SecondPersonRequest

MOST_WAITING = 20
"""The largest number of waiting requests of a key, including requests that were withdrawn or refused in the last day.
So a stolen key cannot hide other requests, nor flood the desk with messages.
"""
WAITS_FOR = timedelta(days=14)


class Asked(TypedDict):
    """The arguments of the operation that a key requests."""

    path: dict[str, str]
    version: int | None
    body: object


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a key can request. `permission`: the permission of people who can make the change directly."""

    permission: Permission
    carry_out: Callable[[Act, Asked], object]


CHANGES: dict[str, Change] = {}
"""The changes, by the name of their operation. The declaration of an operation adds its change."""


def ask(act: Act, what: str, asked: Asked) -> SecondPersonRequest:
    """Stores a request of the actor's key. Raises `Conflict` if the same request waits already, or if the key has too
    many requests.
    """
    about = next(iter(asked["path"].values()), None)
    key = act.session.get_one(ApiKey, act.actor.key_id, with_for_update=True)
    row = SecondPersonRequest
    of_today = and_(row.status != SecondPersonStatus.GRANTED, col(row.asked_at) > act.at - timedelta(days=1))
    counted = or_(requests.is_waiting(act.session, act.at), of_today)
    theirs = act.session.exec(select(row).where(row.asked_by == key.id, counted)).all()
    asked_now = [(one.what, one.about, one.facts["body"]) for one in theirs if one.status is SecondPersonStatus.ASKED]
    if (what, about, asked["body"]) in asked_now:
        raise Conflict("change_asked_already")
    if len(theirs) >= MOST_WAITING:
        raise Conflict("key_asks_too_much", most=MOST_WAITING)
    facts = {"key_of": key.account_id or key.shelter_id, **asked}
    return requests.ask(act, REGISTER, facts, what=what, about=about, shelter=act.actor.shelter_id)


def as_a_person(act: Act) -> Act:
    """Returns the act with a signed-in person who has the key's role. Used for a preview, which stores nothing."""
    scopes = frozenset(api_keys.SCOPES)
    return replace(act, actor=replace(act.actor, scopes=scopes, session_id=act.actor.key_id, verified_at=act.at))


def _check(act: Act, request: SecondPersonRequest) -> None:
    """Checks that the key may still request this change, and that the granting person has a fresh second factor."""
    asker = api_keys.actor_of_key(act, request.asked_by)
    if asker is None or not CHANGES[str(request.what)].permission.is_of(asker):
        raise Conflict("asker_may_not")
    require_fresh(act)


def _carry_out(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Makes the change in the name of the person who granted it, on behalf of the key. If the key belongs to a shelter,
    the change has the limits of that shelter.
    """
    _ = answer
    granter = replace(act.actor, on_behalf_of=request.asked_by, shelter_id=request.shelter_id)
    try:
        CHANGES[str(request.what)].carry_out(replace(act, actor=granter), request.facts)
    except (VersionPassed, Invalid, NotFound) as error:
        raise Conflict("change_outdated") from error


REGISTER = Kind(
    SecondPersonKind.REGISTER,
    ask=Permission.SECOND_PERSON_WITHDRAW,
    grant=Permission.REGISTER_CHANGE,
    read=Permission.REGISTER_READ,
    waits_for=WAITS_FOR,
    carry_out=_carry_out,
    check=_check,
    judged_alone=True,
    by_key=True,
    needs_factor=lambda *_: True,
)
"""The kind of requests of a key to change the register. A single person of the desk grants such a request."""
