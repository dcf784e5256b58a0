"""The telephone numbers of the placement desk, for the frame of every page; read once a minute, not for each page."""

from datetime import datetime, timedelta

from placement.accounts import organisations
from placement.accounts.number_changes import Telephones
from placement.core.context import Act

KEPT_FOR = timedelta(minutes=1)
"""For how many seconds another process still shows the earlier numbers after a change."""


class DeskNumbers:
    """The numbers of the coordination centre, of a single process."""

    def __init__(self) -> None:
        self._known: tuple[datetime, Telephones] | None = None

    def of(self, act: Act) -> Telephones:
        known = self._known
        if known is None or not known[0] <= act.at < known[0] + KEPT_FOR:
            known = self._known = act.at, organisations.telephones_of(organisations.centre(act.session))
        return known[1]

    def latest(self) -> Telephones:
        """Returns the last known numbers, whatever their age, for a page that reads nothing, such as a refusal."""
        return self._known[1] if self._known else {}

    def forget(self) -> None:
        """Forgets the numbers, after a change by this process."""
        self._known = None
