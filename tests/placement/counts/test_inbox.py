"""The inbox of counts: sealed, without reference or moment, and moved once a day with the day alone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.core.errors import Conflict, Invalid, NotAllowed, VersionPassed
from placement.counts import corrections, inbox, reading, register
from placement.counts.persons import Person
from placement.jobs import periodic
from placement.retention import job
from placement.retention.schedule import kind_named
from placement.tables import CountInbox, CountRecord
from tests.support.audit_log import logged
from tests.support.counts import FACTS, facts
from tests.support.stores import AT

DAY = AT.date()
REGISTRAR = Actor("A-registrar", Role.REGISTRAR, session_id="Z")
DESK = Actor("A-desk", Role.DESK, session_id="Z")
PERSON = Person("Zilveren Merel", date(1999, 5, 1))
YEAR = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def acts(empty):
    """Carries out a verb in a transaction of its own. `days`: so many days after the first."""

    def do(verb, *args, actor=REGISTRAR, days=0, **given):
        with empty.database.transaction() as session:
            return verb(Act(session, actor, AT + timedelta(days=days), empty.settings), *args, **given)

    do.store = empty
    return do


def register_of(acts, *sent, days=1):
    """Sends records, moves the inbox, and returns the references in the order of the facts' means."""
    for one, person in sent:
        acts(inbox.send, one, person=person)
    acts(inbox.move, actor=SYSTEM, days=days)
    with acts.store.database.transaction() as session:
        rows = session.exec(select(CountRecord).where(CountRecord.until_on == None)).all()  # noqa: E711 - SQL
        return {row.content.age: row.reference for row in rows}


def test_sent_record_is_sealed_and_in_no_register_until_tomorrow(acts):
    assert acts(inbox.send, FACTS, unit="amsterdam", person=PERSON, actor=DESK) == DAY + timedelta(days=1)
    with acts.store.database.transaction() as session:
        assert register.facts_between(session, *YEAR) == []
        [(name, stored)] = session.execute(text("SELECT id, content FROM countinbox")).all()
        columns = list(session.execute(text("SELECT * FROM countinbox")).keys())
        [row] = session.exec(select(CountInbox)).all()
        assert row.content.facts.unit == "amsterdam"
        assert "Merel" not in row.content.model_dump_json()
    assert columns == ["id", "content"]
    assert stored.startswith("counts-inbox:")
    assert len(name) == 32


def test_moved_records_have_the_day_alone_and_new_references(acts):
    before = {}
    for number in range(12):
        acts(inbox.send, facts(age="30-39" if number % 2 else "40-49"))
    with acts.store.database.transaction() as session:
        before = set(session.exec(select(CountInbox.id)).all())
    assert acts(inbox.move, actor=SYSTEM, days=1) == 12
    assert acts(inbox.move, actor=SYSTEM, days=1) == 0
    with acts.store.database.transaction() as session:
        rows = session.exec(select(CountRecord)).all()
        assert session.exec(select(CountInbox)).all() == []
        [moved] = logged(session, event="count:moved")
        assert len(register.facts_between(session, *YEAR)) == 12
    assert {row.from_on for row in rows} == {DAY + timedelta(days=1)}
    assert not before & {row.reference for row in rows}
    assert moved.facts == {"count": 12}


def test_daily_job_moves_the_inbox_once_a_day():
    [job] = [one for one in periodic.JOBS if one.name == "move_counts"]
    assert (job.every, job.run) == (timedelta(days=1), inbox.move)


def test_wrong_record_is_refused_with_every_fault(acts):
    with pytest.raises(Invalid) as refused:
        acts(inbox.send, facts(age="90", ground="none"))
    assert {one.field for one in refused.value.faults} == {"age", "ground"}
    with acts.store.database.transaction() as session:
        assert session.exec(select(CountInbox)).all() == []


