"""Contacts for a way out: the persons and shelters that must agree, with their known telephone numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from placement.access import account_lookup
from placement.accounts import details
from placement.accounts.details import Details
from placement.accounts.number_changes import Telephones
from placement.accounts.organisations import telephones_of_units
from placement.core.context import Act
from placement.duty import deputies
from placement.duty.hours import duty_of
from placement.duty.on_call import desk_answers_until, on_call, on_duty, others_on_duty

MOST = 2
"""The largest number of contacts for each party. The other persons of the party also have the task."""


@dataclass(frozen=True, slots=True)
class WayContacts:
    """Contacts for a way out. `persons`: the contacts of each party (`desk`, `coordinator`). `shelters`: the telephone
    numbers, by unit. `desk_is_there`: whether a person of the desk other than the actor can be asked now.
    `desk_until`: the deadline of the desk's answer if it is asked now; `None` without ways out.
    """

    persons: Mapping[str, list[Details]] = field(default_factory=dict)
    shelters: Mapping[str, Telephones] = field(default_factory=dict)
    desk_is_there: bool = False
    desk_until: datetime | None = None


def way_contacts(act: Act, region: str, parties: Collection[str], units: Collection[str]) -> WayContacts:
    """Returns the contacts of these parties, without the actor. The coordinators are those of the region. The contacts
    of the desk are the persons on call or, if nobody is on call, the persons on duty now.
    """
    asked = {
        party: [one for one in find(act, region) if one != act.actor.id]
        for party, find in (("desk", _desk), ("coordinator", _coordinators))
        if party in parties
    }
    known = details.of_all(act.session, {account for accounts in asked.values() for account in accounts})
    persons = {
        party: [known[one] for one in accounts if one in known and known[one].name][:MOST]
        for party, accounts in asked.items()
    }
    shelters = telephones_of_units(act.session, units) if "shelter" in parties else {}
    return WayContacts(persons, shelters, others_on_duty(act), desk_answers_until(act, act.actor.id))


def _desk(act: Act, _: str) -> list[str]:
    called = [one for one in on_call(act.session, duty_of(act.settings), act.at) if one != act.actor.id]
    return called or list(on_duty(act))


def _coordinators(act: Act, region: str) -> list[str]:
    return deputies.there(act.session, account_lookup.coordinators_at_work(act.session, region, act.day), act.day)
