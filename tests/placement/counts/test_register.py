"""The count register: what is counted, now and on a past day."""

from datetime import date, timedelta

from sqlalchemy import text

from placement.core.count_codes import CountStatus
from placement.counts import register
from placement.tables import CountRecord
from tests.support.counts import FACTS, facts, inbox_content
from tests.support.stores import AT

DAY, YEAR = AT.date(), (date(2026, 1, 1), date(2026, 12, 31))


def test_facts_between_are_those_that_were_added(empty):
    last_year = facts(month=date(2025, 12, 1))
    with empty.database.transaction() as session:
        references = register.add(session, DAY, map(inbox_content, (FACTS, last_year)))
    assert len(set(references)) == 2
    with empty.database.transaction() as session:
        assert register.facts_between(session, *YEAR) == [FACTS]
        assert register.facts_between(session, date(2025, 12, 1), YEAR[1]) != [FACTS]
        stored = session.execute(text("SELECT content FROM countrecord")).scalars().all()
    assert {one.partition(":")[0] for one in stored} == {f"counts-{DAY.year}"}
    assert len({len(one) for one in stored}) == 1
    assert "construction" not in str(stored)


def test_register_of_a_past_day_is_as_it_was_at_its_end(empty):
    with empty.database.transaction() as session:
        [reference] = register.add(session, DAY, [inbox_content(FACTS)])
    later = DAY + timedelta(days=9)
    with empty.database.transaction() as session:
        first = session.get_one(CountRecord, (reference, 1))
        first.until_on = later
        corrected = inbox_content(facts(gender="female")).facts
        facts_of_row = {"month": first.month, "from_on": later, "content": corrected}
        session.add(CountRecord(reference=reference, version=2, status=CountStatus.VALID, **facts_of_row))
    with empty.database.transaction() as session:
        genders = [
            [one.gender for one in register.facts_between(session, *YEAR, as_of=as_of)]
            for as_of in (AT - timedelta(days=1), AT, AT + timedelta(days=8), AT + timedelta(days=9), None)
        ]
    assert genders == [[], ["male"], ["male"], ["female"], ["female"]]


def test_merged_and_withdrawn_records_are_not_counted(empty):
    with empty.database.transaction() as session:
        for number, status in enumerate(CountStatus):
            row = {"month": FACTS.month, "from_on": DAY, "content": inbox_content(FACTS).facts}
            session.add(CountRecord(reference=f"B-{number}", status=status, **row))
    with empty.database.transaction() as session:
        assert register.facts_between(session, *YEAR) == [FACTS]
