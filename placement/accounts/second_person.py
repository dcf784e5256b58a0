"""The second of two persons: another one than the first, who may still ask for it, and at another browser.

One person with the passwords of two would be two persons at one machine. A browser is known by the secret that it keeps
over all who sign in with it: what that stops, and what not, is in docs/guide/accounts.md.
"""

from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.account_lookup import active_account
from placement.access.permissions import Permission
from placement.core.context import OPERATOR, Act
from placement.core.errors import Conflict, existing
from placement.tables.sealed_row import TwoPersons

Request = TypeVar("Request", bound=TwoPersons)


class Asked(Protocol):
    """What a first person asked or decided."""

    @property
    def browser(self) -> str | None: ...


def first_person(act: Act) -> dict[str, Any]:
    """Who asks, when, and at which browser: columns of what a second person grants."""
    return {"asked_by": act.actor.id, "asked_at": act.at, "browser": act.actor.browser}


def is_waiting(table: type[Request], at: datetime) -> ColumnElement[bool]:
    """Whether a request can still be granted."""
    return and_(col(table.settled_at).is_(None), col(table.expires_at) > at)


def waiting(table: type[Request], at: datetime) -> SelectOfScalar[Request]:
    return select(table).where(is_waiting(table, at))


def locked(act: Act, table: type[Request], request_id: str) -> Request:
    return existing(act.session.get(table, request_id, with_for_update=True))


def one_waiting(act: Act, table: type[Request], request_id: str) -> Request:
    """A request, locked, to be settled. Raises `NotFound`; `Conflict` for one that was settled or has lapsed."""
    found = locked(act, table, request_id)
    if found.settled_at is not None or found.expires_at <= act.at:
        raise Conflict("asking_settled")
    return found


def settle(act: Act, request: Request, *, granted: bool) -> None:
    """Notes by whom it was granted, or withdrawn."""
    request.settled_at, request.settled_by, request.granted = act.at, act.actor.id, granted


def require_another(act: Act, first: str | None, asked: Asked) -> None:
    """Raises `Conflict` where the actor is the first person, or sits at the browser with which that was done."""
    if act.actor.id == first:
        raise Conflict("second_person_needed")
    require_other_browser(act, asked)


def require_other_browser(act: Act, asked: Asked) -> None:
    """Raises `Conflict` at the browser of the first person, and in a session of which the browser is not known.

    What was asked before browsers were noted needs none.
    """
    if asked.browser is not None and act.actor.browser in {None, asked.browser}:
        raise Conflict("second_browser_needed")


def require_second_person(act: Act, asked_by: str, asked: Asked, permission: Permission) -> None:
    """As `require_another`, and the account of the first may still ask for it. `permission`: of those who ask. The
    operator at the command line has none.
    """
    require_another(act, asked_by, asked)
    if not may_still_ask(act, asked_by, permission):
        raise Conflict("asker_may_not")


def may_still_ask(act: Act, asked_by: str, permission: Permission) -> bool:
    return asked_by.startswith(OPERATOR) or active_account(act, asked_by, permission) is not None
