"""The limit of a crisis bed comes to a store that is there, and goes on the way back."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.audit import row_check
from placement.core.codes import ResidenceBasis, Scheme
from placement.core.rule_codes import RuleKind
from placement.dated_rules.first import first_rules
from placement.dated_rules.lookup import limit_in, limit_of, stay_limit_rules
from placement.tables import DatedRule
from tests.support.stores import AT, both_stores


def limits(town):
    with town.act() as act:
        rules = stay_limit_rules(act.session, act.day)
        basis = ResidenceBasis.UNKNOWN
        return limit_of(rules, basis).days, limit_in(rules, basis, Scheme.CRISIS), limit_in(rules, basis, Scheme.COSM)


def stored(town):
    with town.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT code, CAST(value AS TEXT) FROM datedrule WHERE kind = 'stay_limit'"))
        return dict(rows.all())


@pytest.mark.wide
@both_stores
def test_crisis_limit_comes_and_goes(town):
    before = limits(town)
    assert (before[0], before[1].days, before[2]) == (90, 3, None)
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0050")
    assert stored(town).keys() == {"dublin", "reflection", "others"}
    assert not any("schemes" in value for value in stored(town).values())
    town.database.migrate()
    assert limits(town) == before
    [made] = [one for one in first_rules(AT) if one.id == "first.stay_limit.crisis"]
    [found] = town.all(select(DatedRule).where(DatedRule.kind == RuleKind.STAY_LIMIT, DatedRule.code == "crisis"))
    about = ("id", "place", "value", "words", "legal_ground", "source", "assumed", "number", "granted")
    assert [getattr(found, name) for name in about] == [getattr(made, name) for name in about]
    assert row_check.verify(town.database, [])[1].is_good
