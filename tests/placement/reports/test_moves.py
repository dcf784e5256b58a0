"""A client who moves in the report: not among those who wait, and with the clock of the first place."""

from datetime import timedelta

import pytest
from msgspec import structs

from placement.core.codes import Urgency
from placement.core.request_codes import RequestKind
from placement.registrations.requests import Asked
from placement.reports.build import build
from placement.reports.collect import rows_at
from placement.reports.inputs import read_rows, write_rows
from placement.reports.render.layout import lay_out
from tests.support.moving_client import WISH, ask, live, moving
from tests.support.town import ROOMS, TODAY

ONWARD = Asked(RequestKind.ONWARD, Urgency.WEEK)


def rows_on(town, day):
    with town.act() as act:
        return rows_at(act.session, act.settings, day)


@pytest.mark.wide
def test_moving_client_lives_somewhere_and_does_not_wait(town):
    client = town.register()
    town.house(client, "U4-crisis")
    ask(town, client)
    rows = rows_on(town, TODAY + timedelta(days=1))
    assert (len(rows.waiting), [row.unit for row in rows.stays]) == (0, ["U4-crisis"])
    town.later(days=10)
    for shelter_id in ROOMS:
        town.report(shelter_id)
    town.house(client, "U1-women")
    [stay] = rows_on(town, TODAY + timedelta(days=20)).stays
    assert (stay.unit, stay.day, stay.limit, stay.before) == ("U1-women", 20, 90, 10)


@pytest.mark.wide
@pytest.mark.parametrize(("asked", "kind"), [(WISH, "transfer"), (ONWARD, "onward")])
def test_moving_client_counts_apart_until_a_bed_is_kept(town, asked, kind):
    client = town.register()
    town.house(client, "U4-crisis")
    tomorrow, day_after, after_that = (TODAY + timedelta(days=days) for days in (1, 2, 3))
    assert rows_on(town, tomorrow).moving == {}
    town.later(days=1)
    ask(town, client, asked)
    assert [rows_on(town, day).moving for day in (tomorrow, day_after)] == [{}, {kind: 1}]
    known = rows_on(town, day_after).moving_of_readers
    assert sorted(reader.partition(":")[0] for reader in known) == ["area", "shelter"]
    assert list(known.values()) == [{kind: 1}] * 2
    town.later(days=1)
    town.report("S1")
    town.hold_in(client, "U1-women")
    assert (rows_on(town, day_after).moving, rows_on(town, after_that).moving) == ({kind: 1}, {})


def test_client_without_the_old_place_waits_and_moves_no_more(town):
    _, stay = moving(town)
    town.end(stay, "moved_for_safety")
    rows = rows_on(town, TODAY + timedelta(days=1))
    assert (len(rows.waiting), rows.moving) == (1, {})


@pytest.mark.wide
def test_move_is_one_event_of_the_week(town):
    client, _ = moving(town)
    town.house(client, "U1-women")
    flow = rows_on(town, TODAY + timedelta(days=7)).flow
    assert (flow.registered, flow.arrived, flow.moved, flow.end_reasons) == (1, 1, 1, {})
    assert flow.moved_by_region == {"amsterdam": 1}
    town.end(live(town, client), "own_housing")
    flow = rows_on(town, TODAY + timedelta(days=7)).flow
    assert (flow.arrived, flow.moved, flow.end_reasons) == (1, 1, {"own_housing": 1})


def test_report_of_before_moves_were_counted_tells_of_none(town):
    rows = rows_on(town, TODAY)
    before = structs.replace(rows, moving=None, flow=structs.replace(rows.flow, moved=None, moved_by_region=None))
    told = build(read_rows(write_rows(before)))
    assert (told.waiting.moving, told.waiting.moving_by_kind, told.flow.moved) == (None, (), None)
    words = str(lay_out(told, "en"))
    assert "are to move" not in words
    assert "Moved" not in words
    assert "are to move: <5" in str(lay_out(build(rows), "en"))
