"""Entries by telephone: the desk enters a shelter's report. Each entry performs the shelter's act and records the call
in one transaction.

The desk calls the shelter on a number from the register. Reports in incoming calls are never entered, and no caller is
given facts of a client. The shelter is notified of each entry and can contradict it. Overrides, addresses and answers
of a second person are never entered by telephone.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from placement.access import account_lookup, register_queries, scoped_queries
from placement.access.permissions import Permission, needs
from placement.accounts import shelter_telephones
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity import report as capacity_report
from placement.capacity.report import RoomInput, Stored
from placement.core.clock import AMSTERDAM
from placement.core.codes import HoldStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, NotFound, existing
from placement.core.ids import new_id
from placement.core.telephone_codes import Heard, TelephoneUse, YesEntry
from placement.duty.on_call import others_on_duty
from placement.outbox import recipients
from placement.outbox.announcements import announce_entry
from placement.placements.holds import holds
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.telephone_records import Entry
from placement.placements.stays import stays
from placement.placements.stays.late_entries import LONGEST
from placement.second_person.persons import require_another
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Decision, Hold, Shelter, Stay, TelephoneEntry
from placement.tables.telephone import EntryContent

LONGEST_NAME = 100
LONGEST_WORDS = 2000

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the desk to a shelter. It contains the kind of number that was called, the role and name of the
    speaker, and the time of the call (`None`: now).
    """

    use: TelephoneUse
    caller_role: str
    caller_name: str
    heard_at: datetime | None = None


@needs(Permission.TELEPHONE_ENTER)
def enter_count(
    act: Act, shelter_id: str, call: Call, rooms: Sequence[RoomInput], *, follows: int | None = None
) -> Stored:
    """Enters the count of a shelter, with the same checks as `report_capacity`."""

    def reported(heard: Act) -> Stored:
        return capacity_report.report_capacity(heard, shelter_id, rooms, follows=follows)

    return _entered(act, shelter_id, call, Heard.COUNT, reported)


@needs(Permission.TELEPHONE_ENTER)
def enter_confirmation(act: Act, shelter_id: str, call: Call) -> Stored:
    """Enters that the last count of a shelter is still right."""
    confirmed: Callable[[Act], Stored] = lambda heard: capacity_report.confirm_capacity(heard, shelter_id)  # noqa: E731
    return _entered(act, shelter_id, call, Heard.COUNT_CONFIRMED, confirmed)


@needs(Permission.TELEPHONE_ENTER)
def enter_yes(act: Act, hold_id: str, call: Call, said: ArrivalDetails) -> Stay:
    """Enters that a shelter accepts the client, and confirms the hold. The address stays hidden until the shelter
    agrees with its own account, or another person of the desk calls it back. Raises `Conflict` if the called number is
    new, or if the actor made the decision and another person of the desk is on duty now.
    """
    held = _locked_hold(act, hold_id)
    alone = _is_alone(act, held)
    about: dict[str, object] = {"registration": held.registration_id, "hold": held.id, "alone": alone}

    def confirmed(heard: Act) -> Stay:
        return holds.confirm(heard, hold_id, said, call.heard_at)

    shelter_id = recipients.shelter_of_unit(act.session, held.unit_id)
    return _entered(act, shelter_id, call, Heard.YES, confirmed, **about)


@needs(Permission.TELEPHONE_ENTER)
def enter_no(  # noqa: PLR0917  (as of `holds.refuse`)
    act: Act,
    hold_id: str,
    call: Call,
    reason: str | None,
    text: str | None = None,
    until: date | None = None,
    *,
    apart_from: str | None = None,
) -> Hold:
    """Enters that a shelter refuses the client, with a coded reason and its effects."""
    held = _locked_hold(act, hold_id)

    def refused(heard: Act) -> Hold:
        return holds.refuse(heard, hold_id, reason, text, until, apart_from=apart_from, happened_at=call.heard_at)

    shelter_id = recipients.shelter_of_unit(act.session, held.unit_id)
    about = {"registration": held.registration_id, "hold": held.id}
    return _entered(act, shelter_id, call, Heard.NO, refused, **about)


@needs(Permission.TELEPHONE_ENTER)
def enter_arrival(act: Act, hold_id: str, call: Call, happened_at: datetime | None = None) -> Stay:
    """Enters that the client has arrived. `happened_at`: the time of arrival; `None`: the time of the call."""
    held, stay = stays.confirmed(act, hold_id)

    def arrived(heard: Act) -> Stay:
        return stays.arrive(heard, hold_id, happened_at or call.heard_at)

    shelter_id = recipients.shelter_of_unit(act.session, stay.unit_id)
    about = {"registration": held.registration_id, "hold": held.id, "stay": stay.id}
    return _entered(act, shelter_id, call, Heard.ARRIVAL, arrived, **about)


