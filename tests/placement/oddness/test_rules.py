"""Rules for odd requests for an address: each figure from its facts, each limit, and the sum of points."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from placement.oddness.conduct import Conduct, Disclosed, Facts, figures
from placement.oddness.rules import ENOUGH, ODD_RULES, odd

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = Conduct(**{one.name: 0 for one in fields(Conduct)})


def seen(**facts):
    """Returns the figures that differ from those of a person without a past."""
    found = figures(AT, Facts("H-now", **facts))
    return {one.name: value for one in fields(Conduct) if (value := getattr(found, one.name))}


def read(days, *, arrived=None, is_over=False, hold="H-1"):
    at = AT - days * DAY
    return Disclosed(hold, at, None if arrived is None else at + arrived, is_over)


@pytest.mark.parametrize("rule", ODD_RULES, ids=lambda rule: rule.code)
def test_rule_applies_only_above_its_limit(rule):
    for figure, applies in ((rule.most, False), (rule.most + 1, True)):
        assert rule.applies(Conduct(**{one.name: 0 for one in fields(Conduct)} | {rule.code: figure})) is applies


def test_request_is_odd_from_three_points_on():
    for rules in (["in_a_day", "night"], ["in_house", "new_browser"]):
        assert odd(Conduct(**{one.name: int(one.name in rules) for one in fields(Conduct)})) == []
    for rules in (["canary"], ["useless"], ["in_a_day", "in_house", "new_browser"]):
        assert odd(Conduct(**{one.name: int(one.name in rules) for one in fields(Conduct)})) == rules
    assert odd(NOTHING) == []
    assert {rule.points for rule in ODD_RULES} <= {*range(1, ENOUGH + 1)}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"disclosed": [read(3, hold="H-now")]}, {}),
        ({"disclosed": [read(3)]}, {"unproven": 1}),
        ({"disclosed": [read(3, is_over=True)]}, {"unproven": 1, "useless": 1}),
        ({"disclosed": [read(29, is_over=True)]}, {"unproven": 1}),
        ({"disclosed": [read(181, is_over=True)]}, {}),
        ({"disclosed": [read(3, arrived=HOUR)]}, {}),
        ({"disclosed": [read(3, arrived=-23 * HOUR)]}, {}),
        ({"disclosed": [read(3, arrived=-25 * HOUR)]}, {"unproven": 1, "useless": 1}),
        ({"disclosed": [read(3, arrived=HOUR), read(4, hold="H-2")]}, {}),
        ({"disclosed": [read(0.9, arrived=HOUR)]}, {"in_a_day": 1}),
        ({"refused": [AT - 6 * DAY, AT - 8 * DAY]}, {"refused": 1}),
        ({"new_browsers": [AT - 2 * DAY]}, {"new_browser": 1}),
        ({"new_browsers": [AT - 4 * DAY]}, {}),
        ({"arrived_at": AT - 23 * HOUR}, {}),
        ({"arrived_at": AT - 25 * HOUR}, {"in_house": 1}),
        ({"denied": [AT - 27 * DAY, AT - 29 * DAY]}, {"denied": 1}),
        ({"at_night": True, "is_canary": True}, {"night": 1, "canary": 1}),
    ],
)
def test_figures_follow_from_the_facts(facts, found):
    assert seen(**facts) == found


def test_confirmed_call_ends_what_was_before_it():
    before = {
        "disclosed": [read(3, is_over=True)],
        "refused": [AT - 6 * DAY],
        "new_browsers": [AT - 2 * DAY],
    }
    assert len(seen(**before)) == 4
    assert seen(**before, sure_at=AT - DAY) == {}
    assert seen(**before, sure_at=AT - DAY, is_canary=True) == {"canary": 1}
