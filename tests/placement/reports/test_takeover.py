"""Clients who were taken over: counted by place and length of stay, and never as an arrival or a registration."""

from datetime import timedelta

import pytest
from msgspec import structs

from placement.reports.collect import rows_at
from placement.reports.inputs import Left, Span, StayRow, read_rows
from placement.reports.sections import forecast
from tests.support.town import TODAY

NEXT_WEEK = TODAY + timedelta(days=7)


def rows_on(town, on):
    with town.act() as act:
        return rows_at(act.session, town.settings, on)


@pytest.mark.parametrize("ago", [0, 40])
def test_takeover_is_in_no_figure_of_flow(town, ago):
    """Not in the week in which it was entered, nor in that in which the client came or began to wait."""
    town.take_over(ago=ago)
    town.take_over_waiting(ago=ago)
    for on in (NEXT_WEEK, NEXT_WEEK - timedelta(days=ago)):
        flow = rows_on(town, on).flow
        assert (flow.registered, flow.arrived, flow.decisions) == (0, 0, {})


@pytest.mark.wide
def test_flow_counts_a_stay_that_follows_a_takeover(town):
    stay = town.take_over(ago=40)
    town.end(stay, "moved_for_safety")
    town.house(town.one("stay", stay).registration_id)
    flow = rows_on(town, NEXT_WEEK).flow
    assert (flow.registered, flow.arrived, flow.end_reasons) == (0, 1, {"moved_for_safety": 1})


def test_takeover_is_in_use_and_has_its_real_length(town):
    town.take_over("U1-women", "R2", ago=40)
    rows = rows_on(town, TODAY + timedelta(days=1))
    [unit] = [one for one in rows.units if one.unit == "U1-women"]
    assert [(room.used, room.held, room.free) for room in unit.rooms] == [(0, 0, 2), (1, 0, 0)]
    assert rows.stays == (StayRow("U1-women", "amsterdam", 41, 90, 1, "none_named"),)
    assert rows.spans == (Span("cosm", 41, False, 1, 40),)
    assert rows.waiting == ()


def test_waiting_client_counts_with_the_days_since(town):
    town.take_over_waiting(ago=12)
    assert [row.days for row in rows_on(town, TODAY + timedelta(days=1)).waiting] == [13]


def test_end_of_a_takeover_is_foreseen_by_no_earlier_report(town):
    """A forecast of a day before the take-over did not know of the stay."""
    stay = town.take_over(ago=40)
    town.later(days=5)
    town.end(stay)
    rows = rows_on(town, TODAY + timedelta(days=6))
    assert rows.left == (Left("U1-women", TODAY, TODAY + timedelta(days=5), 1),)
    assert rows.spans == (Span("cosm", 45, True, 1, 40),)


def test_stay_entered_today_is_no_length_to_forecast_from(town):
    town.take_over(ago=40)
    rows = rows_on(town, TODAY)
    assert rows.spans == (Span("cosm", 40, False, 1, 40),)
    many = (*rows.spans, Span("cosm", 40, True, forecast.LEAST_ENDED, 40))
    assert all(row.likely is None for row in forecast.forecast(structs.replace(rows, spans=many)).by_kind)


def test_rows_frozen_before_takeovers_are_read():
    frozen = '{"scheme":"cosm","days":5,"ended":true,"count":2}'
    written = '{"on":"2026-11-24","as_of":"2026-11-24T06:00:00Z","late":false,"shelters":[],"units":[],"waiting":[],'
    written += '"extras":[],"flow":{"begins_on":"2026-11-16","registered":0,"arrived":0,"expired":0,"decisions":{},'
    written += '"override_reasons":{},"decline_reasons":{},"refusal_reasons":{},"end_reasons":{}},"stays":[],'
    assert read_rows(f'{written}"spans":[{frozen}],"left":[],"before":[]}}').spans == (Span("cosm", 5, True, 2, 0),)
