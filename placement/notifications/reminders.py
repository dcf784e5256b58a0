"""Reminders of unanswered holds (1, 2 and 3½ hours), long stays (day 60, 75, 90), missing counts, and expiring keys.

Each reminder is stored once. The recipients' first page shows it while it is true. It is also mailed, at night only if
it is urgent. Reminders of expiring keys are only mailed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from placement.accounts import api_keys
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.newest_reports import has_rooms_to_count, last_confirmed
from placement.core import clock
from placement.core.clock import AMSTERDAM, day_of
from placement.core.codes import HoldStatus, MessageKind, StayStatus
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.notice_codes import ReminderKind
from placement.crypto.encrypted_columns import is_readable
from placement.outbox import outbox, recipients
from placement.placements.stays.stay_clock import began_on
from placement.placements.stays.stays import asked_at_mark, last_mark
from placement.storage.unique_insert import insert_once
from placement.tables import Hold, Registration, Reminder, Shelter, Stay

HOLD_MARKS = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=3.5))
"""The ages of an unanswered hold at which reminders are sent. Ages after the end of the hold are left out."""

_AT_ONCE = 5_000
_COUNT_FOR = timedelta(hours=8)
_STAY_FOR = timedelta(days=2)
"""The time after which an undelivered reminder of a stay is not mailed (assumed). The page still shows it."""


@dataclass(frozen=True, slots=True)
class _SendingTimes:
    """The time limits of a mail: the earliest time of sending, and the time until which it is useful."""

    after: datetime
    until: datetime


def remind_of_holds(act: Act) -> int:
    """Reminds the shelter, and the person who made the hold. If several reminders became due during an outage, sends a
    single mail.
    """
    act, made = act.by_the_system(), 0
    waiting = select(Hold).where(Hold.status == HoldStatus.WAITING_FOR_SHELTER).order_by(Hold.id)
    due: list[tuple[Hold, list[timedelta]]] = []
    for held in act.session.exec(waiting).all():
        if not is_readable(held.expires_at) or held.expires_at <= act.at:
            continue
        asked_at = held.waits_since or held.made_at
        due.append((held, [mark for mark in HOLD_MARKS if asked_at + mark <= min(act.at, held.expires_at)]))
    kind = ReminderKind.HOLD_WAITS
    known = _known(act, (_once(kind, held.id, _hours(mark)) for held, marks in due for mark in marks))
    for held, passed in due:
        new = [mark for mark in passed if _is_new(act, kind, held.id, _hours(mark), known)]
        if new and new[-1] == passed[-1]:
            shelter_id = recipients.shelter_of_unit(act.session, held.unit_id)
            area = act.session.get_one(Registration, held.registration_id).region
            to = {
                *recipients.staff_of(act.session, shelter_id, act.day),
                *recipients.of_decider(act.session, held.made_by, area, act.day),
            }
            hours, going = _hours(new[-1]), _SendingTimes(act.at, held.expires_at)
            facts = {"hold": held.id, "hours": hours, "due": held.expires_at.isoformat()}
            _mail(act, MessageKind.HOLD_WAITS, to, f"{held.id} {hours}", going, **facts)
        made += len(new)
    return made


def remind_of_stays(act: Act, due: datetime) -> int:
    """Reminds the shelter and the region's coordinators of a long stay: on its review days, and when the obstacle to
    leaving must be asked for again.
    """
    act, made = act.by_the_system(), 0
    _ = due  # `due` is not used: every reminder that became due is found
    in_house = select(Stay, Registration).join(Registration).where(Stay.status == StayStatus.IN_HOUSE)
    found = act.session.exec(in_house.order_by(Stay.id)).all()
    clocks = began_on(act.session, [stay for stay, _ in found])
    readable = [stay for stay, _ in found if is_readable(stay.starts_on, stay.limit_on, stay.blocked_on)]
    marks = {stay.id: _newest_mark(stay, act.day, clocks[stay.id]) for stay in readable}
    kind = ReminderKind.STAY_IS_LONG
    known = _known(act, (_once(kind, stay, str(mark)) for stay, mark in marks.items() if mark is not None))
    for stay, registration in found:
        mark = marks.get(stay.id)
        if mark is None or not _is_new(act, kind, stay.id, str(mark), known):
            continue
        shelter_id = recipients.shelter_of_unit(act.session, stay.unit_id)
        to = {
            *recipients.staff_of(act.session, shelter_id, act.day),
            *recipients.placers_of(act.session, registration.region, act.day),
        }
        going = _SendingTimes(not_at_night(act), act.at + _STAY_FOR)
        _mail(act, MessageKind.STAY_IS_LONG, to, f"{stay.id} {mark}", going, stay=stay.id, day=mark)
        made += 1
    return made


def _newest_mark(stay: Stay, day: date, began_on: date) -> int | None:
    """Returns the newest day on which a reminder was due, as the number of days since `began_on`. Such a day is a
    review day, or a later day on which the obstacle to leaving must be asked for again.
    """
    both = (last_mark(stay, day, began_on), asked_at_mark(stay, day, began_on))
    return max((mark for mark in both if mark is not None), default=None)


def remind_of_counts(act: Act, due: datetime) -> int:
    """Reminds shelters whose count was not fresh at the time `due`. Does nothing if `due` was at least eight hours ago:
    the next regular reminder follows anyway.
    """
    act, made = act.by_the_system(), 0
    if due + _COUNT_FOR <= act.at:
        return 0
    reported = last_confirmed(act.session)
    shelters = act.session.exec(select(Shelter.id).where(has_rooms_to_count()).order_by(Shelter.id)).all()
    kind, mark = ReminderKind.COUNT_IS_MISSING, f"{due.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
    known = _known(act, (_once(kind, shelter_id, mark) for shelter_id in shelters))
    for shelter_id in shelters:
        if (last := reported.get(shelter_id)) is not None and last > due - act.settings.fresh_within:
            continue
        if _is_new(act, kind, shelter_id, mark, known):
            to = set(recipients.staff_of(act.session, shelter_id, act.day))
            going = _SendingTimes(not_at_night(act), due + _COUNT_FOR)
            _mail(act, MessageKind.COUNT_IS_MISSING, to, f"{shelter_id} {mark}", going, shelter=shelter_id)
            made += 1
    return made


def remind_of_keys(act: Act, due: datetime) -> int:
    """Reminds each account whose own API key was used and expires soon. Without a new key, the account's software
    stops.

    Only the account itself can make the next key. A deputy's key would have the rights and name of the deputy, and no
    admin makes keys for other accounts. The keys of a disabled account have already ended.
    """
    act, made = act.by_the_system(), 0
    _ = due  # `due` is not used: every key that ends soon is found
    for key in api_keys.ending_of_accounts(act):
        ends = day_of(key.expires_at).isoformat()
        going = _SendingTimes(not_at_night(act), key.expires_at)
        made += _mail(act, MessageKind.KEY_ENDS, [str(key.account_id)], key.id, going, key=key.id, day=ends)
    return made


def _once(kind: ReminderKind, subject: str, mark: str) -> str:
    return f"{kind} {subject} {mark}"


def _known(act: Act, wanted: Iterable[str]) -> set[str]:
    """Returns the keys of the reminders that already exist. A single SQL statement checks several thousand keys."""
    names, found = list(wanted), set[str]()
    for first in range(0, len(names), _AT_ONCE):
        some = col(Reminder.once).in_(names[first : first + _AT_ONCE])
        found.update(act.session.exec(select(Reminder.once).where(some)))
    return found


def _is_new(act: Act, kind: ReminderKind, subject: str, mark: str, known: Collection[str]) -> bool:
    once = _once(kind, subject, mark)
    if once in known:
        return False
    row = Reminder(id=new_id("E"), once=once, kind=kind, subject_id=subject, mark=mark, made_at=act.at, made_on=act.day)
    new = insert_once(act.session, row)
    if new:
        audit_log.write(act, Event.REMINDED, subject=subject, kind=kind.value, mark=mark)
    return new


def _mail(act: Act, kind: MessageKind, to: Iterable[str], once: str, going: _SendingTimes, **facts: object) -> int:
    accounts = outbox.that_can_sign_in(act.session, set(to))
    return outbox.put(
        act,
        kind,
        f"{kind} {once}",
        accounts=accounts,
        webhooks=(),
        after=going.after,
        until=going.until,
        calls_until=None,
        **facts,
    )


def not_at_night(act: Act) -> datetime:
    """Returns the present time, or the end of the quiet hours if it is night."""
    begins, ends = act.settings.quiet
    if not clock.is_night(act.at, begins, ends):
        return act.at
    here = act.at.astimezone(AMSTERDAM)
    day = day_of(act.at) + timedelta(days=here.hour >= begins)
    return clock.moment_of(day, here.time().replace(hour=ends, minute=0, second=0, microsecond=0))


def _hours(mark: timedelta) -> str:
    return f"{mark / timedelta(hours=1):g}"
