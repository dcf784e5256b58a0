"""Statements in a life that come by telephone and that the desk enters: answers, arrivals, departures, and their
effects.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import accounts, shelter_telephones
from placement.core.codes import OrganisationKind
from placement.core.consent_codes import Driver
from placement.core.context import SYSTEM
from placement.core.errors import PlacementError
from placement.core.telephone_codes import Heard, TelephoneUse
from placement.placements import address_disclosure
from placement.placements.holds import telephone_entries, telephone_records
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.tables import TelephoneEntry
from tests.support.telephone import CALL, NUMBER
from tests.support.town import DESK, OTHER_DESK, ROOMS, shelter


def numbered(town):
    """Gives each shelter a number that is long known; S3 has no account."""
    with town.act(SYSTEM) as act:
        accounts.make_organisation(act, "Opvang 3", OrganisationKind.SHELTER, "S3")
    for one in ROOMS:
        numbers = {TelephoneUse.PLACING: NUMBER}
        town.do(shelter_telephones.change, one, numbers, actor=replace(DESK, verified_at=town.at))
        with town.act(SYSTEM) as act:
            [change] = shelter_telephones.read(act, one).history
            change.changed_at = town.at - timedelta(hours=80)


class OnTheLine:
    """The verbs of a shelter, as the desk enters them."""

    def __init__(self, town):
        self.town = town

    def confirm(self, hold, expected_at):
        return self.entered(telephone_entries.enter_yes, hold, CALL, ArrivalDetails(expected_at, Driver.TAXI, None))

    def refuse(self, hold, reason):
        return self.entered(telephone_entries.enter_no, hold, CALL, reason)

    def arrive(self, hold):
        return self.entered(telephone_entries.enter_arrival, hold, CALL)

    def end(self, stay, reason):
        return self.entered(telephone_entries.enter_end, stay, CALL, reason)

    def entered(self, verb, *said):
        return self.town.do(verb, *said, actor=OTHER_DESK)


class LivesByTelephone:
    """Verbs of `AnyLife`. `uncertain`: the holds that no shelter confirmed itself."""

    def says_by_telephone(self, drawn):
        what = ("shelter_answers", "arrives", "leaves")[drawn % 3]
        known = {one.id for one in self.entries()}
        self.says = OnTheLine(self.town)
        getattr(self, what)(drawn // 3)
        self.says = self.town
        made = [one.content for one in self.entries() if one.id not in known]
        self.happened.update(f"by telephone {one.kind.value}" for one in made)
        self.uncertain |= {one.hold for one in made if one.kind is Heard.YES}

    def is_rung_back(self, drawn):
        """Confirms an entry: another person rings the shelter, the shelter answers with its own account, or the desk
        settles it.
        """
        entries = self.entries()
        if not entries:
            return
        entry, how = entries[drawn % len(entries)], drawn // 7 % 5
        house = entry.content.shelter
        do = lambda verb, *said, actor=DESK, **more: self.town.do(verb, entry.id, *said, actor=actor, **more)  # noqa: E731
        staff = replace(shelter(house), id=f"A-{house}")
        verbs = {
            0: lambda: do(telephone_entries.ring_back, CALL, agrees=True),
            1: lambda: do(telephone_entries.ring_back, CALL, agrees=False, text="Nee"),
            2: lambda: do(telephone_entries.agree, actor=staff),
            3: lambda: do(telephone_entries.contradict, "Nee", actor=staff),
            4: lambda: do(telephone_entries.settle, "Gebeld"),
        }
        if self.tries(f"entry {how}", verbs[how]) and entry.content.kind is Heard.YES:
            change = {0: self.uncertain.discard, 2: self.uncertain.discard, 4: lambda _: None}
            change.get(how, self.uncertain.add)(entry.content.hold)

    def entries(self):
        found = [telephone_records.Entry.of(row) for row in self.town.all(select(TelephoneEntry))]
        return sorted(found, key=lambda one: (one.content.entered_at, one.id))

    # what always holds

    def no_address_is_shown_before_a_certain_yes(self):
        fresh = replace(DESK, verified_at=self.town.at)
        places = {hold for client in self.clients.values() for hold in (client.lives, client.kept)}
        for hold in places & self.uncertain:
            with pytest.raises(PlacementError):
                self.town.do(address_disclosure.address_of, hold, actor=fresh)
