"""The sheet for an outage of network or service: free places, persons on duty, telephone numbers.

The sheet names no client and no case, and is always encrypted for its recipients (tool `age`). It is sent as an
attachment, because a mailbox is readable during an outage and a download is not. It is created when the mail is
written, and is not stored.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from babel.dates import format_datetime as in_words

from placement.accounts import details, organisations
from placement.accounts.number_changes import Telephones
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.overview import UnitCapacity, country
from placement.core import telephone
from placement.core.clock import AMSTERDAM, day_of, moment_of
from placement.core.codes import MessageKind
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.crypto import age
from placement.duty.hours import duty_of
from placement.duty.on_call import on_call
from placement.outbox import outbox, recipients
from placement.text.catalogue import Language, translate
from placement.text.labels import label

AT = time(16, 30)
"""The time of the daily sheet, in Amsterdam: before the desk goes home."""

_OF_USE_FOR = timedelta(hours=7)
"""The time after which an undelivered sheet is useless, so that delivery stops."""


def is_set_up(settings: Settings) -> bool:
    """Checks that recipients of the sheet are set, and that each is a valid public key of the tool `age`."""
    return bool(settings.sheet_for) and not wrong_keys(settings)


def wrong_keys(settings: Settings) -> int:
    """Returns how many of the recipients in the setting are not public keys of the tool `age`."""
    return sum(not age.is_recipient(key) for key in settings.sheet_for)


def put(act: Act, due: datetime) -> int:
    """Puts today's sheet in the outbox, for the desk and the persons on call; returns the number of recipients. Sends
    nothing for a past day. Sends nothing without keys of recipients, because the sheet is never sent unencrypted.
    """
    day = day_of(due)
    if day != act.day or not is_set_up(act.settings):
        return 0
    called = recipients.with_deputies(act.session, on_call(act.session, duty_of(act.settings), act.at), day)
    told = outbox.that_can_sign_in(act.session, {*recipients.desk(act.session, day), *called})
    until = moment_of(day, AT) + _OF_USE_FOR
    made = outbox.put(act, MessageKind.SHEET_MADE, f"sheet {day}", accounts=told, until=until, day=day.isoformat())
    if made:
        audit_log.write(act, Event.SHEET_MADE, on=day.isoformat(), copies=made)
    return made


def encrypted(act: Act, language: Language) -> bytes:
    """Returns the current sheet, encrypted. Raises `Misconfigured` without keys, or for an invalid key."""
    if not is_set_up(act.settings):
        raise Misconfigured("PLACEMENT_SHEET_FOR must name public keys of age (age1...): the sheet is never in clear")
    return age.encrypted_for(act.settings.sheet_for, "\n".join(_lines(act, language)).encode())


def file_name(act: Act) -> str:
    return f"sheet-{act.day}.txt.age"


def _lines(act: Act, language: Language) -> Iterator[str]:
    duty, (begins, ends) = duty_of(act.settings), act.settings.duty_hours
    yield translate("duty_sheet", "title", language, at=_moment(act.at, language))
    yield translate("duty_sheet", "why", language)
    yield from ("", translate("duty_sheet", "duty", language), "")
    yield translate("duty_sheet", "hours", language, begins=begins, ends=ends)
    yield translate("duty_sheet", "next", language, at=_moment(duty.next_beginning(act.at), language))
    called = on_call(act.session, duty, act.at)
    yield translate("duty_sheet", "on_call", language) if called else translate("duty_sheet", "not_on_call", language)
    yield from _people(act, called, language)
    yield translate("duty_sheet", "desk", language)
    yield from _people(act, recipients.desk(act.session, act.day), language)
    yield from _numbers(organisations.telephones_of(organisations.centre(act.session)), language)
    yield from ("", translate("duty_sheet", "shelters", language), "")
    found = country(act)
    numbers = organisations.telephones_of_units(act.session, [row.unit.id for one in found for row in one.units])
    for one in found:
        yield f"{one.shelter.name} ({_counted(one.reported_at, language)})"
        theirs = next((numbers[row.unit.id] for row in one.units if numbers.get(row.unit.id)), {})
        yield from _numbers(theirs, language)
        if not theirs:
            yield f"  {translate('duty_sheet', 'no_number', language)}"
        yield from (_unit(row, language) for row in one.units)
        yield ""
    yield translate("duty_sheet", "end", language)


def _counted(at: datetime | None, language: Language) -> str:
    if at is None:
        return translate("duty_sheet", "never", language)
    return translate("duty_sheet", "count", language, at=_moment(at, language))


def _people(act: Act, accounts: Sequence[str], language: Language) -> Iterator[str]:
    known = details.of_all(act.session, accounts)
    for account in accounts:
        one = known.get(account, details.Details())
        name = one.name or f"{account} ({translate('duty_sheet', 'no_name', language)})"
        said = [name, one.job_title, one.telephone and telephone.shown(one.telephone)]
        yield "  " + ", ".join(part for part in said if part)


def _numbers(numbers: Telephones, language: Language) -> Iterator[str]:
    for use, number in numbers.items():
        yield f"  {telephone.shown(number)}  {label('TelephoneUse', use, language)}"


def _unit(row: UnitCapacity, language: Language) -> str:
    scheme, area = label("Scheme", row.unit.scheme, language), label("Region", row.location.region, language)
    free = translate("duty_sheet", "free", language, free=row.free_now, beds=row.beds, rooms=row.empty_rooms)
    return f"  {row.unit.name}: {scheme}, {area}. {free}"


def _moment(at: datetime, language: Language) -> str:
    return str(in_words(at, "EEEE d MMMM HH:mm", AMSTERDAM, language))