@needs(Permission.TELEPHONE_ENTER)
def enter_end(  # noqa: PLR0917  (as of `stays.end`)
    act: Act,
    stay_id: str,
    call: Call,
    reason: str | None,
    text: str | None = None,
    happened_at: datetime | None = None,
    *,
    persons: Collection[int] = (),
) -> Stay:
    """Enters that the client left, for a coded reason.
    `happened_at`: as in `enter_arrival`; `persons`: as in `stays.end`.
    """
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)

    def ended(heard: Act) -> Stay:
        return stays.end(heard, stay_id, reason, text, happened_at or call.heard_at, persons=persons)

    shelter_id = recipients.shelter_of_unit(act.session, stay.unit_id)
    about = {"registration": stay.registration_id, "stay": stay.id, "persons": sorted(persons)}
    return _entered(act, shelter_id, call, Heard.END, ended, **about)


@needs(Permission.TELEPHONE_ENTER)
def ring_back(act: Act, entry_id: str, call: Call, *, agrees: bool, text: str | None = None) -> Entry:
    """Records a call of the desk about an entry. In this call the shelter agrees to the entry or contradicts it. An
    acceptance becomes certain only if a person other than its author calls back, in another browser. Raises `Conflict`
    if the called number is new.
    """
    row, entry = _locked(act, entry_id)
    _checked(act, entry.content.shelter, call, trusted=True)
    if not agrees:
        return _contradicted(act, row, entry, text)
    if entry.content.kind is Heard.YES:
        require_another(act, entry.content.entered_by, row)
    found = _kept(act, row, entry, rung_back_at=act.at, rung_back_by=act.actor.id)
    audit_log.write(
        act, Event.TELEPHONE_RUNG_BACK, registration=entry.content.registration, subject=entry.id, use=call.use.value
    )
    return found


@needs(Permission.TELEPHONE_ENTER)
def read_back(act: Act, shelter_id: str, call: Call, entry_ids: Sequence[str]) -> list[Entry]:
    """Records that the shelter agreed to all these entries in one call. For acceptances the rules of
    `ring_back` apply.
    """
    found = [ring_back(act, entry_id, call, agrees=True) for entry_id in dict.fromkeys(entry_ids)]
    if any(entry.content.shelter != shelter_id for entry in found):
        raise NotFound
    return found


@needs(Permission.TELEPHONE_ENTER)
def settle(act: Act, entry_id: str, text: str | None) -> Entry:
    """Records how the desk settled a contradiction. The entry itself remains. The address stays hidden until the
    shelter agrees or is called back. Raises `Conflict` if the actor made the entry, or if nobody contradicted it.
    """
    row, entry = _locked(act, entry_id)
    if not entry.content.is_contradicted:
        raise Conflict("not_contradicted")
    require_another(act, entry.content.entered_by, row)
    found = _kept(act, row, entry, settled_at=act.at, settled_by=act.actor.id, settlement=_words(text))
    audit_log.write(act, Event.TELEPHONE_SETTLED, registration=entry.content.registration, subject=entry.id)
    return found


@needs(Permission.TELEPHONE_ANSWER)
def agree(act: Act, entry_id: str) -> Entry:
    """Records that the shelter agrees to an entry with its own account."""
    row, entry = _locked(act, entry_id)
    found = _kept(act, row, entry, agreed_at=act.at, agreed_by=act.actor.id)
    audit_log.write(act, Event.TELEPHONE_AGREED, registration=entry.content.registration, subject=entry.id)
    return found


@needs(Permission.TELEPHONE_ANSWER)
def contradict(act: Act, entry_id: str, text: str | None) -> Entry:
    """Records that the shelter contradicts an entry, and makes a task for the desk. The entry itself remains. The
    address is hidden from the coordinator until the shelter agrees to the entry. Raises `Conflict` a day after the
    entry, or if it was contradicted already.
    """
    row, entry = _locked(act, entry_id)
    if act.at >= entry.contradictable_until:
        at = f"{entry.contradictable_until.astimezone(AMSTERDAM):%d-%m %H:%M}"
        raise Conflict("contradicted_too_late", at=at)
    return _contradicted(act, row, entry, text)


@needs(Permission.TELEPHONE_ENTER)
def yes_entry(act: Act, hold_id: str) -> YesEntry:
    """Returns whether the actor may enter the shelter's acceptance now, and why."""
    try:
        alone = _is_alone(act, scoped_queries.hold_of(act.session, act.actor, hold_id))
    except Conflict:
        return YesEntry.FOR_ANOTHER
    return YesEntry.NOBODY_ELSE if alone else YesEntry.OTHER_DECIDED


def _locked_hold(act: Act, hold_id: str) -> Hold:
    """Returns the locked hold. Locks the shelter before the case, in the order that the shelter's own answer uses."""
    lock_shelter_of_unit(act.session, scoped_queries.hold_of(act.session, act.actor, hold_id).unit_id)
    return scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)


def _is_alone(act: Act, held: Hold) -> bool:
    """Returns true if the actor made the decision and nobody else of the desk is on duty; false if another person made
    the decision. Raises `Conflict` if the actor made it and somebody else is on duty.
    """
    decision = act.session.get_one(Decision, held.decision_id)
    try:
        require_another(act, decision.decided_by, decision)
    except Conflict as own:
        if others_on_duty(act):
            raise Conflict("decided_by_you") from own
        return True
    return False


