"""Counted tries and balances: a row that is erased while it is counted, and a clock that is put back."""

from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest

from placement.accounts import rate_limits
from placement.accounts.rate_limits import Balance
from placement.tables import RateLimit
from tests.support.stores import one_store
from tests.support.town import AT

OF = "somebody"


def count(town, at):
    return rate_limits.take(town.database, rate_limits.BY_SECRET, OF, at)


def spend(town, at):
    return rate_limits.spend(town.database, OF, at, Balance(2, timedelta(seconds=30)))


@one_store
@pytest.mark.parametrize("counted", [count, spend])
def test_row_erased_before_it_is_locked_is_made_again(town, counted):
    """The row is erased between two transactions, by the job for old rows or by a sign-in from the same network."""
    counted(town, AT)
    transaction = town.database.transaction

    @contextmanager
    def erased_before():
        with transaction() as session:
            rate_limits.let_off(session, OF)
            yield session

    assert counted(SimpleNamespace(database=SimpleNamespace(transaction=erased_before)), AT) == 0
    with transaction() as session:
        assert session.get_one(RateLimit, OF).tries == 1


@one_store
def test_clock_put_back_keeps_no_balance_empty(town):
    assert [spend(town, AT) for _ in range(3)] == [0, 0, 30]
    earlier = AT - timedelta(hours=1)
    assert [spend(town, earlier) for _ in range(3)] == [0, 0, 30]
    assert spend(town, earlier + timedelta(seconds=30)) == 0


@one_store
def test_clock_put_back_makes_no_try_wait_for_the_other_time(town):
    for _ in range(24):
        count(town, AT)
    earlier = AT - timedelta(hours=1)
    assert count(town, earlier) == 0
    wait = count(town, earlier)
    assert 0 < wait <= rate_limits.BY_SECRET.longest.total_seconds()
    assert count(town, earlier + timedelta(seconds=wait)) == 0
