"""The weights of the objective, and their defaults."""

from typing import Literal

import msgspec

from matching.format.scalars import Code, Days, Shape, Weight

DEFAULT_SERVE = {"1": 2_000_000, "2": 300_000, "3": 60_000, "4": 20_000}
DEFAULT_LANGUAGE = {"native": 600, "fluent": 450, "basic": 150, "interpreter": 0}
DEFAULT_SCARCE = {
    "wheelchair": 900,
    "psychiatric": 500,
    "addiction": 500,
    "family": 400,
    "pregnancy": 250,
    "infant": 250,
    "ground_floor": 150,
    "private_bathroom": 100,
}
DEFAULT_STALE = {"ageing": 20, "stale": 60, "never": 100}


class Policy(Shape, frozen=True):
    """The weights of the objective, in points. If a weight, or a key of the four tables, is absent, its default is
    used.

    - For each person: `serve` by urgency; `waiting_day` for each day of waiting, for at most `waiting_cap` days; minus
      `stale` by the freshness of the unit's count.
    - For each registration: `language` by level; `preferred_need` for each preferred need that is met; minus
      `scheme_step` for each scheme that would fit better; minus `near_km` for each kilometre from `near`, at most
      `near_cap` points.
    - Waste, which is subtracted: `scarce` by code, for each bed whose specialism or feature is not needed;
      `blocked_bed` for each idle bed in a private room; `extra_room` for each room after the first.
    - For each group without `must`: `together` for each registration at the same place as another member.
    """

    serve: dict[Literal["1", "2", "3", "4"], Weight] = msgspec.field(default_factory=dict)
    waiting_day: Weight = 400
    waiting_cap: Days = 60
    language: dict[Literal["native", "fluent", "basic", "interpreter"], Weight] = msgspec.field(default_factory=dict)
    preferred_need: Weight = 300
    scheme_step: Weight = 800
    near_km: Weight = 4
    near_cap: Weight = 600
    scarce: dict[Code, Weight] = msgspec.field(default_factory=dict)
    blocked_bed: Weight = 350
    extra_room: Weight = 200
    stale: dict[Literal["ageing", "stale", "never"], Weight] = msgspec.field(default_factory=dict)
    together: Weight = 700

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "serve", DEFAULT_SERVE | self.serve)
        msgspec.structs.force_setattr(self, "language", DEFAULT_LANGUAGE | self.language)
        msgspec.structs.force_setattr(self, "scarce", DEFAULT_SCARCE | self.scarce)
        msgspec.structs.force_setattr(self, "stale", DEFAULT_STALE | self.stale)


DEFAULT_POLICY = Policy()
