"""Rows of a day in which most counts about people are small."""

from datetime import date, datetime, timedelta

from placement.core.clock import AMSTERDAM
from placement.core.codes import DecisionKind, Region
from placement.core.reason_codes import Step, reasons_for
from placement.core.request_codes import ASKED_FOR
from placement.reports.inputs import FlowRow, Rows, StayRow, WaitingRow
from placement.reports.sections.clocks import BLOCKERS
from placement.reports.sections.waiting_clients import CAUSES


def some_rows(rng):
    """Makes a day in which most counts are small, as in reality."""
    on = date(2026, 11, 24)
    tally = lambda step: {one.code: rng.randint(1, 6) for one in reasons_for(step) if rng.random() < 0.4}  # noqa: E731
    overrides, declines = tally(Step.OVERRIDE), tally(Step.DECLINE)
    decisions = {
        DecisionKind.ACCEPT.value: rng.randint(0, 9),
        DecisionKind.OVERRIDE.value: sum(overrides.values()),
        DecisionKind.DECLINE.value: sum(declines.values()),
    }
    causes = rng.sample(CAUSES, rng.randint(1, 4))
    regions = rng.sample(list(Region), rng.randint(1, 4))
    return Rows(
        on=on, as_of=datetime(2026, 11, 24, 7, tzinfo=AMSTERDAM), late=False, shelters=(), units=(), extras=(),
        waiting=tuple(
            WaitingRow(rng.choice(regions).value, rng.randint(1, 4), rng.randint(0, 30), rng.choice(causes))
            for _ in range(rng.randint(0, 30))
        ),
        flow=FlowRow(
            on - timedelta(days=8), rng.randint(0, 20), rng.randint(0, 20), rng.randint(0, 9), decisions, overrides,
            declines, tally(Step.REFUSE), tally(Step.END), rng.randint(0, 9),
        ),
        stays=tuple(
            StayRow("U", rng.choice(regions).value, rng.randint(40, 120), 90, 1, rng.choice(BLOCKERS[-3:]))
            for _ in range(rng.randint(0, 30))
        ),
        spans=(), left=(), before=(), moving={kind: rng.randint(0, 9) for kind in ASKED_FOR},
    )  # fmt: skip
