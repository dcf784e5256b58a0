"""The free beds of other regions: in groups that hide each unit, in bands, and half an hour to two hours old."""

from datetime import timedelta
from itertools import pairwise

import pytest

from placement.capacity import elsewhere, history, report
from placement.capacity.elsewhere import LEAST_DELAY, LEAST_UNITS, MOST_DELAY, Group, groups_of
from placement.capacity.report import RoomInput
from placement.core.codes import Region, Scheme
from placement.core.place_codes import FreeBand
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, ROOMS, shelter

STEP = timedelta(minutes=5)
LATEST = elsewhere.EVERY + MOST_DELAY


def country_of(**kinds):
    """Returns the kinds of so many units: `limburg_omm=2`."""
    units = [name.rsplit("_", 1) for name, number in kinds.items() for _ in range(number)]
    return {
        f"U{number}": (Region(region.replace("_", "-")), Scheme(scheme))
        for number, (region, scheme) in enumerate(units)
    }


def sizes(kinds):
    groups = groups_of(kinds)
    assert groups.keys() == kinds.keys()
    return {group: [*groups.values()].count(group) for group in groups.values()}


def test_kind_with_enough_units_is_a_group_of_its_own():
    assert sizes(country_of(limburg_omm=LEAST_UNITS)) == {Group(Region.LIMBURG, Scheme.OMM): LEAST_UNITS}


def test_small_kinds_of_a_region_are_one_group():
    assert sizes(country_of(limburg_omm=2, limburg_cosm=1, amsterdam_omm=3)) == {
        Group(Region.LIMBURG, None): 3,
        Group(Region.AMSTERDAM, Scheme.OMM): 3,
    }


def test_group_of_several_regions_hides_units_from_each_of_them():
    """A reader who sees two of three by name would know the third."""
    assert sizes(country_of(limburg_omm=2, amsterdam_omm=1)) == {Group(None, None): 3}
    apart = country_of(limburg_omm=1, amsterdam_omm=1, rotterdam_omm=1, rotterdam_cosm=1, oost_nederland_omm=1)
    assert sizes(apart)[Group(None, Scheme.OMM)] == 4


def test_groups_are_the_same_for_every_reader(town):
    found = []
    for actor in (COORDINATOR, ELSEWHERE):
        with town.act(actor) as act:
            found.append(elsewhere.groups_for(act))
    assert found[0] == found[1] != {}
    with town.act(DESK) as act:
        assert elsewhere.groups_for(act) == {}


@pytest.mark.parametrize(
    ("before", "beds", "shown"),
    [
        (None, 3, "some"),
        ("few", 3, "few"),
        ("few", 4, "some"),
        ("some", 2, "some"),
        ("some", 1, "few"),
        ("few", 9, "many"),
    ],
)
def test_band_changes_only_past_its_border(before, beds, shown):
    assert elsewhere._moved(before, beds) == shown


def count(town, *, free):
    """Reports every room as free, or as out of service."""
    for name, rooms in ROOMS.items():
        out = [RoomInput(room, out_of_service=0 if free else beds) for room, beds in rooms.items()]
        town.do(report.report_capacity, name, out, actor=shelter(name))


def seen(town):
    with town.act(ELSEWHERE) as act:
        return {band for _, band in elsewhere.rows(act)}


def first_seen(town, band):
    """Returns the time until a change is shown; looks happen every half hour, from now on."""
    passed = timedelta(0)
    while seen(town) != {band}:
        if passed % elsewhere.EVERY == timedelta(0):
            town.do(elsewhere.look)
        town.at += STEP
        passed += STEP
        assert passed < timedelta(hours=5)
    return passed


def delays(town):
    """Returns the time until each of ten changes is shown."""
    found = []
    for number in range(10):
        count(town, free=bool(number % 2))
        found.append(first_seen(town, FreeBand.MANY if number % 2 else FreeBand.FEW))
        town.at += elsewhere.EVERY - found[-1] % elsewhere.EVERY
    return found


@pytest.mark.wide
def test_change_is_shown_half_an_hour_to_two_hours_later(town):
    count(town, free=True)
    assert seen(town) == {None}
    assert first_seen(town, FreeBand.MANY) >= LEAST_DELAY
    found = delays(town)
    assert all(LEAST_DELAY <= one <= LATEST for one in found)
    assert len(set(found)) > 1, "the delay is random"


@pytest.mark.wide
def test_board_without_a_delay_is_found(town, monkeypatch):
    monkeypatch.setattr(elsewhere, "delay", lambda: timedelta(0))
    count(town, free=True)
    assert first_seen(town, FreeBand.MANY) < LEAST_DELAY
    assert min(delays(town)) < LEAST_DELAY


def test_looks_are_shown_in_the_order_in_which_they_were_taken(town, monkeypatch):
    monkeypatch.setattr(elsewhere, "delay", iter([MOST_DELAY, LEAST_DELAY]).__next__)
    for free in (True, False):
        count(town, free=free)
        town.do(elsewhere.look)
        town.at += elsewhere.EVERY
    assert seen(town) == {FreeBand.FEW}
    town.at += MOST_DELAY
    assert seen(town) == {FreeBand.FEW}


def test_history_of_other_regions_is_by_week_and_band(town):
    count(town, free=True)
    town.at += timedelta(days=16)
    with town.act(ELSEWHERE) as act:
        weeks = history.for_reader(act)
    with town.act(DESK) as act:
        days = history.for_reader(act)
    assert len(days.days) == history.DAYS
    assert not days.elsewhere
    assert {day.isoweekday() for day in weeks.days} == {history.SUNDAY}
    assert all(later - day == timedelta(days=7) for day, later in pairwise(weeks.days))
    assert weeks.days[-1] < act.day
    assert weeks.free == {}
    assert [row[-1] for row in weeks.elsewhere.values()] == [FreeBand.MANY]


def test_own_units_are_shown_by_name_with_weeks_alone(town):
    count(town, free=True)
    town.at += timedelta(days=16)
    region = Region("noord-holland")
    with town.act(type(ELSEWHERE)(ELSEWHERE.id, ELSEWHERE.role, regions=frozenset({region}))) as act:
        found = history.for_reader(act)
    assert found.free.keys() == {"U1-women", "U2-family"}
    assert {len(row) for row in found.free.values()} == {len(found.days)} != {history.DAYS}
