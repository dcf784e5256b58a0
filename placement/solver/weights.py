"""The weights of the engine's policy (`matching.Policy`), described for users: each weight with its text, default and
range. The default values are *assumed*, without sources. So users can change them, each time with a reason
(`weight_versions.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matching import DEFAULT_POLICY
from placement.text.catalogue import Language, translate

MOST_POINTS = 10_000_000
"""The largest weight that can be set: five times the largest default weight (assumed)."""

Flat = dict[str, int]
"""A mapping of every weight by name. A weight that is part of a table has the name `table.key`."""


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
"""The group of each weight or table of weights, in the order of the page."""

_DAYS = {"waiting_cap": 366}


def flat_of(weights: Mapping[str, Any]) -> Flat:
    """Returns the weights of a policy in flat form. A missing weight gets its default."""
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
"""The weight that serves as the unit of other weights: the points for one client who waits one night."""


def in_nights(flat: Mapping[str, int]) -> dict[str, float]:
    """Returns, for each weight, the number of nights that a client must wait for the same points. Leaves out weights
    that are counted in days. Returns an empty mapping if waiting has no weight.
    """
    night = flat.get(NIGHT, 0)
    if night <= 0:
        return {}
    return {name: figure / night for name, figure in flat.items() if name != NIGHT and name not in _DAYS}
