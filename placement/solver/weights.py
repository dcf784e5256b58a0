"""Weights of the engine's policy: each with its meaning, its default and its range.

Its shape is the engine's own (`matching.Policy`); here is what it means to people. The defaults are *assumed*: none has
a source, so they can be changed, and each change has a reason (`weight_versions.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matching import DEFAULT_POLICY
from placement.text.messages import Language

MOST_POINTS = 10_000_000
"""Five times the largest default: no weight needs more (assumed)."""

Flat = dict[str, int]
"""Every weight by its name, a table's as `table.key`."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight. `group`: the heading under which it is shown."""

    name: str
    group: str
    nl: str
    en: str
    default: int
    most: int = MOST_POINTS

    def words(self, language: Language) -> str:
        return self.nl if language == "nl" else self.en


_SERVE = {
    "1": ("Per persoon, urgentie: vannacht", "For each person, urgency: tonight"),
    "2": ("Per persoon, urgentie: binnen enkele dagen", "For each person, urgency: within days"),
    "3": ("Per persoon, urgentie: deze week", "For each person, urgency: this week"),
    "4": ("Per persoon, urgentie: kan wachten", "For each person, urgency: can wait"),
}
_LANGUAGE = {
    "native": ("Iemand spreekt haar moedertaal", "Somebody speaks her native language"),
    "fluent": (
        "Iemand spreekt een taal die zij vloeiend spreekt",
        "Somebody speaks a language that she speaks fluently",
    ),
    "basic": (
        "Iemand spreekt een taal die zij een beetje spreekt",
        "Somebody speaks a language that she speaks a little",
    ),
    "interpreter": ("Alleen een tolk spreekt haar taal", "Only an interpreter speaks her language"),
}
_SCARCE = {
    "wheelchair": ("rolstoeltoegang", "wheelchair access"),
    "psychiatric": ("psychiatrische zorg", "psychiatric care"),
    "addiction": ("verslavingszorg", "addiction care"),
    "family": ("plaats voor een gezin", "a place for a family"),
    "pregnancy": ("zorg bij zwangerschap", "care in pregnancy"),
    "infant": ("zorg voor een baby", "care for an infant"),
    "ground_floor": ("begane grond", "ground floor"),
    "private_bathroom": ("eigen badkamer", "private bathroom"),
}

_OTHERS = (
    ("waiting_day", "serve", "Per persoon erbij voor elke dag wachten", "For each person, added for each day of waiting"),
    ("waiting_cap", "serve", "Na zoveel dagen telt wachten niet verder", "After so many days waiting counts no further"),
    ("preferred_need", "fit", "Voor elke gewenste hulp die er is", "For each preferred need that is there"),
    (
        "scheme_step", "fit",
        "Aftrek voor elke regeling die beter had gepast",
        "Taken off for each scheme that would have fitted better",
    ),
    ("near_km", "fit", "Aftrek per km van waar zij graag is", "Taken off for each km from where she would like to be"),
    ("near_cap", "fit", "Hoogstens zoveel aftrek voor die afstand", "At most so much taken off for that distance"),
    ("blocked_bed", "waste", "Aftrek voor elk bed dat leeg blijft in een eigen kamer", "Taken off for each bed left empty in a private room"),
    ("extra_room", "waste", "Aftrek voor elke kamer meer dan één", "Taken off for each room beyond one"),
)  # fmt: skip
_DAYS = {"waiting_cap": 366}


def flat_of(weights: Mapping[str, Any]) -> Flat:
    """A policy in force, flat: with the default of what it leaves out."""
    found: Flat = {}
    for name in DEFAULT_POLICY.__struct_fields__:
        default = getattr(DEFAULT_POLICY, name)
        given = weights.get(name, default)
        if isinstance(default, Mapping):
            found |= {f"{name}.{key}": figure for key, figure in {**default, **given}.items()}
        else:
            found[name] = given
    return found


def nested_of(flat: Flat) -> dict[str, Any]:
    """Flat weights in the engine's nested form again."""
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
    for key, (nl, en) in _SERVE.items():
        yield Weight(f"serve.{key}", "serve", nl, en, defaults[f"serve.{key}"])
    for key, (nl, en) in _LANGUAGE.items():
        yield Weight(f"language.{key}", "fit", nl, en, defaults[f"language.{key}"])
    for name, group, nl, en in _OTHERS:
        yield Weight(name, group, nl, en, defaults[name], _DAYS.get(name, MOST_POINTS))
    for key, (nl, en) in _SCARCE.items():
        dutch, english = (
            f"Aftrek per bed als dit onbenut blijft: {nl}",
            f"Taken off for each bed if this is left idle: {en}",
        )
        yield Weight(f"scarce.{key}", "waste", dutch, english, defaults[f"scarce.{key}"])


WEIGHTS = tuple(_rows())
