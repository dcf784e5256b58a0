"""The telephone numbers of the placement desk, in the frame of every page; read once a minute, not for every page."""

from datetime import datetime, timedelta

from placement.accounts import organisations
from placement.accounts.number_changes import Telephones
from placement.core.context import Act

KEPT_FOR = timedelta(minutes=1)
"""How long another process may still show the former numbers after a change."""


class DeskNumbers:
    """The coordination centre's telephone numbers, as this process knows them."""

    def __init__(self) -> None:
        self._known: tuple[datetime, Telephones] | None = None

    def of(self, act: Act) -> Telephones:
        known = self._known
        if known is None or not known[0] <= act.at < known[0] + KEPT_FOR:
            known = self._known = act.at, organisations.telephones_of(organisations.centre(act.session))
        return known[1]

    def latest(self) -> Telephones:
        """Returns the last known numbers of any age, for a page that reads nothing, such as a refusal."""
        return self._known[1] if self._known else {}

    def forget(self) -> None:
        """Clears the known numbers. Called after this process has changed them."""
        self._known = None
