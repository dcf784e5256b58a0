"""The inbox of the register. A new record waits here, without reference, time or sender, until the daily job moves it.

So the register contains only the day of each record. A database dump that is made before the move discloses more: a
transaction number can link the record to a case (`docs/guide/counts.md`).
"""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from random import SystemRandom

from sqlalchemy import delete
from sqlmodel import Session, col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.counts import register
from placement.counts.code_lists import faults_of
from placement.counts.facts import CountFacts
from placement.counts.persons import Person, pseudonym_of
from placement.tables import CountInbox
from placement.tables.count import InboxContent

_RANDOM = SystemRandom()


@needs(Permission.COUNT_SEND)
def send(act: Act, facts: CountFacts, *, unit: str | None = None, person: Person | None = None) -> date:
    """Puts a record into the inbox, and returns the day from which the register contains it. The answer never depends
    on other records. Otherwise a sender could find out who is already in the register. Raises `Invalid` with all
    faults.
    """
    faults = faults_of(facts, act.day)
    if faults:
        raise Invalid(faults)
    put(act.session, [content(act.session, facts, unit, person)])
    audit_log.write(act, Event.COUNT_SENT)
    return act.day + timedelta(days=1)


def content(session: Session, facts: CountFacts, unit: str | None, person: Person | None) -> InboxContent:
    month, of_person = facts.month.replace(day=1), pseudonym_of(session, person)
    return InboxContent(month=month, facts=register.content_of(facts, unit=unit), person=of_person)


def put(session: Session, contents: Sequence[InboxContent]) -> None:
    session.add_all(CountInbox(id=secrets.token_hex(16), content=one) for one in contents)
    session.flush()


def move(act: Act) -> int:
    """Moves all records of the inbox into the register, in random order and in one transaction. Gives each record a
    reference, and today as its day. Returns the number of records.
    """
    rows = list(act.session.exec(select(CountInbox)))
    if not rows:
        return 0
    _RANDOM.shuffle(rows)
    register.add(act.session, act.day, [one.content for one in rows])
    act.session.execute(delete(CountInbox).where(col(CountInbox.id).in_([one.id for one in rows])))
    audit_log.write(act, Event.COUNTS_MOVED, count=len(rows))
    return len(rows)
