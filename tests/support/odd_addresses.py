"""Odd requests for an address, in tests of the domain: the organisations with their numbers, the hold, the request."""

from dataclasses import replace

from placement.core.codes import OrganisationKind
from placement.core.context import SYSTEM
from placement.core.telephone_codes import TelephoneUse
from placement.placements import address_disclosure
from placement.placements.decisions import decisions
from placement.tables import Account, Organisation
from tests.support.town import COORDINATOR, DESK

NUMBER = "+31300000211"
OFFICES = {"O-office": OrganisationKind.CARE_COORDINATION, "O-centre": OrganisationKind.COORDINATION_CENTRE}


def with_offices(town):
    """Makes the organisation of the coordinator, and the coordination centre. Their number has been known for long."""
    with town.act(SYSTEM) as act:
        for name, kind in OFFICES.items():
            numbers = {TelephoneUse.PLACING.value: NUMBER}
            act.session.add(Organisation(id=name, name=name, kind=kind, telephones=numbers))
        act.session.flush()
        account = act.session.get(Account, COORDINATOR.id)
        if account is not None:
            account.organisation_id = "O-office"
    return town


def held(town, client=None):
    """Makes a confirmed hold of the coordinator, with which the desk agreed: for this client, or for a new client."""
    client = client or town.register(actor=COORDINATOR)
    decision = town.decide_on(client, "U1-women", actor=COORDINATOR)
    town.do(decisions.answer_decision, decision.id, actor=DESK, granted=True)
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    return hold


def reveal(town, hold, actor=COORDINATOR):
    """Asks for the address. A person of the desk has opened the case before."""
    opened = frozenset({town.one("hold", hold).registration_id})
    return town.do(address_disclosure.address_of, hold, actor=replace(actor, verified_at=town.at, opened=opened))


def asked(town):
    """Makes a request of the desk for the address of a canary, which waits for a call-back."""
    with_offices(town).having(canaries=frozenset({"S1"}))
    return reveal(town, held(town), DESK).waits


def is_disclosed(town, request):
    return reveal(town, request.about, DESK).address is not None
