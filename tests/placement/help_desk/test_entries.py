"""Entries of the help desk: two persons, versions, past days, the search, and the first texts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.core.enquiry_codes import EntryMark, EntryStatus, Subject
from placement.core.errors import Conflict, Invalid, VersionPassed
from placement.core.rule_codes import RuleKind
from placement.help_desk import entries, first_entries, search
from placement.tables import KnowledgeEntry
from placement.tasks.listing import derive
from tests.support.help_desk import ADVISER, ENTRY
from tests.support.town import DESK, OTHER_DESK, TODAY


def reviewed(town, given=ENTRY, **how):
    made = town.do(entries.write, given, actor=ADVISER)
    town.do(entries.review, made.id, 1, *how.values(), actor=DESK)
    return made.id


def shown(town, day):
    with town.act(ADVISER) as act:
        return [(row.version, row.content.texts["en"]) for row in entries.shown_on(act, day)]


def test_writer_does_not_review_the_own_text(town):
    made = town.do(entries.write, ENTRY, actor=ADVISER)
    with pytest.raises(Conflict, match="entry_own_review"):
        town.do(entries.review, made.id, 1, actor=ADVISER)
    with pytest.raises(Invalid):
        town.do(entries.review, made.id, 1, TODAY, actor=DESK)
    done = town.do(entries.review, made.id, 1, actor=DESK)
    assert (done.status, done.shown_from, done.due_on) == (EntryStatus.SHOWN, TODAY, TODAY + timedelta(days=365))
    with town.database.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM knowledgeentry")).all())
    assert not any(word in stored for word in ("Bedenktijd", "WBV", ADVISER.id))


def test_past_day_shows_what_was_shown_then(town):
    entry = reviewed(town)
    town.later(days=100)
    changed = replace(ENTRY, texts={**ENTRY.texts, "en": "Ninety days."})
    town.do(entries.change, entry, 1, changed, actor=OTHER_DESK)
    now = TODAY + timedelta(days=100)
    assert shown(town, now) == [(1, "Victims get time to reflect.")]
    town.do(entries.review, entry, 2, actor=ADVISER)
    town.later(days=10)
    town.do(entries.end, entry, 2, actor=ADVISER)
    assert shown(town, TODAY - timedelta(days=1)) == []
    assert shown(town, now - timedelta(days=1)) == [(1, "Victims get time to reflect.")]
    assert shown(town, now) == shown(town, now + timedelta(days=9)) == [(2, "Ninety days.")]
    assert shown(town, now + timedelta(days=10)) == []
    with pytest.raises(Conflict, match="entry_ended"):
        town.do(entries.end, entry, 2, actor=DESK)


def test_second_of_two_writers_is_refused(town):
    entry = reviewed(town)
    town.do(entries.change, entry, 1, ENTRY, actor=DESK)
    with pytest.raises(VersionPassed):
        town.do(entries.change, entry, 1, replace(ENTRY, source="another"), actor=OTHER_DESK)
    with pytest.raises(VersionPassed):
        town.do(entries.review, entry, 1, actor=OTHER_DESK)
    town.do(entries.change, entry, 2, replace(ENTRY, source="another"), actor=OTHER_DESK)
    states = {row.version: row.status for row in town.all(select(KnowledgeEntry))}
    assert states == {1: EntryStatus.SHOWN, 2: EntryStatus.REPLACED, 3: EntryStatus.WAITING}


def test_incomplete_version_names_each_fault(town):
    given = replace(
        ENTRY, titles={"nl": "Bedenktijd"}, source=" ", valid_from=TODAY, valid_until=TODAY - timedelta(days=1)
    )
    with pytest.raises(Invalid) as refused:
        town.do(entries.write, given, actor=ADVISER)
    assert {fault.field for fault in refused.value.faults} == {"titles.en", "source", "valid_until"}


def test_review_that_is_due_is_a_task(town):
    reviewed(town, due_on=TODAY + timedelta(days=20))

    def waits(actor):
        with town.act(actor) as act:
            return {one.cause for one in derive(act) if one.kind == "entry"}

    assert waits(ADVISER) == set()
    town.later(days=20)
    assert (waits(ADVISER), waits(DESK)) == (set(), {"due"})
    town.do(entries.write, ENTRY, actor=DESK)
    assert (waits(ADVISER), waits(DESK)) == ({"waiting"}, {"due"})
    [due] = [row for row in town.all(select(KnowledgeEntry)) if row.status is EntryStatus.SHOWN]
    town.do(entries.review, due.id, 1, actor=OTHER_DESK)
    assert waits(DESK) == set()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("slachtoffer", ["Bedenktijd"]),
        ("reflecting", ["Bedenktijd"]),
        ("bedenk", ["Bedenktijd"]),
        ("tijd", ["Bedenktijd"]),
        ("MÉLDEN", ["Meldingen"]),
        ("de en of", []),
        ("bedenktijd meldingen quatsch", ["Bedenktijd", "Meldingen"]),
        ("quatsch", []),
    ],
)
def test_search_finds_stems_beginnings_and_parts(town, typed, found):
    other = replace(ENTRY, titles={"nl": "Meldingen"}, texts={"nl": "Wie er meldt."})
    for given in (ENTRY, other):
        town.do(entries.write, given, actor=ADVISER)
    with town.act(ADVISER) as act:
        rows = search.found(entries.answers(act), typed)
    assert sorted(row.content.titles["nl"] for row in rows) == found


def test_first_texts_are_loaded_once_and_reviewed_by_anybody(town):
    number = len(first_entries.first_entries())
    assert town.do(first_entries.load, actor=ADVISER) == number
    with pytest.raises(Conflict, match="first_entries_loaded"):
        town.do(first_entries.load, actor=DESK)
    rows = town.all(select(KnowledgeEntry))
    assert {row.status for row in rows} == {EntryStatus.WAITING}
    assert {row.content.rule for row in rows} == {*RuleKind, None}
    assert {row.content.mark for row in rows} == set(EntryMark)
    assert {subject for row in rows for subject in row.content.subjects} == set(Subject)
    assert all({*row.content.titles} == {*row.content.texts} == {"nl", "en"} and row.content.source for row in rows)
    assert town.do(entries.review, rows[0].id, 1, actor=ADVISER).status is EntryStatus.SHOWN
