"""Checks of the second person: it is not the requester and uses another browser, and the requester still has the
permission. Otherwise a person who knows the passwords of two accounts could act as two persons in a single browser. A
browser is recognised by a secret that it keeps for all its users. docs/guide/accounts.md describes the limits of this
check.
"""

from typing import Protocol

from placement.access.account_lookup import active_account
from placement.access.permissions import Permission
from placement.core.context import OPERATOR, Act
from placement.core.errors import Conflict


class Asked(Protocol):
    """A request, or a decision, of a first person."""

    @property
    def browser(self) -> str | None: ...


def require_another(act: Act, first: str | None, asked: Asked) -> None:
    """Raises `Conflict` if the actor is the first person, or uses the browser of the first person."""
    if act.actor.id == first:
        raise Conflict("second_person_needed")
    require_other_browser(act, asked)


def require_other_browser(act: Act, asked: Asked) -> None:
    """Raises `Conflict` in the browser of the first person, and in a session whose browser is unknown. Allows any
    browser if the request has no stored browser, because an earlier version made it.
    """
    if asked.browser is not None and act.actor.browser in {None, asked.browser}:
        raise Conflict("second_browser_needed")


def require_second_person(act: Act, asked_by: str, asked: Asked, permission: Permission) -> None:
    """Raises the errors of `require_another`. Raises `Conflict` if the first person has lost the permission.
    `permission`: the permission that the requester needs. The operator at the command line has no account, and needs no
    permission.
    """
    require_another(act, asked_by, asked)
    if not may_still_ask(act, asked_by, permission):
        raise Conflict("asker_may_not")


def may_still_ask(act: Act, asked_by: str, permission: Permission) -> bool:
    return asked_by.startswith(OPERATOR) or active_account(act, asked_by, permission) is not None
