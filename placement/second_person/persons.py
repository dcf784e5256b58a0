"""The second of two persons: a person other than the first, who may still ask for it, at another browser.

A person with the passwords of two would be two persons at one machine. A browser is known by the secret that it keeps
over all who sign in with it. The limits of that are in docs/guide/accounts.md.
"""

from typing import Protocol

from placement.access.account_lookup import active_account
from placement.access.permissions import Permission
from placement.core.context import OPERATOR, Act
from placement.core.errors import Conflict


class Asked(Protocol):
    """Request or decision of a first person."""

    @property
    def browser(self) -> str | None: ...


def require_another(act: Act, first: str | None, asked: Asked) -> None:
    """Raises `Conflict` if the actor is the first person, or sits at the browser of the first person."""
    if act.actor.id == first:
        raise Conflict("second_person_needed")
    require_other_browser(act, asked)


def require_other_browser(act: Act, asked: Asked) -> None:
    """Raises `Conflict` at the browser of the first person, and in a session without a known browser.

    A request from before browsers were noted needs no other browser.
    """
    if asked.browser is not None and act.actor.browser in {None, asked.browser}:
        raise Conflict("second_browser_needed")


def require_second_person(act: Act, asked_by: str, asked: Asked, permission: Permission) -> None:
    """Raises `Conflict` also if the first person may not ask any more.

    `permission`: of the persons who ask. The operator at the command line has no account, and needs no permission.
    """
    require_another(act, asked_by, asked)
    if not may_still_ask(act, asked_by, permission):
        raise Conflict("asker_may_not")


def may_still_ask(act: Act, asked_by: str, permission: Permission) -> bool:
    return asked_by.startswith(OPERATOR) or active_account(act, asked_by, permission) is not None
