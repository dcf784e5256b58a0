"""The pages of entries by telephone: what the desk has entered for a shelter, and the answers to it."""

from api.pages.acts_done import entry_answered, entry_settled
from api.pages.declared_pages import form, screen
from api.pages.telephone_calls import call_in
from api.v1 import telephone_entries
from api.v1.shelter_telephones import ShelterTelephonesOut, of_shelters
from api.v1.telephone_entries import TelephoneEntriesOut
from placement.access.permissions import Permission
from placement.core.context import Act

HERE = "/telephone"
ENTRY = f"{HERE}/{{entry_id:str}}"


def _numbers(act: Act, entries: TelephoneEntriesOut) -> dict[str, ShelterTelephonesOut]:
    return of_shelters(act, {one.shelter for one in entries.items})


show = screen(
    HERE,
    "telephone.html",
    under=(Permission.TELEPHONE_READ, Permission.SHELTER_TELEPHONE_READ),
    entries=telephone_entries.list_telephone_entries,
    rung=_numbers,
    at=lambda act: act.at,
)
agree = form(f"{ENTRY}/agreement", telephone_entries.agree_with_entry, show, done=entry_answered)
contradict = form(f"{ENTRY}/contradiction", telephone_entries.contradict_entry, show, done=entry_answered)
ring_back = form(
    f"{ENTRY}/call-back", telephone_entries.ring_back_about_entry, show, facts=call_in, done=entry_answered
)
settle = form(f"{ENTRY}/settlement", telephone_entries.settle_contradiction, show, done=entry_settled)
