"""A stay gets the limit of the day on which it begins, and keeps it."""

from datetime import timedelta

import pytest

from placement.core.rule_codes import RuleKind
from placement.tables import DatedRule
from tests.support.town import TODAY


@pytest.mark.wide
def test_stay_gets_the_limit_of_its_first_day_and_keeps_it(town):
    before = town.house(town.register())
    with town.act() as act:
        act.session.add(
            DatedRule(
                id="Y-1",
                kind=RuleKind.STAY_LIMIT,
                code="reflection",
                number=1,
                value={"bases": ["reflection"], "days": 180},
                legal_ground="-",
                source="-",
                valid_from=TODAY + timedelta(days=1),
                asked_at=town.at,
                expires_at=town.at,
                settled_at=town.at,
                settled_by="A-1",
                granted=True,
            )
        )
    same_day = town.house(town.register())
    town.later(days=1)
    after = town.house(town.register())
    assert [town.one("stay", one).limit_on - TODAY for one in (before, same_day, after)] == [
        timedelta(days=90), timedelta(days=90), timedelta(days=181)
    ]  # fmt: skip
