"""Whatever became of a few clients: each link on each page of each actor leads to a page."""

from collections import Counter
from random import Random

import pytest

from tests.support.any_life import AUDITOR, WHAT, AnyLife
from tests.support.api.crawl import pages_of
from tests.support.api.empty_service import Begun
from tests.support.api.serving import serving
from tests.support.proof import FULL
from tests.support.stores import Country, one_store
from tests.support.town import ADMIN, COORDINATOR, DESK

ACTORS = ("A-S1", "A-S2", COORDINATOR.id, DESK.id, ADMIN.id, AUDITOR.id)
LANGUAGES = ("nl", "en")
STEPS, LIVES = 60, 200 if FULL else 10


def lived(stores, seed):
    """Returns the town in which this life was lived, at the moment at which it ended."""
    AnyLife.stores, AnyLife.happened, AnyLife.told_every = stores, Counter(), 3
    life, rng = AnyLife(), Random(seed)
    life.begins()
    for _ in range(STEPS):
        life.something_happens(rng.choice(WHAT), rng.randrange(10**6))
    return life.town


def is_page(answer):
    """Checks for a page, also the page on which the desk gives its reason to open a case of a region."""
    return answer.status_code == 200 or (answer.status_code == 403 and '/open"' in answer.text)


def broken_links(stores, solver, applications, seed):
    """Returns, by actor, the links that lead to no page, and the number of all links."""
    town = lived(stores, seed)
    wrong, number = [], Counter()
    country = Country(town.database, town.settings, {})
    with serving(applications, country, solver) as (app, client, moment, log):
        begun = Begun(country, app, client, moment, log)
        moment.at = town.at
        for at, account in enumerate(ACTORS):
            found = pages_of(begun, account, LANGUAGES[(seed + at) % len(LANGUAGES)])
            number[account] = len(found)
            wrong += [(account, path, one.status_code) for path, one in found.items() if not is_page(one)]
    stores.close()
    return wrong, number


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("seed", [1, 2])
def test_links_of_an_actor_lead_to_pages_after_a_life(stores, solver, applications, seed):
    wrong, number = broken_links(stores, solver, applications, seed)
    assert wrong == []
    assert min(number.values()) >= 10, number


@pytest.mark.long
@one_store
def test_links_of_an_actor_lead_to_pages_after_many_lives(stores, solver, applications):
    for seed in range(LIVES):
        wrong, _ = broken_links(stores, solver, applications, seed)
        assert wrong == [], seed
