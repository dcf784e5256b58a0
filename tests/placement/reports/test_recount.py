"""Every figure of the report of random histories is what `recount.py` finds by another way."""

import re
from collections import Counter
from contextlib import contextmanager, suppress
from random import Random

import pytest

from placement.core.request_codes import RequestKind
from placement.reports import build, collect
from placement.reports.collect import rows_at
from placement.reports.earlier_reports import earlier
from placement.reports.sections import clocks, events, flow, free_places, shelters, waiting_clients
from placement.reports.sections import forecast as forecast_section
from tests.support.proof import FULL
from tests.support.reports.random_history import ON, write_history
from tests.support.reports.recount import ANY, leaves, recount
from tests.support.stores import one_store

MISSING = "not counted again"
SEEDS = (5, 16)
"""Two histories in which every tally counts a client, and every broken part below shows."""

TALLIES = {
    *(f"waiting.by_{how}.count" for how in ("urgency", "cause")),
    *(f"regions.{what}" for what in ("waiting", "near", "past", "moved")),
    *(f"flow.{what}_reasons.count" for what in ("override", "decline", "refusal", "end")),
    *(f"flow.{what}" for what in ("registered", "arrived", "moved", "decisions", "refused", "expired", "ended")),
    *("waiting.moving", "waiting.moving_by_kind.count"),
    *("clocks.past_by_blocker.count", "waiting.bottlenecks.serves", "country.held", "flow.by_decision.count"),
}


class Undone(Exception):
    """Ends a transaction without a trace."""


@contextmanager
def history_of(place, seed):
    """Yields a random history for the time of a look, and the answers that the engine would give."""
    with suppress(Undone), place.database.transaction() as session:
        yield session, write_history(session, Random(seed))
        raise Undone


def report_of(place, session, blocking_causes):
    """Returns the report with counts before their protection; test_disclosure_control.py tests the published counts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "protect", lambda cells, *_: {key: str(count) for key, count in cells.items()})
        return build.build(
            rows_at(session, place.settings, ON, blocking_causes=blocking_causes, before=earlier(session, ON))
        )


def differences(report, counted):
    """Returns figures of the report without an equal recount, and recounted figures that the report lacks."""
    published = dict(leaves(report.model_dump()))
    again = {where: counted.get(where, counted.get(any_row_of(where), MISSING)) for where in published}
    found = {where: (value, again[where]) for where, value in published.items() if value != again[where]}
    untold = set(counted) - set(published)
    return found | {where: (MISSING, counted[where]) for where in untold if f"[{ANY}]" not in where}


def any_row_of(where):
    row, _, figure = where.rpartition("].")
    return f"{row.rpartition('[')[0]}[{ANY}].{figure}"


def compare(place, seeds):
    """Gives the tallies in which a client was counted."""
    seen = set()
    for seed in seeds:
        with history_of(place, seed) as (session, blocking_causes):
            counted = recount(session, blocking_causes)
            assert differences(report_of(place, session, blocking_causes), counted) == {}, seed
            seen |= {re.sub(r"\[.*]", "", where) for where, count in counted.items() if str(count) != "0"}
    return seen


@pytest.mark.wide
def test_every_figure_agrees_with_a_recount(vacant):
    assert TALLIES - compare(vacant, SEEDS) == set()


@pytest.mark.long
def test_every_figure_agrees_with_a_recount_of_many_histories(vacant):
    compare(vacant, range(200 if FULL else 10))


@pytest.mark.wide
def test_each_event_is_known_to_its_area_and_its_shelter(vacant):
    """An event at a place is known to a single shelter. Both ends know a move; an area knows all its events."""
    seen = Counter()
    for seed in SEEDS:
        with history_of(vacant, seed) as (session, _):
            row = flow.flow_row(session, ON)
        cells, _ = flow.count_people(row, [])
        known = {kind: Counter() for kind in ("area", "shelter")}
        for reader, counts in row.of_readers.items():
            known[reader.partition(":")[0]].update(counts)
        counted = {"/".join(key[1:]): count for key, count in cells.items() if count}
        assert {key: known["area"][key] for key in counted} == counted
        for name in ("arrived", "refused", "expired", "ended", "decisions/accept"):
            assert known["shelter"][name] == counted.get(name, 0), name
        assert row.moved <= known["shelter"]["moved"] <= 2 * row.moved
        seen.update(known["shelter"])
    assert min(seen[name] for name in ("arrived", "moved", "ended", "refused")) > 0


BROKEN = {
    "clocks.near": (clocks, "is_near", lambda stay: stay.day > round(stay.limit * 2 / 3)),
    "clocks.past": (clocks, "is_past", lambda stay: stay.day > stay.limit),
    "waiting.median_days": (build, "median_low", lambda days: days[len(days) // 2]),
    "waiting.by_cause": (collect, "NO_SCHEME", "several"),
    "waiting.by_cause[unknown]": (collect, "UNKNOWN", "capacity"),
    "expecting.by_kind": (forecast_section, "DAYS", 15),
    "expecting.by_kind[": (forecast_section, "_error", lambda _: [1.0]),
    "expecting.came_out": (forecast_section, "WEEKS_BACK", (1, 2, 3, 4)),
    "free.mean_28": (free_places, "DAYS", 27),
    "free.yesterday": (free_places, "timedelta", lambda days: collect.timedelta(days=days + 1)),
    "shelters[S01].units[S01-L1-U1].series": (shelters, "days_before", lambda on: free_places.days_before(on)[::-1]),
    "country.held": (collect, "_stood", lambda claim, *_: not claim.cancelled),
    "regions[": (flow, "_by_region", lambda *_: {"amsterdam": 1}),
    "flow.moved": (events, "MOVED_ON", "own_housing"),
    "waiting.moving": (waiting_clients, "ASKED_FOR", (RequestKind.TRANSFER,)),
    "waiting.moving_by_kind": (collect, "ASKED_FOR", (RequestKind.ONWARD,)),
    "flow.ended": (flow, "last_week", lambda on, week=flow.last_week: week(on) - flow.WEEK),
}
"""Broken parts of the report, each by a figure that then differs."""


@pytest.mark.wide
@one_store
def test_report_with_a_wrong_count_is_detected(vacant):
    uncaught = dict(BROKEN)
    for seed in SEEDS:
        with history_of(vacant, seed) as (session, blocking_causes):
            counted = recount(session, blocking_causes)
            for figure, broken in list(uncaught.items()):
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(*broken)
                    found = differences(report_of(vacant, session, blocking_causes), counted)
                if any(where.startswith(figure) for where in found):
                    del uncaught[figure]
    assert uncaught == {}


@pytest.mark.wide
@one_store
def test_figure_without_a_recount_is_detected(vacant):
    with history_of(vacant, SEEDS[0]) as (session, blocking_causes):
        report, counted = report_of(vacant, session, blocking_causes), recount(session, blocking_causes)
    assert len(counted) > 200
    for where in (where for where in counted if f"[{ANY}]" not in where):
        without = {one: figure for one, figure in counted.items() if one not in {where, any_row_of(where)}}
        assert where in differences(report, without)
