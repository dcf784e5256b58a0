"""The memory of the report: figures that change late, counts of people by week, waits in weeks."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise, product
from random import Random

import pytest
from msgspec import structs

from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.reports import store as report_store
from placement.reports.build import build
from placement.reports.disclosure_control import HALF, POSSIBLE, STEP, anchored, protect, rounded, rounded_wait
from placement.reports.inputs import read_rows, write_rows
from placement.reports.memory import memory_of, with_memory
from placement.reports.moments import moment_of
from placement.reports.visibility import for_reader
from tests.support.reports.attacker import limits
from tests.support.reports.known_counts import ON, some_day
from tests.support.stores import AT, one_store

READER = Actor("A-1", Role.READER)
COUNT = ("count",)
TO = "\N{EN DASH}"


def text_of(count, anchor, most=0):
    owns = [{COUNT: most}] if most else []
    return protect({COUNT: count}, {}, owns=owns, anchors={COUNT: anchor})[COUNT]


def walk(rng, days=400):
    """Yields a count that moves by at most one a day, with its anchor."""
    count, anchor = rng.randint(0, 20), None
    for _ in range(days):
        count = max(0, count + rng.choice((-1, 0, 1)))
        anchor = anchored(count, anchor)
        yield count, anchor


@pytest.mark.parametrize("seed", range(20))
def test_figure_is_true_and_changes_after_half_a_step(seed):
    days = list(walk(Random(seed)))
    changed_at = days[0][0]
    for (_, before), (count, anchor) in pairwise(days):
        low, high = limits(text_of(count, anchor))
        assert low <= count <= high
        assert -HALF <= count - rounded(anchor) < STEP + HALF
        if rounded(anchor) != rounded(before):
            assert abs(count - changed_at) > STEP / 2
            changed_at = count


def test_change_of_a_figure_leaves_three_counts_possible():
    """Each day's count and anchor; the next day's count is one more or one less."""
    possible = defaultdict(set)
    for anchor, off, move in product(range(60), range(-HALF, HALF + 1), (-1, 1)):
        count = anchor + off + move
        after = anchored(count, anchor)
        if rounded(after) != rounded(anchor):
            possible[rounded(anchor), rounded(after)].add(count)
    assert possible
    assert {len(counts) for (before, after), counts in possible.items() if min(before, after) < 50} == {POSSIBLE}


def test_reader_with_own_part_excludes_no_small_count():
    """Tries all shares, and all anchors that a count can have: the rule itself gives a reader no more."""
    others = defaultdict(set)
    for own, rest, off in product(range(13), range(13), range(-HALF, HALF + 1)):
        if own + rest + off >= 0:
            others[text_of(own + rest, own + rest + off, most=own), own].add(rest)
    assert {known: left for known, left in others.items() if min(left) < STEP and len(left) < POSSIBLE} == {}


def made(town, on, at=None):
    with town.database.transaction() as session:
        return report_store.make(Act(session, SYSTEM, at or moment_of(on), town.settings), on)


@pytest.mark.wide
@one_store
def test_memory_follows_from_the_rows_and_the_report_before(country):
    days = [made(country, AT.date() + timedelta(days=number)) for number in range(9)]
    last = None
    for stored in days:
        rows = read_rows(stored.rows)
        again = with_memory(structs.replace(rows, memory=None), last)
        assert again.memory == rows.memory == memory_of(stored.rows)
        assert report_store.rebuilt(stored) == stored.report
        last = rows.memory
    assert [one.on for one in last.past] == [one.on for one in days]


def test_counts_of_people_are_of_the_first_report_of_a_week():
    rows, _ = some_day(Random(2))
    first = with_memory(rows, None)
    nobody = [structs.replace(rows, on=ON + timedelta(days=number), waiting=()) for number in (5, 6)]  # to Monday
    sunday, monday = (build(with_memory(one, first.memory)) for one in nobody)
    before = build(first)
    assert (sunday.waiting.total, sunday.people_on) == (before.waiting.total, ON) == (str(len(rows.waiting)), ON)
    assert (monday.waiting.total, monday.people_on) == ("<7", ON + timedelta(days=6))
    assert build(with_memory(nobody[0], first.memory), exact=True).waiting.total == "0"


def report_with_waits(*days):
    rows, _ = some_day(Random(1))
    some = rows.waiting[0]
    rows = structs.replace(rows, waiting=tuple(structs.replace(some, region="limburg", days=one) for one in days))
    return build(with_memory(structs.replace(rows, flow=structs.replace(rows.flow, of_readers=None)), None))


@pytest.mark.parametrize(
    ("longest", "shown"),
    [(0, "<7"), (6, "<7"), (7, f"7{TO}13"), (29, f"21{TO}29"), (30, "30+"), (33, "30+"), (400, "30+")],
)
def test_waiting_time_is_shown_in_weeks_up_to_thirty_days(longest, shown):
    waiting = report_with_waits(*[0] * 9, longest).waiting
    assert (waiting.median_days, waiting.longest_days) == ("<7", shown)


@one_store
def test_report_without_memory_is_rounded_for_a_reader_too(country):
    stored = made(country, AT.date())
    old = structs.replace(read_rows(stored.rows), memory=None)
    stored.rows, stored.report = write_rows(old), build(old).model_dump_json()
    seen = report_store.seen_by(READER, stored)
    assert (seen.free.free, [row.kind for row in seen.free.by_kind]) == (5, ["women"])
    assert report_store.rebuilt(stored) == stored.report


def test_report_without_memory_shows_a_reader_waits_in_weeks():
    old = build(some_day(Random(2))[0])
    assert isinstance(old.waiting.longest_days, int)
    assert for_reader(old, READER, None).waiting.longest_days == rounded_wait(old.waiting.longest_days)


def test_new_area_of_this_week_is_hidden_until_monday():
    rows, _ = some_day(Random(3))
    first = with_memory(rows, None)
    more = structs.replace(rows, on=ON + timedelta(days=1), areas=(*rows.areas, ("new", "New")))
    report = build(with_memory(more, first.memory))
    assert [(row.waiting, row.past) for row in report.regions if row.region == "new"] == [("hidden", "hidden")]
