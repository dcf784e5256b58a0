"""The rules for EU citizens without rights under Community law come to a store, and go on the way back."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.area_changes import register
from placement.areas.lookup import areas
from placement.audit import row_check
from placement.core.area_codes import PlaceKind
from placement.core.rule_codes import RuleKind
from placement.dated_rules.first import first_rules
from placement.tables import DatedRule
from tests.support.stores import AT, both_stores

PARTNER = {"partner": "Steunpunt", "partner_telephone": "+5997170000", "partner_does": None}
ABOUT = ("code", "place", "words", "legal_ground", "source", "assumed", "number", "granted")


def order(town):
    with town.database.engine.connect() as connection:
        return connection.scalars(text("SELECT code FROM datedrule WHERE kind = 'entitlement' ORDER BY place")).all()


def texts(town, column, table):
    with town.database.engine.connect() as connection:
        return connection.scalars(text(f"SELECT CAST({column} AS TEXT) FROM {table}")).all()  # noqa: S608


@pytest.mark.wide
@both_stores
def test_rules_for_eu_citizens_come_and_go(town):
    before = order(town)
    with town.act() as act:
        register.change(act, PlaceKind.AREA, "bonaire", 1, PARTNER, act.day, None)
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0064")
    assert order(town) == [code for code in before if not code.startswith("eu_reflection")]
    assert not any("community_rights" in (value or "") for value in texts(town, "value", "datedrule"))
    assert not any("partner" in facts for facts in texts(town, "facts", "placeentry"))
    town.database.migrate()
    assert order(town) == before
    made = {one.code: one for one in first_rules(AT) if one.kind is RuleKind.ENTITLEMENT}
    for found in town.all(select(DatedRule).where(DatedRule.kind == RuleKind.ENTITLEMENT)):
        assert [getattr(found, name) for name in ABOUT] == [getattr(made[found.code], name) for name in ABOUT]
        assert {"community_rights": None} | found.value == made[found.code].value
    with town.act() as act:
        assert areas(act.session, act.day)["bonaire"].value.partner is None
    assert row_check.verify(town.database, [])[1].is_good