def test_double_is_shown_the_next_day_and_never_in_an_answer(acts):
    same = Person("merel, ZILVEREN", PERSON.born_on)
    first = acts(inbox.send, FACTS, person=PERSON)
    assert acts(inbox.send, facts(gender="female"), person=same) == first
    acts(inbox.send, FACTS, person=Person("Zilveren Merel", date(1999, 5, 2)))
    acts(inbox.send, FACTS)
    assert acts(reading.doubles) == ([], 0)
    acts(inbox.move, actor=SYSTEM, days=1)
    [pair], number = acts(reading.doubles, days=1)
    assert number == 1
    assert {one.content.gender for one in pair} == {"male", "female"}
    with acts.store.database.transaction() as session:
        stored = str(session.execute(text("SELECT * FROM countrecord")).all())
    assert "erel" not in stored
    assert "1999" not in stored


def test_merged_double_is_counted_once_and_keeps_its_history(acts):
    found = register_of(acts, (facts(age="18-23"), PERSON), (facts(age="24-29"), PERSON))
    old, kept = found["18-23"], found["24-29"]
    acts(corrections.merge, old, 1, kept, "the same person", days=3)
    assert acts(reading.doubles, days=3) == ([], 0)
    with acts.store.database.transaction() as session:
        assert [one.age for one in register.facts_between(session, *YEAR)] == ["24-29"]
        assert len(register.facts_between(session, *YEAR, as_of=AT + timedelta(days=2))) == 2
    newest, first = acts(reading.versions, old, days=3)
    assert (newest.into, newest.content.reason, newest.content.changed_by) == (kept, "the same person", REGISTRAR.id)
    assert (first.version, first.until_on, first.content.changed_by) == (1, DAY + timedelta(days=3), None)
    for verb, given, error in (
        (corrections.withdraw, (kept, 1, "-"), Conflict),  # it stands for the other
        (corrections.change, (old, 2, {"age": "50+"}, "-"), Conflict),  # it is not counted any more
        (corrections.merge, (kept, 1, old, "-"), Invalid),
        (corrections.merge, (kept, 1, kept, "-"), Invalid),
    ):
        with pytest.raises(error):
            acts(verb, *given, days=3)


def test_kind_of_file_is_changed_by_hand_and_the_past_stays(acts):
    [reference] = register_of(acts, (FACTS, None)).values()
    acts(corrections.change, reference, 1, {"file": "with_shelter"}, "a bed was asked for", days=5)
    with acts.store.database.transaction() as session:
        files = [
            [one.file for one in register.facts_between(session, *YEAR, as_of=as_of)]
            for as_of in (AT + timedelta(days=4), AT + timedelta(days=5))
        ]
    assert files == [["count_only"], ["with_shelter"]]
    with pytest.raises(VersionPassed):
        acts(corrections.change, reference, 1, {"file": "with_advice"}, "-", days=5)
    with pytest.raises(Invalid):
        acts(corrections.change, reference, 2, {"file": "with_shelter"}, "-", days=5)
    with pytest.raises(Invalid):
        acts(corrections.change, reference, 2, {"sector": "none"}, "-", days=5)
    with pytest.raises(NotAllowed):
        acts(corrections.change, reference, 2, {"file": "with_advice"}, "-", actor=DESK, days=5)


def test_record_of_another_person_is_not_compared_any_more(acts):
    found = register_of(acts, (facts(age="18-23"), PERSON), (facts(age="24-29"), PERSON))
    acts(corrections.tell_apart, found["18-23"], 1, "two sisters", days=2)
    assert acts(reading.doubles, days=2) == ([], 0)
    with pytest.raises(Conflict):
        acts(corrections.tell_apart, found["18-23"], 2, "-", days=2)


def test_pseudonyms_end_before_the_records_do(acts):
    register_of(acts, (FACTS, PERSON))
    for name, days, left in (("count_persons", 731, (1, None)), ("count_records", 7306, (0, None))):
        acts(job.erase_due, kind_named(name), actor=SYSTEM, days=days - 2)
        acts(job.erase_due, kind_named(name), actor=SYSTEM, days=days)
        with acts.store.database.transaction() as session:
            rows = session.exec(select(CountRecord)).all()
            assert (len(rows), rows[0].person if rows else None) == left