def _entered(act: Act, shelter_id: str, call: Call, kind: Heard, do: Callable[[Act], Done], **about: object) -> Done:
    """Performs the act that the shelter reported by telephone, and stores the call."""
    number = _checked(act, shelter_id, call, trusted=kind is Heard.YES)
    done = do(replace(act, heard_from=shelter_id))
    shelter = act.session.get_one(Shelter, shelter_id)
    without_people = not account_lookup.staff_at_work(act.session, shelter_id)
    content = EntryContent(
        kind=kind,
        shelter=shelter_id,
        use=call.use,
        number=number,
        heard_at=call.heard_at or act.at,
        entered_at=act.at,
        entered_by=act.actor.id,
        to_read_back=without_people or shelter.works_by_telephone,
        **about,
    )
    row = TelephoneEntry(
        id=new_id("V"),
        made_on=act.day,
        waits=content.waits,
        browser=act.actor.browser,
        caller={"role": call.caller_role.strip(), "name": call.caller_name.strip()},
        content=content.model_dump(mode="json"),
    )
    act.session.add(row)
    _mark_hold(act, row.id, content)
    act.session.flush()
    said = {"kind": kind.value, "use": call.use.value, "alone": content.alone}
    audit_log.write(act, Event.TELEPHONE_ENTERED, registration=content.registration, subject=row.id, shown=None, **said)
    announce_entry(act, shelter_id, row.id)
    return done


def _checked(act: Act, shelter_id: str, call: Call, *, trusted: bool) -> str:
    """Returns the called number. Raises `Conflict` if the number is new and `trusted` is required. Raises `Invalid` for
    a number that the shelter does not have, a missing speaker, or an impossible time.
    """
    faults = [
        Fault(f"call.{field}", "empty" if not said.strip() else "text_too_long", {"max_length": LONGEST_NAME})
        for field, said in (("caller_role", call.caller_role), ("caller_name", call.caller_name))
        if not 0 < len(said.strip()) <= LONGEST_NAME
    ]
    if call.heard_at is not None and call.heard_at > act.at:
        faults.append(Fault("call.heard_at", "not_yet_happened"))
    if call.heard_at is not None and call.heard_at < act.at - LONGEST:
        faults.append(Fault("call.heard_at", "happened_too_long_ago", {"days": LONGEST.days}))
    register_queries.place_of(act.session, act.actor, Permission.SHELTER_TELEPHONE_READ, Shelter, shelter_id)
    one = shelter_telephones.numbers_now(act, shelter_id).get(call.use)
    if one is None or one.number is None:
        faults.append(Fault("call.number", "no_such_number"))
    if faults or one is None or one.number is None:
        raise Invalid(faults)
    if trusted and one.new_until is not None:
        raise Conflict("number_is_new", at=f"{one.new_until.astimezone(AMSTERDAM):%d-%m %H:%M}")
    return one.number


def _locked(act: Act, entry_id: str) -> tuple[TelephoneEntry, Entry]:
    """Returns a locked entry. An actor of a shelter can get only that shelter's entries."""
    row = existing(act.session.get(TelephoneEntry, entry_id, with_for_update=True))
    entry = Entry.of(row)
    if act.actor.shelter_id not in {None, entry.content.shelter}:
        raise NotFound
    return row, entry


def _contradicted(act: Act, row: TelephoneEntry, entry: Entry, text: str | None) -> Entry:
    if entry.content.is_contradicted:
        raise Conflict("contradicted_already")
    said = {"contradicted_at": act.at, "contradicted_by": act.actor.id, "contradiction": _words(text)}
    found = _kept(act, row, entry, **said, settled_at=None, settled_by=None, settlement=None)
    audit_log.write(act, Event.TELEPHONE_CONTRADICTED, registration=entry.content.registration, subject=entry.id)
    return found


def _kept(act: Act, row: TelephoneEntry, entry: Entry, **changes: object) -> Entry:
    content = entry.content.model_copy(update=changes)
    row.content, row.waits = content.model_dump(mode="json"), content.waits
    _mark_hold(act, row.id, content)
    act.session.flush()
    return Entry.of(row)


def _mark_hold(act: Act, entry_id: str, content: EntryContent) -> None:
    """Stores in the hold whether the acceptance is certain. After the entry is erased, this fact decides whether the
    address is shown.
    """
    if content.kind is not Heard.YES:
        return
    held = act.session.get(Hold, content.hold)
    if held is not None and held.status is HoldStatus.CONFIRMED:
        held.heard = {"entry": entry_id, "certain": content.is_certain}


def _words(text: str | None) -> str:
    said = (text or "").strip()
    if not said:
        raise Invalid.at("text", "empty")
    if len(said) > LONGEST_WORDS:
        raise Invalid.at("text", "text_too_long", max_length=LONGEST_WORDS)
    return said
