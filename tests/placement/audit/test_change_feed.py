"""The change feed of an actor: things out of reach, and mere read access, are no change."""

import pytest
from sqlmodel import select

from placement.accounts import sessions
from placement.audit.change_feed import look, newest_event
from placement.capacity import reads as capacity_reads
from placement.core.codes import Gender
from placement.core.context import SYSTEM, Act
from placement.registrations import reads as registrations_reads
from placement.registrations import registrations
from placement.registrations.case import PersonInput
from placement.tables import Account
from tests.support.moving_client import ask
from tests.support.stores import AT, both_stores
from tests.support.town import ROOMS, case_of, shelter


def after(country, do):
    """Returns the number of the last line, and the roles that receive a change since then."""
    with country.database.transaction() as session:
        since = newest_event(session)
    with country.database.transaction() as session:
        do(Act(session, SYSTEM, AT, country.settings))
    with country.database.transaction() as session:
        told = set()
        for role in ("coordinator", "desk"):
            account = session.exec(select(Account).where(Account.role == role).order_by(Account.id)).first()
            line = look(session, sessions.actor_for(session, account, AT), since).change
            assert line in {None, newest_event(session)}
            told |= {role} if line else set()
        return told


def registered(region):
    facts = {"region": region, "registrant": "NP", "residence_basis": "reflection", "language_required": False}
    return lambda act: registrations.register(act, case_of(facts, persons=[PersonInput(Gender.FEMALE, 30)]))


def test_change_reaches_concerned_actors_read_access_none(country):
    with country.database.transaction() as session:
        regions = (
            session.exec(select(Account).where(Account.role == "coordinator").order_by(Account.id)).first().regions
        )
    foreign = next(region for region in ("limburg", "den-haag") if region not in regions)
    assert after(country, registered(regions[0])) == {"coordinator", "desk"}
    assert after(country, registered(foreign)) == {"desk"}
    assert after(country, lambda act: registrations_reads.registrations(act, None, None, 5, 0)) == set()
    assert after(country, capacity_reads.country) == set()


@pytest.mark.wide
@both_stores
def test_shelter_hears_of_its_own_beds_and_of_no_case(town):
    """By hold, stay and decision; a case that once had a bed there may be another's by now."""

    def heard(do):
        with town.database.transaction() as session:
            since = newest_event(session)
        found = do()
        with town.database.transaction() as session:
            theirs = {one for one in ROOMS if look(session, shelter(one), since).change}
        return theirs, found

    told, client = heard(town.register)
    assert told == set()
    told, hold = heard(lambda: town.hold_in(client, "U1-women"))
    assert told == {"S1"}
    assert heard(lambda: town.confirm(hold))[0] == {"S1"}
    told, stay = heard(lambda: town.arrive(hold))
    assert told == {"S1"}
    told, _ = heard(lambda: ask(town, client))
    assert told == set()
    assert heard(lambda: town.report("S2"))[0] == {"S2"}
    assert heard(lambda: town.end(stay.id))[0] == {"S1"}
    other = town.register()
    assert heard(lambda: town.release(town.hold_in(other, "U1-women")))[0] == {"S1"}
    assert heard(lambda: town.propose(other))[0] == set()
