"""The weights of the engine's policy, each with its meaning, default and range.

The structure is the engine's (`matching.Policy`); this file describes it for people. The defaults are *assumed*,
without sources, so people can change them, each time with a reason (`weight_versions.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matching import DEFAULT_POLICY
from placement.text.catalogue import Language, translate

MOST_POINTS = 10_000_000
"""The largest possible weight: five times the largest default (assumed)."""

Flat = dict[str, int]
"""Every weight by name; a weight in a table is called `table.key`."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight. `group`: the heading under which the page shows it."""

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
"""The group of each weight, or table of weights, in the order of the page."""

_DAYS = {"waiting_cap": 366}


def flat_of(weights: Mapping[str, Any]) -> Flat:
    """Returns a policy's weights in flat form; missing weights have their defaults."""
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
"""The weight in which others are expressed: one person waits one night."""


def in_nights(flat: Mapping[str, int]) -> dict[str, float]:
    """Returns each weight in nights of waiting, without weights counted in days. Empty if waiting has no weight."""
    night = flat.get(NIGHT, 0)
    if night <= 0:
        return {}
    return {name: figure / night for name, figure in flat.items() if name != NIGHT and name not in _DAYS}
