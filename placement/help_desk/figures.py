"""The figures of a month: the callers, the subjects, the length of calls, and the number of second calls."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.enquiry_codes import Became, EnquiryStatus
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Enquiry
from placement.tables.help_desk import EnquiryContent

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Share:
    """The number of enquiries with a certain code, and the minutes that they took. An enquiry about two subjects is
    counted for both subjects.
    """

    code: str
    calls: int
    minutes: int


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The figures of a month. `second_calls`: enquiries whose caller had called before, or had to be called back.
    `unfinished`: enquiries of the month that are not done; all other figures leave them out.
    """

    begins_on: date
    ends_on: date
    calls: int
    minutes: int
    urgent: int
    second_calls: int
    registrations: int
    unfinished: int
    askers: Sequence[Share]
    regions: Sequence[Share]
    subjects: Sequence[Share]
    advised: Sequence[Share]


@needs(Permission.ENQUIRY_FIGURES)
def of_month(act: Act, day: date) -> MonthFigures:
    """Returns the figures of the month of this day. Writes an audit event."""
    first, last = month_of(day)
    audit_log.write(act, Event.ENQUIRIES_LISTED, month=f"{first:%Y-%m}")
    within = col(Enquiry.on) >= first, col(Enquiry.on) <= last
    rows = [row for row in act.session.exec(select(Enquiry).where(*within)) if is_readable(row.content)]
    done = [row.content for row in rows if row.status is EnquiryStatus.DONE]
    return MonthFigures(
        begins_on=first,
        ends_on=last,
        calls=len(done),
        minutes=sum(one.minutes or 0 for one in done),
        urgent=sum(one.urgent for one in done),
        second_calls=sum(one.again or one.called_back_at is not None for one in done),
        registrations=sum(Became.REGISTRATION in one.became for one in done),
        unfinished=len(rows) - len(done),
        askers=_shares(done, "asker"),
        regions=_shares(done, "region"),
        subjects=_shares(done, "subjects"),
        advised=_shares(done, "advised"),
    )


def month_of(day: date) -> tuple[date, date]:
    """Returns the first and the last day of the calendar month."""
    first = day.replace(day=1)
    following = first.replace(year=first.year + first.month // _MONTHS, month=first.month % _MONTHS + 1)
    return first, following - timedelta(days=1)


def _shares(done: Iterable[EnquiryContent], name: str) -> list[Share]:
    calls: Counter[str] = Counter()
    minutes: Counter[str] = Counter()
    for one in done:
        found = getattr(one, name)
        for code in found if isinstance(found, list) else [found] if found else []:
            calls[code] += 1
            minutes[code] += one.minutes or 0
    return [Share(str(code), number, minutes[code]) for code, number in sorted(calls.items(), key=_most_first)]


def _most_first(one: tuple[str, int]) -> tuple[int, str]:
    return -one[1], one[0]
