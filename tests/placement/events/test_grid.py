"""The grid of an event: rows are stored as typed, and complete households become ordinary cases."""

from datetime import timedelta

import pytest

from placement.core.codes import AgeGroup, Gender, Registrant, RegistrationStatus
from placement.events import events, grid, members
from placement.events.beds import beds_tonight
from placement.events.grid import TypedRow
from placement.registrations.related_cases import all_named_by
from tests.support.events import RAID
from tests.support.town import COORDINATOR, OTHER_DESK

PASTED = """\
huishouden\tleeftijd\tgeslacht\tvoogd\tbij elkaar\tuit elkaar
A\t31\tvrouw\tja\tB\t
A\t4\tmeisje\t\t\t
B\t29\tvrouw\t\t\tC
C\tvolwassen\tman\t\t\t
\t140\tman\t\t\t
D\t25\tmarsman\t\t\tQ
"""


@pytest.fixture
def event(town):
    return town.do(events.make, RAID).id


def save(town, event, *rows, **more):
    return town.do(grid.save_rows, event, rows, "nl", **more)


def stored(town, event):
    with town.act() as act:
        return [(row.id, row.version, row.registration_id, row.content) for row in
                events.member_rows(act, events.event_of(act, event))]  # fmt: skip


def faults(town, event):
    return [
        (content.position, fault.column, fault.code) for *_, content in stored(town, event) for fault in content.faults
    ]


def cases(town, event):
    with town.act() as act:
        return [(one.status, one.registrant, [(p.gender, p.age, p.presumed) for p in one.persons],
                 [t.point["place"] for t in one.threats], one.needed_from, [s.code for s in one.languages])
                for one in members.registrations_of(act, events.event_of(act, event))]  # fmt: skip


def test_pasted_rows_become_cases_but_for_wrong_ones(town, event):
    save(town, event, *grid.pasted_rows(PASTED))
    marked = [
        (5, "age", "import_not_within"),
        (6, "gender", "import_code_like"),
        (6, "keep_apart", "member_unknown"),
    ]
    assert faults(town, event) == marked
    assert town.do(grid.register_members, event, "nl") == 3
    assert faults(town, event) == marked
    f, m = Gender.FEMALE, Gender.MALE
    shared = (["Rotterdam"], RAID.day, ["pl"])
    assert cases(town, event) == [
        (RegistrationStatus.OPEN, Registrant.NLA, [(f, 31, None), (f, 4, None)], *shared),
        (RegistrationStatus.OPEN, Registrant.NLA, [(f, 29, None)], *shared),
        (RegistrationStatus.OPEN, Registrant.NLA, [(m, None, AgeGroup.ADULT)], *shared),
    ]
    a, b, c = dict.fromkeys(case for _, _, case, _ in stored(town, event) if case)
    with town.act() as act:
        assert (all_named_by(act, b).stay_with, all_named_by(act, c).keep_apart) == ([a], [b])
    assert town.do(grid.register_members, event, "nl") == 0
    assert all(set(content.cells) <= set(grid.LINKS) for _, _, case, content in stored(town, event) if case)


def test_household_that_comes_on_another_day_has_its_own_day(town, event):
    later = RAID.day + timedelta(days=3)
    names = ("household", "gender", "age", "needed_from")
    rows = [("A", "vrouw", "30", str(later)), ("A", "vrouw", "50", ""), ("B", "man", "30", ""),
            ("C", "man", "20", "31 februari"), ("D", "man", "20", "2020-01-01")]  # fmt: skip
    save(town, event, *(TypedRow(dict(zip(names, row, strict=True))) for row in rows))
    assert [(row, column) for row, column, _ in faults(town, event)] == [(4, "needed_from"), (5, "needed_from")]
    assert town.do(grid.register_members, event, "nl") == 2
    assert [needed_from for *_, needed_from, _ in cases(town, event)] == [later, RAID.day]


def test_contradictory_row_stops_its_own_household_alone(town, event):
    rows = [("A", "vrouw", "30", "B", "B"), ("B", "man", "30", "", ""), ("C", "man", "20", "", "")]
    names = ("household", "gender", "age", "stay_with", "keep_apart")
    save(town, event, *(TypedRow(dict(zip(names, row, strict=True))) for row in rows))
    assert town.do(grid.register_members, event, "nl") == 2
    assert [code for _, _, code in faults(town, event)] == ["apart_and_together"]
    save(town, event, TypedRow({"household": "C", "gender": "v", "age": "3"}))
    assert faults(town, event)[-1][1:] == ("household", "household_is_registered")


def test_two_persons_at_one_grid_lose_no_row(town, event):
    save(town, event, TypedRow({"gender": "vrouw", "age": "30"}), TypedRow({"gender": "man", "age": "3x"}))
    (first, *_), (second, *_) = stored(town, event)
    assert save(town, event, TypedRow({"gender": "man", "age": "31"}, second, 1), actor=OTHER_DESK) == []
    assert save(town, event, TypedRow({"gender": "man", "age": "32"}, second, 1), TypedRow({"age": "9"})) == [second]
    assert [content.cells.get("age") for *_, content in stored(town, event)] == ["30", "31", "9"]
    town.do(grid.register_members, event, "nl")
    assert save(town, event, TypedRow({"gender": "man"}, first, 1)) == [first]
    save(town, event, TypedRow({}, stored(town, event)[2][0], 1))
    assert len(stored(town, event)) == 2


def test_lines_without_headings_have_the_columns_of_the_grid():
    [row] = grid.pasted_rows("A;vrouw;31;ja;Pools, Engels;;Rotterdam")
    assert row.cells == {
        "household": "A", "gender": "vrouw", "age": "31", "guardian": "ja", "spoken": "Pools, Engels",
        "threat": "Rotterdam",
    }  # fmt: skip
    assert grid.pasted_rows("\n \n") == []


@pytest.mark.wide
def test_number_on_top_counts_persons_with_a_bed(town, event):
    client = town.register(persons=((Gender.FEMALE, 30),))
    town.do(members.add_cases, event, [client])
    save(town, event, TypedRow({"gender": "man"}))

    def number(actor):
        with town.act(actor) as act:
            found = beds_tonight(act, events.event_of(act, event))
            return found.with_bed, found.asked, found.without

    assert number(OTHER_DESK) == (0, 0, 2)
    held = town.hold_in(client, "U1-women")
    assert number(OTHER_DESK) == (0, 1, 1)
    town.confirm(held)
    assert number(OTHER_DESK) == (1, 0, 1)
    assert number(COORDINATOR) == (1, 0, 0)
