"""Checks of the second person, who must not be the requester and must use another browser. The requester must still
have the permission to make the request. Otherwise a person who knows the passwords of two accounts could act as two
persons in a single browser. A browser is recognised by a secret that it keeps for all its users. docs/guide/accounts.md
describes the limits of this check.
"""

from typing import Protocol

from placement.access.account_lookup import active_account
from placement.access.permissions import Permission
from placement.core.context import OPERATOR, Act
from placement.core.errors import Conflict


class Asked(Protocol):
    """A row that a second person answers: a request or a decision. `browser`: the fingerprint of the first person's
    browser; `None` in a row of an earlier version.
    """

    @property
    def browser(self) -> str | None: ...


def require_another(act: Act, first: str | None, asked: Asked) -> None:
    """Raises `Conflict` if the actor is the first person, or uses the browser of the first person."""
    if act.actor.id == first:
        raise Conflict("second_person_needed")
    require_other_browser(act, asked)


def require_other_browser(act: Act, asked: Asked) -> None:
    """Raises `Conflict` if the actor uses the first person's browser, or if the actor's browser is unknown. Does
    nothing if `asked` has no stored browser, because an earlier version made the row.
    """
    if asked.browser is not None and act.actor.browser in {None, asked.browser}:
        raise Conflict("second_browser_needed")


def require_second_person(act: Act, asked_by: str, asked: Asked, permission: Permission) -> None:
    """Raises `Conflict` if the actor is not a valid second person (see `require_another`), or if the requester
    `asked_by` no longer has `permission`. The operator at the command line has no account, and needs no permission.
    """
    require_another(act, asked_by, asked)
    if not may_still_ask(act, asked_by, permission):
        raise Conflict("asker_may_not")


def may_still_ask(act: Act, asked_by: str, permission: Permission) -> bool:
    return asked_by.startswith(OPERATOR) or active_account(act, asked_by, permission) is not None
