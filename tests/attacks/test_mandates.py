"""An attacker wants a bed, or an address, at night without the desk: by a row in the database, by a mandate that is
over, by a choice of the own, by the clock, and by a key.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from placement.audit import row_check
from placement.core.codes import DecisionKind, DecisionStatus, Gender, HoldStatus, Role, Scheme
from placement.core.context import Actor
from placement.core.errors import NotAllowed
from placement.duty import mandates, rota
from placement.placements.decisions import decisions
from placement.tables import Mandate, Unit
from tests.support.duty import accepted, mandated, moved, peopled
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, holds_in, town_of

TODAY = date(2026, 11, 24)
TABLE = Mandate.__table__
THURSDAY_AT_22 = datetime(2026, 11, 26, 21, 0, tzinfo=UTC)
WANTED = {
    "id": "M-forged",
    "schemes": ["cosm", "omm"],
    "starts_on": TODAY,
    "ends_on": TODAY + timedelta(days=90),
    "given_by": DESK.id,
    "given_at": datetime(2026, 11, 1, tzinfo=UTC),
}


@pytest.fixture
def night(stores):
    return peopled(town_of(stores))


def nothing_is_asked(town):
    return not [held for held in holds_in(town) if held.status is not HoldStatus.RESERVED]


def write(town, statement):
    with town.database.engine.begin() as connection:
        connection.execute(statement)


def is_found(town):
    with town.database.transaction() as session:
        return bool(list(row_check.broken_rows(session))) or row_check.difference(session) != 0


def seal_of(town, row):
    with town.database.engine.begin() as connection:
        return connection.execute(select(TABLE.c.seal).where(TABLE.c.id == row.id)).scalar_one()


def test_mandate_written_into_the_database_opens_nothing(night):
    write(night, insert(TABLE).values(WANTED))
    assert accepted(night).mandate_id is None
    assert nothing_is_asked(night)
    assert is_found(night)


def test_mandate_with_the_seal_of_another_opens_nothing(night):
    seal = seal_of(night, mandated(night, days=1))
    moved(night, THURSDAY_AT_22)
    write(night, insert(TABLE).values(WANTED | {"seal": seal}))
    assert accepted(night).mandate_id is None
    assert nothing_is_asked(night)


@pytest.mark.parametrize(
    "forged", [{"ends_on": TODAY + timedelta(days=9)}, {"schemes": ["cosm", "omm"]}, {"revoked_at": None}]
)
def test_mandate_made_longer_wider_or_valid_again_is_refused(night, forged):
    made = mandated(night, days=3, schemes=[Scheme.OMM])
    if "revoked_at" in forged:
        night.do(mandates.revoke, made.id)
    write(night, update(TABLE).values(forged | ({"schemes": ["cosm"]} if "ends_on" in forged else {})))
    assert accepted(night).mandate_id is None
    assert nothing_is_asked(night)


def test_revocation_undone_with_the_old_row_is_found(night):
    made = mandated(night)
    with night.database.engine.begin() as connection:
        old = dict(connection.execute(select(TABLE)).mappings().one())
    night.do(mandates.revoke, made.id)
    assert not is_found(night)
    write(night, update(TABLE).values(old))
    assert is_found(night)


def test_mandate_deleted_with_its_revocation_is_found(night):
    mandated(night)
    write(night, delete(TABLE))
    assert is_found(night)


@one_store
def test_expired_or_future_mandate_carries_nothing_out(night):
    mandated(night, days=2)
    moved(night, THURSDAY_AT_22)
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK
    moved(night, datetime(2026, 11, 23, 21, 0, tzinfo=UTC))
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK


@one_store
def test_revoked_mandate_carries_nothing_out_from_then_on(night):
    made = mandated(night)
    assert accepted(night).status is DecisionStatus.PROVISIONAL
    night.do(mandates.revoke, made.id)
    assert accepted(night).status is DecisionStatus.WAITING_FOR_DESK


@one_store
@pytest.mark.parametrize("unit", ["U2-family", "U3-omm"])
def test_override_is_never_under_a_mandate(night, unit):
    mandated(night)
    proposal = night.propose(night.register(actor=COORDINATOR), actor=COORDINATOR)
    assert night.one("proposal", proposal).unit_id != unit
    decision = night.override(proposal, unit, actor=COORDINATOR)
    assert decision.status in {DecisionStatus.WAITING_FOR_DESK, DecisionStatus.WAITING_FOR_SECOND}
    assert decision.mandate_id is None
    assert nothing_is_asked(night)


@one_store
def test_proposal_that_breaks_a_rule_by_now_is_not_carried_out(night):
    mandated(night)
    proposal = night.propose(night.register(actor=COORDINATOR), actor=COORDINATOR)
    unit = night.one("proposal", proposal).unit_id
    with night.database.transaction() as session:
        session.get_one(Unit, unit).admits = [Gender.MALE]
    with pytest.raises(Exception, match="situation_changed"):
        accepted(night, proposal=proposal)
    assert nothing_is_asked(night)


@one_store
@pytest.mark.parametrize(
    ("at", "carried_out"),
    [
        (datetime(2026, 11, 25, 15, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 25, 16, 1, tzinfo=UTC), True),
        (datetime(2026, 12, 25, 12, 0, tzinfo=UTC), True),
    ],
)
def test_minute_of_the_decision_decides(night, at, carried_out):
    mandated(night, days=60)
    moved(night, at)
    accepted(night)
    assert nothing_is_asked(night) is not carried_out


@one_store
def test_anybody_of_the_desk_on_call_is_asked_first(night):
    mandated(night)
    night.do(rota.name, DESK.id, TODAY, TODAY, actor=OTHER_DESK)
    accepted(night)
    assert nothing_is_asked(night)


@one_store
def test_key_neither_decides_nor_gives_nor_confirms(night):
    mandated(night)
    proposal = night.propose(night.register(actor=COORDINATOR), actor=COORDINATOR)
    key = replace(COORDINATOR, session_id=None)
    with pytest.raises(NotAllowed, match="sign_in_needed"):
        night.decide(proposal, DecisionKind.ACCEPT, actor=key)
    of_desk = Actor(DESK.id, Role.DESK, verified_at=night.at)
    for verb, given in (
        (mandates.give, ([Scheme.COSM], TODAY, TODAY)),
        (mandates.revoke, ("M-1",)),
    ):
        with pytest.raises(NotAllowed, match="sign_in_needed"):
            night.do(verb, *given, actor=of_desk)
    made = accepted(night, proposal=proposal)
    with pytest.raises(NotAllowed, match="sign_in_needed"):
        night.do(decisions.answer_decision, made.id, granted=True, actor=of_desk)
