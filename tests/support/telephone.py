"""A shelter that works by telephone, and what the desk enters for it."""

from dataclasses import replace
from datetime import timedelta

from placement.accounts import accounts, shelter_telephones
from placement.core.codes import OrganisationKind
from placement.core.consent_codes import Driver
from placement.core.context import SYSTEM
from placement.core.telephone_codes import NumberConfirmed, TelephoneUse
from placement.placements.holds import telephone_entries, telephone_records
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.telephone_entries import Call
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.messages import sent
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, shelter

CALL = Call(TelephoneUse.PLACING, "groepsleider", "De stem")
NUMBER, ANOTHER = "+31300000211", "+31300000299"
STAFF = replace(shelter("S1"), id="A-S1")


def fresh(town, actor):
    """Returns the actor with a second factor that was just given."""
    return replace(actor, verified_at=town.at)


def without_accounts(town):
    """Makes S1 a shelter without an account, with a number that is long known. Two of the desk and a coordinator are at
    work.
    """
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    with town.act(SYSTEM) as act:
        accounts.make_organisation(act, "Opvang 1", OrganisationKind.SHELTER, "S1")
    numbered(town)
    later = town.at
    town.later(hours=-80)
    with town.act(SYSTEM) as act:
        [change] = shelter_telephones.read(act, "S1").history
        change.changed_at = town.at
    town.at = later
    return town


def with_accounts(town):
    """Makes the same, with a member of staff at S1."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    numbered(town)
    with town.act(SYSTEM) as act:
        [change] = shelter_telephones.read(act, "S1").history
        change.changed_at = town.at - timedelta(hours=80)
    return town


def numbered(town, number=NUMBER, *, by=DESK, use=TelephoneUse.PLACING):
    return town.do(shelter_telephones.change, "S1", {use: number}, actor=fresh(town, by))


def checked(town, how=NumberConfirmed.IN_PERSON, *, by=OTHER_DESK, use=TelephoneUse.PLACING):
    return town.do(shelter_telephones.confirm, "S1", use, how, actor=fresh(town, by))


def says_yes(town, hold, *, by=OTHER_DESK, call=CALL):
    said = ArrivalDetails(town.at + timedelta(hours=12), Driver.TAXI, None)
    return town.do(telephone_entries.enter_yes, hold, call, said, actor=by)


def newest(town):
    return town.do(telephone_records.listed)[0]


def told(town, kind):
    """Returns the accounts to which a message of this kind goes."""
    return {one.account_id for one in sent(town, kind)} - {None}
