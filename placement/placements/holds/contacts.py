"""Telephone contacts of a hold. Placers get the shelter's numbers. The shelter gets the placers' numbers after it
confirmed the hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from placement.accounts import details, organisations
from placement.accounts.details import Details
from placement.accounts.number_changes import Telephones
from placement.core.codes import HoldStatus, Sees
from placement.core.context import Act
from placement.duty.deputies import cover
from placement.tables import Hold


@dataclass(frozen=True, slots=True)
class HoldContacts:
    shelter: Telephones | None
    """The shelter's numbers; `None` if it has no number, or if the reader is that shelter."""
    placers: Sequence[Details]
    """The person who made the hold and, while that person is away, the deputy. Leaves out persons without a telephone
    number.
    """


def contacts_of(act: Act, held: Sequence[Hold]) -> Mapping[str, HoldContacts]:
    """Returns, for each hold, the contacts whom the actor may call. `held`: holds whose beds are requested or lived in.
    A person's number is shown only to people of a shelter that confirmed the hold, never to an API key.
    """
    if act.actor.role.sees is Sees.SHELTER:
        return {one.id: HoldContacts(None, placers) for one, placers in _placers(act, held)}
    numbers = organisations.telephones_of_units(act.session, {one.unit_id for one in held})
    return {one.id: HoldContacts(numbers.get(one.unit_id), []) for one in held}


def _placers(act: Act, held: Sequence[Hold]) -> list[tuple[Hold, list[Details]]]:
    confirmed = [one for one in held if one.status is HoldStatus.CONFIRMED and act.actor.session_id is not None]
    covered = cover(act.session, act.day, act.day)
    told = {one.id: covered.told([one.made_by], act.day) for one in confirmed}
    known = details.of_all(act.session, {account for accounts in told.values() for account in accounts}, at_work=True)
    return [
        (one, [found for account in told[one.id] if (found := known.get(account)) and found.telephone])
        for one in confirmed
    ]
