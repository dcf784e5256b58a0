"""An attacker on published counts, by a solver (HiGHS), which shares no code with the protection."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from placement.reports.disclosure_control import HIDDEN

UNKNOWN = 10_000


def limits(text):
    """Returns the smallest and the largest value that a published count can have."""
    if text == HIDDEN:
        return 0, UNKNOWN
    if text.startswith("<"):
        return 0, int(text[1:]) - 1
    low, _, high = text.partition("\u2013")
    return int(low), int(high or low)


def learned(shown, sums, keys=None, own=None):
    """Computes the smallest and the largest value that each count can have, by a solver. `sums`: by total, each set of
    parts that it is divided into. `own`: how many of each are the attacker's own. The result is then about all others.
    """
    names = list(shown)
    at = {name: number for number, name in enumerate(names)}
    rows = []
    for whole, ways in sums.items():
        for parts in ways:
            row = np.zeros(len(names))
            row[at[whole]] = -1
            for part in parts:
                row[at[part]] = 1
            rows.append(row)
    bounds = np.array([limits(shown[name]) for name in names], dtype=float)
    if own is not None:
        bounds = np.maximum(bounds - np.array([[own.get(name, 0)] for name in names]), 0)
    adds_up = LinearConstraint(np.array(rows), 0, 0)
    found = {}
    for name in keys or names:
        goal = np.zeros(len(names))
        goal[at[name]] = 1
        ends = [
            milp(
                sign * goal,
                constraints=adds_up,
                bounds=Bounds(bounds[:, 0], bounds[:, 1]),
                integrality=np.ones(len(names)),
            )
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends)
        found[name] = (round(ends[0].fun), round(-ends[1].fun))
    return found
