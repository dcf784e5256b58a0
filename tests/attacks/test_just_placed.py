"""A client who was placed just now, whom no trace of it betrays: messages, recipients, reminders, a count asked for."""

from dataclasses import dataclass

import pytest

from tests.support.attacks.attacker import Attacker
from tests.support.attacks.dump import TRANSACTION, Dump, dump_of, plain, with_keys
from tests.support.attacks.hits import Hits, hits
from tests.support.attacks.just_placed import place_all
from tests.support.town import Town

TELLING = frozenset({"message", "reminder", "tasknotice"})
"""Tables that are put back in clear, and no other, to see whether the attacker knows what to do with them."""


@dataclass(frozen=True)
class Tried:
    baseline: Hits
    by_case: Hits


def tried(dump, clients, *, of):
    attacker = Attacker(dump)
    return Tried(
        hits(attacker, clients, lambda _: attacker.by_capacity(), of=of),
        hits(attacker, clients, lambda one: attacker.guesses(one.registration), of=of),
    )


def row_by_row(dump, in_clear):
    """Returns the dump as if each recipient had a row, sealed by itself: only its moment is visible."""
    rows = [
        {"made_at": plain(row["content"]["made_at"]), TRANSACTION: row.get(TRANSACTION)}
        for row in in_clear["message"]
        for _ in row["content"]["copies"]
    ]
    return Dump(dump.rows | {"message": rows})


@pytest.mark.wide
def test_client_placed_just_now_is_not_found_by_messages(stores):
    made = stores.make("empty")
    clients = place_all(Town(made.database, made.settings))
    with made.database.transaction() as session:
        dump = dump_of(session)
        in_clear = with_keys(session, dump, only=TELLING)
    for of in ("unit", "location"):
        sealed, clear = tried(dump, clients, of=of), tried(in_clear, clients, of=of)
        assert clear.by_case.one > 0.9 * len(clients), "the attacker does not know how to win"
        by_number = tried(row_by_row(dump, in_clear), clients, of=of).by_case
        assert not by_number.is_no_better_than(sealed.baseline), "the attacker does not count who is told"
        assert sealed.by_case.is_no_better_than(sealed.baseline)
