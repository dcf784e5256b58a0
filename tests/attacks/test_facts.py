"""A dump without keys does not tell an attacker who knows four facts of a client which registration is that client's.

The same attacker finds it where the facts stand in clear. Two facts the attacker can use still, and no others: the day
since which the client waits, which stands in clear, and the area by how common it is.
"""

from collections import Counter

import pytest
from sqlmodel import select

import fixtures
from placement.core.clock import day_of
from placement.tables import Registration
from tests.support.attacks.dump import dump_of, with_keys
from tests.support.attacks.facts_attacker import KNOWN, Client, FactsAttacker, singled_out
from tests.support.stores import AT, EACH_STORE

IN_CLEAR = {"day", "region"}
SEALED = set(KNOWN) - IN_CLEAR


@pytest.fixture(params=["small", pytest.param("national", marks=pytest.mark.wide)])
def country(request, stores):
    made = stores.make("empty")
    days = 3 if request.param == "small" else 0  # of a past: the national country has clients enough
    fixtures.load(made.database, made.settings, size=request.param, seed=1, at=AT, days_before=days)
    return made


def clients_in(session):
    """Every client, as one who knew them would describe them."""
    return [
        Client(
            registration=one.id,
            gender=one.persons[0].gender.value,
            age=one.persons[0].age,
            language=one.languages[0].code if one.languages else None,
            region=one.region,
            day=day_of(one.waits_since),
            children=sum(person.age is not None and person.age < 18 for person in one.persons),
            need=one.needs[0].value if one.needs else None,
        )
        for one in session.exec(select(Registration).order_by(Registration.id))
    ]


@pytest.mark.parametrize("stores", EACH_STORE, indirect=True)
def test_four_facts_single_out_no_registration_in_a_dump(country):
    with country.database.transaction() as session:
        clients, dump = clients_in(session), dump_of(session)
        in_clear = with_keys(session, dump)
    areas = [area for area, _ in Counter(sorted(client.region for client in clients)).most_common()]
    sealed, clear = FactsAttacker(dump, areas), FactsAttacker(in_clear, areas)
    tries = 35 * len(clients)
    assert singled_out(clear, clients) > 0.6 * tries, "the attacker does not know how to win"
    assert singled_out(clear, clients, SEALED) > 0.1 * tries, "the attacker does not know how to use what is sealed"
    assert singled_out(sealed, clients, SEALED) == 0
    assert singled_out(sealed, clients) == singled_out(sealed, clients, IN_CLEAR)
