"""The erasure of a whole case before its term: two persons, and nothing of the client left in any row or problem."""

from dataclasses import replace

import pytest
from sqlmodel import SQLModel, select

from placement.core.consent_codes import ErasureGround
from placement.core.errors import Conflict, NotAllowed
from placement.placements.holds import telephone_entries
from placement.registrations import registrations
from placement.registrations.case import PointInput, ThreatInput
from placement.retention import case_erasure, legal_hold
from placement.tables import FrozenProblem
from tests.support import second_person
from tests.support.accounts import add_accounts
from tests.support.stores import one_store
from tests.support.telephone import CALL, says_yes, without_accounts
from tests.support.town import ADMIN, COORDINATOR, DESK, OTHER_DESK, TODAY, key_store_of, shelter


def fresh(town, actor):
    return replace(actor, verified_at=town.at)


def ask(town, client, actor=DESK):
    return town.do(case_erasure.ask, client, ErasureGround.CONSENT_WITHDRAWN, actor=fresh(town, actor))


def grant(town, request, actor=OTHER_DESK):
    return town.do(second_person.grant, request.id, actor=fresh(town, actor))


@pytest.fixture
def client(town):
    add_accounts(town, DESK, OTHER_DESK)
    made = town.register(alias="Merel", needs=["psychiatric"])
    town.do(registrations.close, made, "withdraws_consent")
    return made


@pytest.mark.wide
def test_two_persons_erase_a_case_before_its_term(town):
    add_accounts(town, DESK, OTHER_DESK)
    client, other = town.register(alias="Merel", needs=["medical"]), town.register()
    of_other = town.propose(other)
    town.propose(client)
    town.do(registrations.close, client, "withdraws_consent")
    later = town.propose(town.register())
    grant(town, ask(town, client))
    after = town.registration(client)
    assert (after.alias, after.known("persons"), after.known("needs")) == (None, [], [])
    assert after.anonymised_at is not None
    store = key_store_of(town)
    assert store.is_destroyed(client)
    assert (town.one("proposal", of_other).advice, town.one("proposal", of_other).problem_id) == (None, None)
    assert town.replay(later).registration
    with town.act() as act:
        problems = [one.problem for one in act.session.exec(select(FrozenProblem))]
    assert problems
    assert not [one for one in problems if client in one]


@one_store
def test_erasure_by_a_single_person_is_refused(town, client):
    asked = ask(town, client)
    with pytest.raises(Conflict, match="second_person_needed"):
        grant(town, asked, DESK)
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        town.do(second_person.grant, asked.id, actor=OTHER_DESK)
    with pytest.raises(Conflict, match="erasure_asked"):
        ask(town, client, OTHER_DESK)
    assert town.registration(client).alias == "Merel"


@one_store
@pytest.mark.parametrize("actor", [COORDINATOR, ADMIN, shelter("S1")])
def test_erasure_is_asked_by_the_desk_alone(town, client, actor):
    with pytest.raises(NotAllowed, match="role_may_not"):
        ask(town, client, actor)


@one_store
def test_erasure_of_an_open_or_held_case_is_refused(town, client):
    with pytest.raises(Conflict, match="erasure_of_open_case"):
        ask(town, town.register())
    asked = ask(town, client)
    town.do(legal_hold.ask, client, "complaint", TODAY.replace(year=TODAY.year + 1))
    with pytest.raises(Conflict, match="legal_hold_stands"):
        grant(town, asked)
    assert town.registration(client).alias == "Merel"


@pytest.mark.wide
@one_store
def test_problem_of_a_case_under_a_legal_hold_stays(town):
    add_accounts(town, DESK, OTHER_DESK)
    other, waits = town.register(), town.register(alias="Vink")
    made = town.propose(other)
    town.do(registrations.close, waits, "withdraws_consent")
    town.do(legal_hold.ask, other, "complaint", TODAY.replace(year=TODAY.year + 1))
    grant(town, ask(town, waits))
    assert town.replay(made).registration == other
    assert town.registration(waits).known("persons") == []


def rows_with(town, *wanted):
    """Returns the tables in which a readable value of a row contains a wanted text."""
    found = set()
    with town.act() as act:
        for mapper in SQLModel._sa_registry.mappers:
            for row in act.session.exec(select(mapper.class_)):
                values = [repr(read(row, name)) for name in [*mapper.column_attrs.keys()]]
                found |= {mapper.local_table.name for one in values if any(text in one for text in wanted)}
    return found


def read(row, name):
    try:
        return getattr(row, name)
    except Conflict:
        return None


SECRETS = ("Merel", "kanarie", "Zwolle'")
NAMED = {"datakey", "decision", "hold", "message", "proposal", "registration", "secondpersonrequest", "stay"}
"""Tables that still have the reference of the case: codes and days alone, and the names of destroyed keys."""


@pytest.mark.wide
def test_erased_case_is_in_no_row_of_any_table(town):
    without_accounts(town)
    client = town.register(alias="Merel", parts={"threats": [ThreatInput(PointInput(place="Zwolle"), 5)]})
    hold = town.hold_in(client, "U1-women")
    says_yes(town, hold)
    town.later(hours=20)
    stay = town.do(telephone_entries.enter_arrival, hold, CALL)
    town.end(stay.id, "own_housing", "kanarie")
    before = rows_with(town, client)
    assert "telephoneentry" in before
    assert rows_with(town, *SECRETS)
    grant(town, ask(town, client))
    assert rows_with(town, *SECRETS) == set()
    assert rows_with(town, client) == NAMED
