"""A dump without keys does not show the place of a client to an attacker who knows four facts of this client. The
sealed facts do not show the client's registration either.

The same attacker finds both if the facts and the link are in clear. Only two facts still lead to a registration. The
day since which the client waits is in clear, and the area is known by how common it is. From there nothing leads to a
place.
"""

from collections import Counter

import pytest

import fixtures
from tests.support.attacks.attacker import Attacker
from tests.support.attacks.dump import dump_of, with_keys
from tests.support.attacks.facts_attacker import KNOWN, FactsAttacker, described, found_at, singled_out
from tests.support.attacks.hits import hits, living_in
from tests.support.attacks.interval import minutes_pass
from tests.support.stores import AT, each_store

IN_CLEAR = {"day", "region"}
SEALED = set(KNOWN) - IN_CLEAR


@pytest.fixture(params=["small", pytest.param("national", marks=pytest.mark.wide)])
def country(request, stores):
    made = stores.make("empty")
    days = 3 if request.param == "small" else 0  # of a past: the national country has clients enough
    fixtures.load(made.database, made.settings, size=request.param, seed=1, at=AT, days_before=days)
    return made


@each_store
def test_four_facts_single_out_no_registration_in_a_dump(country):
    with country.database.transaction() as session:
        clients, dump = described(session), dump_of(session)
        in_clear = with_keys(session, dump)
    areas = [area for area, _ in Counter(sorted(client.region for client in clients)).most_common()]
    sealed, clear = FactsAttacker(dump, areas), FactsAttacker(in_clear, areas)
    tries = 35 * len(clients)
    assert singled_out(clear, clients) > 0.6 * tries, "the attacker does not know how to win"
    assert singled_out(clear, clients, SEALED) > 0.1 * tries, "the attacker does not know how to use what is sealed"
    assert singled_out(sealed, clients, SEALED) == 0
    assert singled_out(sealed, clients) == singled_out(sealed, clients, IN_CLEAR)


@pytest.mark.wide
@each_store
def test_four_facts_in_a_dump_find_no_place(country):
    """From facts to a registration, and from there by every join to a location; else by the number of beds."""
    minutes_pass(country)
    with country.database.transaction() as session:
        clients, living, dump = described(session), living_in(session), dump_of(session)
        in_clear = with_keys(session, dump)
    areas = [area for area, _ in Counter(sorted(client.region for client in clients)).most_common()]
    by_capacity = hits(Attacker(dump), living, lambda _: Attacker(dump).by_capacity(), of="location")
    found = [found_at(shown, areas, clients, living) for shown in (dump, in_clear)]
    assert len(found[0]) == len(found[1]) == 35  # every four of seven facts
    assert max(clear.one for clear in found[1].values()) > by_capacity.one, "the attacker does not know how to win"
    assert [four for four, sealed in found[0].items() if not sealed.is_no_better_than(by_capacity)] == []
