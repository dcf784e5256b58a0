"""The register of count records: its content now, and its content on a past day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from placement.core.clock import day_of
from placement.core.count_codes import CountStatus
from placement.core.ids import new_id
from placement.counts.facts import CountFacts
from placement.tables import CountRecord
from placement.tables.count import CountContent, InboxContent

REFERENCE = "B"
"""The letter with which references of count records begin."""
_OF_CONTENT = tuple(name for name in CountFacts.__struct_fields__ if name != "month")
_LISTS = ("means", "recruitment")


def facts_between(session: Session, first: date, last: date, *, as_of: datetime | None = None) -> list[CountFacts]:
    """Returns the facts of the valid records whose month begins in these days, in random order. Leaves out records that
    were merged into another record, so that a person is counted once. `as_of`: the state of the register at the end of
    this day; `None`: the present state.
    """
    day = None if as_of is None else day_of(as_of)
    within = col(CountRecord.month) >= first, col(CountRecord.month) <= last
    found = session.exec(select(CountRecord).where(*within, *valid_on(day)))
    return [facts_of(one.month, one.content) for one in found]


def valid_on(day: date | None) -> tuple[ColumnElement[bool], ...]:
    """Returns the SQL conditions for the versions that were counted at the end of this day; `None`: now."""
    return (col(CountRecord.status) == CountStatus.VALID, *present_on(day))


def present_on(day: date | None) -> tuple[ColumnElement[bool], ...]:
    """Returns the SQL conditions for each record's newest version at the end of this day; `None`: now."""
    if day is None:
        return (col(CountRecord.until_on).is_(None),)
    until = col(CountRecord.until_on)
    return col(CountRecord.from_on) <= day, or_(until.is_(None), until > day)


def facts_of(month: date, content: CountContent) -> CountFacts:
    facts = {name: getattr(content, name) for name in _OF_CONTENT}
    return CountFacts(month=month, **(facts | {name: tuple(facts[name]) for name in _LISTS}))


def content_of(facts: CountFacts, *, unit: str | None = None) -> CountContent:
    """Returns the content of a record with these facts. Codes in lists are sorted, without duplicates."""
    given = {name: getattr(facts, name) for name in _OF_CONTENT}
    return CountContent(**(given | {name: sorted(set(given[name])) for name in _LISTS}), unit=unit)


def add(session: Session, day: date, contents: Iterable[InboxContent]) -> Sequence[str]:
    """Adds a valid record for each content, and returns the new references. `day`: the day that the records get."""
    made = [
        CountRecord(
            reference=new_id(REFERENCE),
            status=CountStatus.VALID,
            month=one.month.replace(day=1),
            from_on=day,
            person=one.person,
            content=one.facts,
        )
        for one in contents
    ]
    session.add_all(made)
    session.flush()
    return [one.reference for one in made]
