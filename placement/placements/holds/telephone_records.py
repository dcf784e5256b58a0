"""Records of entries by telephone: lists of all entries and of open entries, and a check whether an acceptance is
certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import true
from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Sees, StayStatus
from placement.core.context import Act
from placement.core.read_ahead import Rows, rows_of
from placement.core.telephone_codes import ByTelephone, Heard
from placement.crypto.encrypted_columns import is_readable
from placement.duty.on_call import others_on_duty
from placement.tables import Account, Hold, Stay, TelephoneEntry
from placement.tables.telephone import EntryContent

WAITING = Rows(TelephoneEntry, col(TelephoneEntry.waits) == true())
CONTRADICTED_WITHIN = timedelta(hours=24)
"""The time within which a shelter can contradict an entry."""
RING_BACK_WITHIN = timedelta(hours=1)
"""The time within which the desk must call back about an acceptance, counted in hours of duty (assumed)."""
SHOWN_FOR = timedelta(days=30)
"""The time for which entries are listed. The speaker's name is stored for the same time."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    content: EntryContent
    caller: tuple[str, str] | None
    """The speaker's role and name; `None` after erasure."""
    browser: str | None

    @classmethod
    def of(cls, row: TelephoneEntry) -> "Entry":
        caller = None if row.caller is None else (row.caller["role"], row.caller["name"])
        return cls(row.id, EntryContent.model_validate(row.content), caller, row.browser)

    @property
    def contradictable_until(self) -> datetime:
        return self.content.entered_at + CONTRADICTED_WITHIN


@needs(Permission.TELEPHONE_READ)
def listed(act: Act, shelter_id: str | None = None) -> list[Entry]:
    """Returns the entries of the last thirty days, newest first. A shelter's actor gets only the entries of that
    shelter.
    """
    wanted = act.actor.shelter_id or shelter_id
    audit_log.write(act, Event.TELEPHONE_LISTED, subject=wanted)
    rows = act.session.exec(select(TelephoneEntry).where(TelephoneEntry.made_on >= act.day - SHOWN_FOR))
    found = [entry for row in rows if (entry := Entry.of(row)).content.shelter == (wanted or entry.content.shelter)]
    return sorted(found, key=lambda entry: (entry.content.entered_at, entry.id), reverse=True)


def waiting(act: Act) -> list[Entry]:
    """Returns the entries that still need the desk, oldest first. Leaves out an acceptance if the client no longer has
    the place, unless the shelter contradicted it.
    """
    found = [Entry.of(row) for row in rows_of(act.session, WAITING)]
    yes = [one.content.hold for one in found if one.content.kind is Heard.YES]
    kept = _lived_in_or_expected(act, [hold for hold in yes if hold is not None])
    asks = [
        one
        for one in found
        if one.content.kind is not Heard.YES or one.content.hold in kept or one.content.is_contradicted
    ]
    return sorted(asks, key=lambda entry: (entry.content.entered_at, entry.id))


def is_certain(act: Act, held: Hold) -> bool:
    """Checks whether the shelter itself confirmed this hold; its address is shown only then. A shelter confirms with
    its own account, or when the desk calls it back about an acceptance. Returns false if the stored answer is missing
    or unreadable.
    """
    if held.heard is not None:
        return known_of(held) is ByTelephone.CERTAIN
    if not is_readable(held.answered_by) or held.answered_by is None:
        return False
    answered_by = act.session.get(Account, held.answered_by)
    return answered_by is None or not answered_by.role.has_authority


def known_of(held: Hold) -> ByTelephone | None:
    """Returns how certain the shelter's acceptance is; `None` if the desk did not enter it by telephone."""
    if not is_readable(held.heard) or held.heard is None:
        return None
    return ByTelephone.CERTAIN if held.heard["certain"] else ByTelephone.ENTERED


def that_nobody_rings_about(act: Act, held: Sequence[Hold]) -> set[str]:
    """Returns the holds whose acceptance another person must check by telephone, although no other person is on duty.
    Returns an empty set if the actor belongs to a shelter.
    """
    if act.actor.role.sees is Sees.SHELTER:
        return set()
    entered = [one for one in held if known_of(one) is ByTelephone.ENTERED]
    return {one.id for one in entered if not others_on_duty(act, than=one.answered_by)}


def _lived_in_or_expected(act: Act, hold_ids: Sequence[str]) -> set[str]:
    if not hold_ids:
        return set()
    stands = col(Stay.hold_id).in_(hold_ids), col(Stay.status) != StayStatus.ENDED
    return {str(hold) for hold in act.session.exec(select(Stay.hold_id).where(*stands))}
