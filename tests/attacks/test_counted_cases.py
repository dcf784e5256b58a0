"""A dump without keys joins no case with its count record or with the call with which it began. The day is known.

For minutes after an act its transaction joins them in PostgreSQL. Both guides name it.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from sqlmodel import select

from placement.core.context import SYSTEM
from placement.core.enquiry_codes import Advice, Became, EnquiryStatus, Subject
from placement.counts import inbox
from placement.counts.persons import Person
from placement.help_desk import enquiries
from placement.registrations import registrations
from placement.tables import CountInbox, CountRecord
from tests.support.attacks.any_column import Found
from tests.support.attacks.dump import Dump, dump_of, in_clear
from tests.support.attacks.interval import minutes_pass
from tests.support.attacks.record_joiner import Joined, RecordJoiner
from tests.support.counts import facts
from tests.support.help_desk import CALL, OPEN
from tests.support.stores import each_store
from tests.support.town import TODAY, F, case_of, facts_of, person_of, town_of

DAYS, CASES, OTHERS = 4, 6, 6
"""Days, the cases of each, and its calls and counts that belong to no case."""
SURE = 0.999


@dataclass(frozen=True)
class Day:
    """The call and the mark of the count record of each case; every call of the day, and the marks of all counts."""

    cases: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Filled:
    """`evening`: a dump of the last day, before the daily job; `inbox`: the rows of its inbox by mark."""

    days: list[Day]
    evening: Dump
    inbox: dict[str, str]
    last: Dump
    opened: Dump
    references: dict[str, str]

    def by_call(self, dump: Dump, days: list[Day]) -> Found:
        joined = [Joined(case, call, day.calls) for day in days for case, (call, _) in day.cases.items()]
        return RecordJoiner(dump, joined, "enquiry", "id").tried_on_both_halves()

    def by_count(self, dump: Dump, table: str, key: str, names: dict[str, str], days: list[Day]) -> Found:
        among = [(day, [names[mark] for mark in day.marks]) for day in days]
        joined = [Joined(case, names[mark], rows) for day, rows in among for case, (_, mark) in day.cases.items()]
        return RecordJoiner(dump, joined, table, key).tried_on_both_halves()


@pytest.fixture
def filled(stores):
    """Lives some days at the desk: calls, of which some become a registration and a count record minutes later."""
    town = town_of(stores)
    chance, days, evening, waiting = Random(7), [], Dump(), {}
    for number in range(DAYS):
        days.append(_day(town, chance, number))
        with town.act() as act:
            evening = dump_of(act.session)
            waiting = {row.content.facts.unit: row.id for row in act.session.exec(select(CountInbox))}
        town.later(hours=20)
        town.do(inbox.move, actor=SYSTEM)
    minutes_pass(town, town.at)
    with town.act() as act:
        last = dump_of(act.session)
        opened = in_clear(act.session, last, "enquiry.content", "registration.content")
        references = {row.content.unit: row.reference for row in act.session.exec(select(CountRecord))}
    return Filled(days, evening, waiting, last, opened, references)


def _day(town, chance: Random, number: int) -> Day:
    day = Day()
    for place, is_case in enumerate(chance.sample([True] * CASES + [False] * OTHERS, CASES + OTHERS)):
        call, mark = _call(town, chance, is_case=is_case), f"{number}-{place}"
        town.later(minutes=chance.randint(2, 6))
        with town.act() as act:
            if is_case:
                case = case_of(facts_of({}), persons=[person_of((F, 30), [])])
                day.cases[registrations.register(act, case).id] = call, mark
            person = Person(f"Merel {chance.randint(0, 10**9)}", TODAY) if chance.random() < 0.5 else None
            inbox.send(act, facts(age=chance.choice(["18-23", "24-29"])), unit=mark, person=person)
        day.calls.append(call)
        day.marks.append(mark)
        town.later(minutes=chance.randint(3, 20))
    return day


def _call(town, chance: Random, *, is_case: bool) -> str:
    one = town.do(enquiries.make, OPEN)
    town.later(minutes=chance.randint(1, 5))
    said: dict[str, Any] = {"subjects": chance.sample(list(Subject), chance.randint(1, 4))}
    said |= {"advised": chance.sample(list(Advice), chance.randint(1, 3)), "note": "x" * chance.randint(1, 400)}
    became = Became.REGISTRATION if is_case else None
    town.do(enquiries.change, one.id, 1, replace(CALL, status=EnquiryStatus.DONE, became=became, **said))
    return str(one.id)


@pytest.mark.wide
@each_store
def test_dump_joins_no_case_with_a_count_or_a_call(filled):
    known = filled.by_call(filled.opened, filled.days)
    assert not known.is_within_chance(SURE), f"the attacker does not know how to win: {known}"
    for found in (
        filled.by_call(filled.last, filled.days),
        filled.by_count(filled.last, "countrecord", "reference", filled.references, filled.days),
    ):
        assert found.is_within_chance(SURE), found


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_transaction_joins_case_with_count_and_call_for_minutes(filled):
    """Named open in both guides: the rows of cases were not yet written anew on this evening."""
    today = filled.days[-1:]
    for found in (
        filled.by_count(filled.evening, "countinbox", "id", filled.inbox, today),
        filled.by_call(filled.evening, today),
    ):
        assert found.one == found.clients == CASES, found
