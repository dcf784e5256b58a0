"""The database itself forbids a double booking; without its constraint the double booking goes through."""

import threading
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from placement.core.ids import new_id
from placement.crypto.pseudonyms import pseudonym_of
from tests.support.stores import both_stores
from tests.support.town import key_store_of

pytestmark = both_stores
DAYS = [date(2026, 12, day) for day in range(1, 31)]
INSERT = text(
    "INSERT INTO bedclaim (id, bed_id, whole_room, starts_on, ends_on, cancelled)"
    " VALUES (:id, :bed, false, :starts_on, :ends_on, :cancelled)"
)


@pytest.fixture
def claim(town):
    """Puts a raw claim on the first bed."""
    bed = pseudonym_of(key_store_of(town), "bedclaim.bed_id", 1)

    def put(connection, starts, ends, *, cancelled=False):
        facts = {
            "id": new_id("C"),
            "bed": bed,
            "starts_on": DAYS[starts].isoformat(),
            "ends_on": None if ends is None else DAYS[ends].isoformat(),
            "cancelled": cancelled,
        }
        connection.execute(INSERT, facts)

    put.town, put.bed = town, bed
    return put


def both(claim, one, other):
    with claim.town.database.engine.begin() as connection:
        claim(connection, *one)
        claim(connection, *other)


OVERLAPS = [
    ((0, None), (0, None)), ((0, None), (9, None)), ((9, None), (0, None)), ((0, 5), (4, 9)), ((4, 9), (0, 5)),
    ((0, 9), (3, 5)), ((3, 5), (0, 9)), ((0, 5), (0, 5)), ((0, 5), (0, 1)), ((0, None), (3, 4)), ((3, 4), (0, None)),
]  # fmt: skip
APART = [
    ((0, 5), (5, 9)), ((5, 9), (0, 5)), ((0, 5), (5, None)), ((5, None), (0, 5)), ((0, 1), (8, 9)),
    ((3, 3), (0, None)), ((0, None), (3, 3)), ((3, 3), (3, 3)), ((0, 0), (0, None)),
]  # fmt: skip


def test_overlapping_periods_on_one_bed_are_refused(claim):
    for one, other in OVERLAPS:
        with pytest.raises(DatabaseError, match="bed_is_given_once"):
            both(claim, one, other)


def test_adjoining_and_empty_periods_are_allowed(claim):
    for one, other in APART:
        both(claim, one, other)
        with claim.town.database.engine.begin() as connection:
            connection.execute(text("DELETE FROM bedclaim WHERE starts_on >= '2026-12-01'"))


def test_cancelled_claim_is_free_and_cannot_return_over_another(claim):
    with claim.town.database.engine.begin() as connection:
        claim(connection, 0, None, cancelled=True)
        claim(connection, 0, None)
        claim(connection, 0, None, cancelled=True)
    for change in ("cancelled = false", "cancelled = false, starts_on = '2026-12-05'"):
        changed = text(f"UPDATE bedclaim SET {change} WHERE cancelled AND bed_id = :bed")  # noqa: S608
        with pytest.raises(DatabaseError, match="bed_is_given_once"), claim.town.database.engine.begin() as connection:
            connection.execute(changed, {"bed": claim.bed})


def test_a_period_cannot_grow_over_another(claim):
    with claim.town.database.engine.begin() as connection:
        claim(connection, 0, 5)
        claim(connection, 5, None)
    with pytest.raises(DatabaseError, match="bed_is_given_once"), claim.town.database.engine.begin() as connection:
        connection.execute(text("UPDATE bedclaim SET ends_on = '2026-12-09' WHERE ends_on = '2026-12-06'"))


def test_a_period_does_not_end_before_it_begins(claim):
    with pytest.raises(DatabaseError), claim.town.database.engine.begin() as connection:
        claim(connection, 5, 4)


def race(claim, rounds):
    """Runs two transactions at once on a bed, `rounds` times; counts the rounds by their number of winners."""
    won = []
    for _ in range(rounds):
        together, got = threading.Barrier(2), []

        def one(together=together, got=got):
            try:
                with claim.town.database.engine.connect() as connection:
                    together.wait()
                    with connection.begin():
                        claim(connection, 0, None)
                got.append(True)
            except DatabaseError as refused:
                # PostgreSQL may find both inserted, each waiting for the other: then it ends a transaction itself.
                assert any(why in str(refused) for why in ("bed_is_given_once", "deadlock detected"))  # noqa: PT017  (in a thread)

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won.append(len(got))
        with claim.town.database.engine.begin() as connection:
            connection.execute(text("DELETE FROM bedclaim WHERE starts_on >= '2026-12-01'"))
    return won


@pytest.mark.wide
def test_concurrent_transactions_one_gets_the_bed(claim):
    assert race(claim, 20) == [1] * 20


def test_bed_without_the_constraint_is_given_twice(claim, stores):
    with claim.town.database.engine.begin() as connection:
        if stores.kind == "postgresql":
            connection.execute(text("ALTER TABLE bedclaim DROP CONSTRAINT bed_is_given_once"))
        else:
            connection.execute(text("DROP TRIGGER bed_is_given_once_insert"))
    assert race(claim, 3) == [2, 2, 2]
