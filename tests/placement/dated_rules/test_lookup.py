"""The rule of a day: of the statements that cover the day, the last granted statement decides."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.core.codes import Household, ResidenceBasis
from placement.core.rule_codes import RuleKind
from placement.dated_rules.first import first_rules
from placement.dated_rules.lookup import limit_of, rules_of_day, safety_km, stay_limit
from placement.dated_rules.values import VALUES, value_of
from placement.registrations.entitlement import NO_RULE, Applicant, entitlement
from placement.tables import DatedRule
from tests.support.stores import AT
from tests.support.town import F

DAY = date(2026, 11, 24)
LATER = date(2031, 1, 1)
BASIS = ResidenceBasis.REFLECTION


def said(days, number, since=None, until=None, code="reflection"):
    value = None if days is None else {"bases": [BASIS], "days": days}
    period = {"valid_from": since, "valid_until": until}
    about = {"legal_ground": "-", "source": "-", "asked_at": AT, "expires_at": AT, "settled_at": AT, "granted": True}
    return DatedRule(
        id=f"{code}.{number}", kind=RuleKind.STAY_LIMIT, code=code, number=number, value=value, **period, **about
    )


def limit(statements, day):
    found = limit_of(rules_of_day(statements, day), BASIS)
    return found and found.days


def test_rule_dated_2031_does_not_decide_before_2031():
    statements = [said(90, 0), said(60, 1, LATER)]
    assert [limit(statements, day) for day in (DAY, LATER - timedelta(days=1), LATER)] == [90, 90, 60]


def test_past_day_is_answered_as_it_was_after_a_change():
    statements = [said(90, 0), said(60, 1, DAY), said(None, 2, LATER)]
    assert [limit(statements, day) for day in (date(2020, 1, 1), DAY, LATER)] == [90, 60, None]


def test_later_statement_decides_only_within_its_period():
    statements = [said(90, 0), said(30, 1, DAY, LATER)]
    assert [limit(statements, day) for day in (DAY - timedelta(days=1), DAY, LATER)] == [90, 30, 90]


def test_rule_of_day_names_the_day_on_which_another_holds():
    statements = [said(90, 0), said(60, 1, LATER), said(80, 2, DAY, date(2027, 1, 1))]
    found = [rules_of_day(statements, day)[0].until for day in (date(2020, 1, 1), DAY, date(2028, 1, 1), LATER)]
    assert found == [DAY, date(2027, 1, 1), LATER, None]


def test_first_rules_fit_their_models_and_have_ids_of_their_own():
    rows = first_rules(AT)
    assert len({row.id for row in rows}) == len(rows)
    assert {row.kind for row in rows} == set(VALUES)
    for row in rows:
        assert value_of(row.kind, row.value).model_dump(mode="json") == row.value
        assert row.legal_ground
        assert row.source
        assert row.assumed == (row.source == "guide: domain")


def test_no_entitlement_rule_of_the_day_opens_no_scheme():
    rules = [row for row in first_rules(AT) if row.kind is RuleKind.ENTITLEMENT]
    who = Applicant(BASIS, frozenset({F}), Household.ADULTS, multiple_problems=False)
    assert entitlement(who, rules_of_day(rules, date(2023, 5, 17))) == NO_RULE  # the day before WBV 2023/11
    assert entitlement(who, rules_of_day(rules, date(2023, 5, 18))).rule == "reflection"


@pytest.mark.parametrize("day", [DAY, date(2020, 1, 1), LATER])
def test_first_limits_and_distance_hold_on_every_day(town, day):
    with town.act() as act:
        days = {basis: stay_limit(act.session, basis, day).days for basis in ResidenceBasis}
        assert safety_km(act.session, day) == 50
    dublin = 30 if day >= date(2023, 5, 18) else 90
    assert days == {**dict.fromkeys(ResidenceBasis, 90), ResidenceBasis.REFLECTION_DUBLIN: dublin}


def test_migrating_again_adds_no_first_rule(empty):
    def stored():
        with empty.database.transaction() as session:
            return sorted(row.id for row in session.exec(select(DatedRule)))

    before = stored()
    empty.database.migrate()
    assert stored() == before == sorted(row.id for row in first_rules(AT))
