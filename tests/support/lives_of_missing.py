"""Events of a life that make a client missing, or that end the search."""

from dataclasses import replace

from sqlmodel import select

from placement.core.arrival_codes import Rung
from placement.core.codes import RegistrationStatus, StayStatus
from placement.core.whereabouts_codes import Informed
from placement.placements.holds import arrivals
from placement.placements.stays import whereabouts
from placement.tables import Hold, Stay
from tests.support.town import OTHER_DESK


class LivesOfMissing:
    """Verbs of `AnyLife`."""

    def does_not_come(self, drawn):
        """Enters that a client did not come. A client who was reached waits again, or wants no place; else the client
        is missing.
        """
        key = self.one_of(drawn, lambda one: one.kept is not None)
        if key is None:
            return
        client, rung, wants = self.clients[key], list(Rung)[drawn % len(Rung)], drawn % 5 > 1
        verb = lambda: self.town.no_show(client.kept, rung, wants_place=wants)  # noqa: E731
        if not self.tries(f"no-show {rung.value}", verb):
            return
        client.missing = rung is not Rung.NOT_COMING
        client.loses(self.town.at, lost=wants and not client.missing)

    def comes_after_all(self, drawn):
        missed = (
            select(Hold).join(Stay, Stay.hold_id == Hold.id).where(Stay.end_reason == "no_show").order_by(Hold.made_at)
        )
        held = self.any_row(missed, drawn)
        actor = held and self.placer(held.registration_id)
        if held and self.tries("reverse", lambda: self.town.do(arrivals.reverse_no_show, held.id, actor=actor)):
            client = self.clients[held.registration_id]
            client.kept, client.lost, client.missing = held.id, False, False
            self.is_not_given_out(held.id)

    def is_known_again(self, drawn):
        """Ends a search: the client is back, was found, or is sought no more. For a minor a second person agrees."""
        key = self.one_of(drawn, lambda one: one.missing)
        if key is None:
            return
        client, number = self.clients[key], len(self.town.registration(key).searches)
        do = lambda verb, *said, actor=None, **more: self.town.do(  # noqa: E731
            verb, key, number, *said, actor=actor or self.placer(key), **more
        )
        how, fresh = drawn % 5, replace(OTHER_DESK, browser="another")
        ends = {
            0: lambda: do(whereabouts.come_back),
            1: lambda: do(whereabouts.find, "Bij een tante", wants_place=True),
            2: lambda: do(whereabouts.stop, "police_search_on"),
            3: lambda: do(whereabouts.inform, Informed.POLICE),
            4: lambda: do(whereabouts.answer_stop, granted=drawn % 2 == 0, actor=fresh),
        }
        if not self.tries(f"search {how}", ends[how]) or self.status(key) is RegistrationStatus.MISSING:
            return
        client.missing = False
        client.remembers()
        stays = self.town.all(select(Stay).where(Stay.registration_id == key, Stay.status == StayStatus.IN_HOUSE))
        lived, client.lives = client.lives, next((stay.hold_id or stay.id for stay in stays), None)
        if client.lives is None:
            client.loses(self.town.at, lost=self.status(key) is RegistrationStatus.OPEN)
        elif lived is None and stays[0].hold_id:
            client.before = None, client.lives, client.since, False
