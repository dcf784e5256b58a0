"""Rate limits: how many expensive requests an account may make, summed over all processes. Requests for tonight have a
limit of their own, so that a client who needs a place tonight always gets a proposal.
"""

from datetime import datetime, timedelta
from math import ceil

from api.http import threads
from api.http.metrics import ADMITTED
from api.http.work_kinds import Work, allowances
from placement.accounts import rate_limits
from placement.core import clock
from placement.core.codes import Urgency
from placement.core.errors import BudgetSpent
from placement.core.settings import Settings
from placement.storage.database import Database

_LONGEST_WAIT = 60
"""A pause of more than this number of seconds is ignored, because a wrong clock caused it."""


class Budgets:
    """The rate limits of accounts. The database stores how many requests each account has left. This object caches only
    the accounts that have no request left.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._a_minute, self._database = allowances(settings), database
        self._spent: dict[str, datetime] = {}
        """The accounts without requests left, each with the time until which the database is not asked again."""

    def is_spent(self, work: Work, of: str) -> bool:
        """Checks in the cache whether the limit for ordinary requests (not for tonight) is used up."""
        return self._left(_subject(work, of, Urgency.CAN_WAIT)) > 0

    def require(self, work: Work, of: str, urgency: int) -> None:
        """Raises `BudgetSpent` if the cache shows that the account has no request of this urgency left."""
        left = self._left(_subject(work, of, urgency))
        if left > 0:
            raise self._refused(work, left)

    async def spend(self, work: Work, of: str, urgency: int) -> None:
        """Subtracts a request from the account's balance. Raises `BudgetSpent` if no request is left."""
        if work not in self._a_minute:
            return
        at, subject = clock.now(), _subject(work, of, urgency)
        wait = await threads.run(rate_limits.spend, self._database, subject, at, self._a_minute[work])
        if wait:
            self._spent[subject] = at + timedelta(seconds=wait)
            raise self._refused(work, wait)

    def _left(self, subject: str) -> float:
        """Returns how many seconds the account must wait; 0 if the cache does not contain the account."""
        until = self._spent.get(subject)
        left = 0.0 if until is None else (until - clock.now()).total_seconds()
        if 0 < left <= _LONGEST_WAIT:
            return left
        self._spent.pop(subject, None)
        return 0.0

    def _refused(self, work: Work, seconds: float) -> BudgetSpent:
        ADMITTED.labels(work.value, "over_budget").inc()
        return BudgetSpent(ceil(seconds))


def _subject(work: Work, of: str, urgency: int) -> str:
    tonight = (Urgency.TONIGHT.name,) if urgency == Urgency.TONIGHT else ()
    return rate_limits.subject_of("work", work.value, *tonight, of)
