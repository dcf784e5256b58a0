"""Proposals of before keep what they have; on the way back each gets its frozen problem for itself."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.core.errors import Conflict
from placement.tables import FrozenProblem, Proposal
from tests.support.stores import both_stores
from tests.support.town import key_store_of


def down(town):
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0044")


def keys_listed(town):
    with town.database.engine.connect() as connection:
        return connection.execute(text("SELECT owner FROM datakey WHERE owner LIKE 'F-%'")).scalars().all()


@pytest.mark.wide
@both_stores
def test_each_proposal_has_its_problem_both_ways(town):
    made = [town.propose(town.register()) for _ in range(2)]
    made.append(town.propose(town.one("proposal", made[0]).registration_id))
    before = [town.problem_of(one) for one in made]
    down(town)
    assert keys_listed(town) == []
    town.database.migrate()
    rows = [town.one("proposal", one) for one in made]
    assert ([row.problem_id for row in rows], town.all(select(FrozenProblem))) == ([None] * 3, [])
    assert [town.problem_of(one) for one in made] == before
    assert town.replay(made[2]).registration == rows[2].registration_id


@pytest.mark.wide
@both_stores
def test_destroyed_problem_is_not_given_back_to_a_proposal(town):
    made = town.propose(town.register())
    [problem] = town.all(select(FrozenProblem))
    key_store_of(town).destroy(problem.id)
    down(town)
    town.database.migrate()
    with pytest.raises(Conflict, match="content_erased"):
        town.problem_of(made)


@pytest.mark.wide
@both_stores
def test_way_back_that_breaks_off_loses_nothing_and_is_repeated(town):
    made = [town.propose(town.register()) for _ in range(2)]
    before = [town.problem_of(one) for one in made]
    store = key_store_of(town)
    last = max((town.one("proposal", one) for one in made), key=lambda row: row.id).problem_id
    kept = dict(store.copied())
    store.remove(last)
    with pytest.raises(OSError, match=f"the key {last} is missing"):
        down(town)
    store.put_back({name: content for name, content in kept.items() if last in name})
    assert [town.problem_of(one) for one in made] == before
    down(town)
    town.database.migrate()
    assert [town.problem_of(one) for one in made] == before
    assert all(row.problem_id is None for row in town.all(select(Proposal)))
