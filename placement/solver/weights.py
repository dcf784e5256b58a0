"""Weights of the engine's policy: each with its meaning, default and range.

The structure is the engine's (`matching.Policy`); this file has the meaning for people. The defaults are *assumed*,
without sources, so they can be changed, and each change has a reason (`weight_versions.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matching import DEFAULT_POLICY
from placement.text.catalogue import Language, translate

MOST_POINTS = 10_000_000
"""Five times the largest default: no weight needs more (assumed)."""

Flat = dict[str, int]
"""Every weight by its name, in a table as `table.key`."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight. `group`: the heading under which it is shown."""

    name: str
    group: str
    default: int
    most: int = MOST_POINTS

    def words(self, language: Language) -> str:
        return translate("weight", self.name, language)


_GROUPS = {
    "serve": "serve", "language": "fit", "waiting_day": "serve", "waiting_cap": "serve",
    "preferred_need": "fit", "scheme_step": "fit", "near_km": "fit", "near_cap": "fit",
    "stale": "fit", "together": "fit",
    "blocked_bed": "waste", "extra_room": "waste", "scarce": "waste",
}  # fmt: skip
"""The group of each weight or table of weights, in the order of the page."""

_DAYS = {"waiting_cap": 366}


def flat_of(weights: Mapping[str, Any]) -> Flat:
    """Returns a policy in force as flat weights, with defaults for missing weights."""
    found: Flat = {}
    for name in _GROUPS:
        default = getattr(DEFAULT_POLICY, name)
        given = weights.get(name, default)
        if isinstance(default, Mapping):
            found |= {f"{name}.{key}": figure for key, figure in {**default, **given}.items()}
        else:
            found[name] = given
    return found


def nested_of(flat: Flat) -> dict[str, Any]:
    """Returns flat weights in the engine's nested form."""
    found: dict[str, Any] = {}
    for name, figure in flat.items():
        table, _, key = name.partition(".")
        if key:
            found.setdefault(table, {})[key] = figure
        else:
            found[table] = figure
    return found


def _rows() -> Iterable[Weight]:
    defaults = flat_of({})
    for table, group in _GROUPS.items():
        for name, default in defaults.items():
            if name.partition(".")[0] == table:
                yield Weight(name, group, default, _DAYS.get(name, MOST_POINTS))


WEIGHTS = tuple(_rows())

NIGHT = "waiting_day"
"""The measure of other weights: one night of waiting of one person."""


def in_nights(flat: Mapping[str, int]) -> dict[str, float]:
    """Returns the value of each weight in nights of waiting, without weights counted in days.
    Empty if waiting has no weight.
    """
    night = flat.get(NIGHT, 0)
    if night <= 0:
        return {}
    return {name: figure / night for name, figure in flat.items() if name != NIGHT and name not in _DAYS}
