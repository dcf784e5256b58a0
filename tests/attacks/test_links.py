"""A dump without keys does not show which two registrations are of one client: neither by the stored pair, nor, on
PostgreSQL, by the transaction that wrote it.
"""

from itertools import combinations

import pytest

from placement.core.link_codes import LinkKind
from placement.registrations import links
from placement.tables import Registration
from tests.support.attacks.dump import TRANSACTION, dump_of, values_in, with_keys
from tests.support.stores import each_store
from tests.support.town import COORDINATOR, ELSEWHERE, Town, build

PAIRS = 4


@pytest.fixture
def town(stores):
    made = stores.make("town-of-links", lambda database, _: _build(database))
    return Town(made.database, made.settings)


def _build(database):
    with database.transaction() as session:
        build(session)


def pairs_made(town):
    """Makes some pairs of each kind, each by an act of its own. The desk is asked about pairs of two areas."""
    pairs = set()
    for number in range(PAIRS):
        alias = {"alias": f"Zwaluw {number}"}
        first = town.register(actor=COORDINATOR, **alias)
        town.later(minutes=7)
        asked = town.register(actor=ELSEWHERE, region="limburg", **alias)
        linked, merged = (town.register(actor=COORDINATOR, alias=f"Gans {number}{one}") for one in "ab")
        town.later(minutes=7)
        town.do(links.link, linked, first, LinkKind.RELATED, actor=COORDINATOR)
        town.do(links.merge, merged, first, actor=COORDINATOR)
        pairs |= {frozenset((first, other)) for other in (asked, linked, merged)}
    return pairs


def pairs_told(dump):
    """Returns the pairs of cases that a row of the table of links joins, by its content or by its transaction."""
    cases = dump.by("registration")
    written = {
        number: {name for name, row in cases.items() if number in {row.get(TRANSACTION), row.get("xmax")} - {None, 0}}
        for number in {row.get(TRANSACTION) for row in dump["registrationlink"]}
    }
    found = set()
    for row in dump["registrationlink"]:
        named = {value for value in values_in(row) if isinstance(value, str) and value in cases}
        found |= {frozenset(pair) for pair in combinations(named | written[row.get(TRANSACTION)], 2)}
    return found


@pytest.mark.wide
@each_store
def test_dump_joins_no_two_linked_registrations(town):
    pairs = pairs_made(town)
    with town.act() as act:
        dump = dump_of(act.session)
        in_clear = with_keys(act.session, dump, only={"registrationlink"})
    assert pairs_told(in_clear) == pairs, "the attacker does not know how to win"
    assert pairs_told(dump) == set()
    lengths = {len(row["content"]) for row in dump["registrationlink"]}
    assert len(lengths) == 1, "a length tells what was said"
    assert len(dump["registrationlink"]) == 3 * PAIRS
    assert Registration.__table__.name in dump.rows
