"""Budgets: how much of the expensive kinds of work an account may ask for, counted for all processes together."""

from datetime import datetime, timedelta
from math import ceil

from api.http import threads
from api.http.metrics import ADMITTED
from api.http.work import Work, allowances
from placement.accounts import rate_limits
from placement.core import clock
from placement.core.errors import BudgetSpent
from placement.core.settings import Settings
from placement.storage.database import Database


class Budgets:
    """The balance of an account is in the database; here is what is known of empty ones."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._a_minute, self._database = allowances(settings), database
        self._spent: dict[tuple[Work, str], datetime] = {}
        """Until when a balance is empty: so long the database is not asked again."""

    def require(self, work: Work, of: str) -> None:
        """Raises `BudgetSpent` for an account that was refused just now."""
        until = self._spent.get((work, of))
        if until is not None:
            left = (until - clock.now()).total_seconds()
            if left > 0:
                raise self._refused(work, left)
            del self._spent[work, of]

    async def spend(self, work: Work, of: str) -> None:
        """Takes one from the balance. Raises `BudgetSpent`."""
        if work not in self._a_minute:
            return
        at, subject = clock.now(), rate_limits.subject_of("work", work.value, of)
        wait = await threads.run(rate_limits.spend, self._database, subject, at, self._a_minute[work])
        if wait:
            self._spent[work, of] = at + timedelta(seconds=wait)
            raise self._refused(work, wait)

    def _refused(self, work: Work, seconds: float) -> BudgetSpent:
        ADMITTED.labels(work.value, "over_budget").inc()
        return BudgetSpent(ceil(seconds))
