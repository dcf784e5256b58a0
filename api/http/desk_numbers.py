"""A cache of the placement desk's telephone numbers, which every page shows. They are read at most once a minute."""

from datetime import datetime, timedelta

from placement.accounts import organisations
from placement.accounts.number_changes import Telephones
from placement.core.context import Act

KEPT_FOR = timedelta(minutes=1)
"""How long another process may show old numbers after a change."""


class DeskNumbers:
    """The cached telephone numbers of the coordination centre."""

    def __init__(self) -> None:
        self._known: tuple[datetime, Telephones] | None = None

    def of(self, act: Act) -> Telephones:
        known = self._known
        if known is None or not known[0] <= act.at < known[0] + KEPT_FOR:
            known = self._known = act.at, organisations.telephones_of(organisations.centre(act.session))
        return known[1]

    def latest(self) -> Telephones:
        """Returns the cached numbers, however old, for pages that do not read the database (such as an error page)."""
        return self._known[1] if self._known else {}

    def forget(self) -> None:
        """Clears the cached numbers. Called after this process has changed the numbers."""
        self._known = None
