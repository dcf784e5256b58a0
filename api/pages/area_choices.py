"""The care areas that a reader can choose, and the municipalities and units that a form offers."""

from dataclasses import dataclass

from placement.areas.lookup import areas, municipalities, registrant_units
from placement.core.codes import Sees
from placement.core.context import Act
from placement.dated_rules.lookup import safety_km

Choices = list[tuple[str, str]]
"""The code and name of each choice."""


@dataclass(frozen=True, slots=True)
class PlacesOfForm:
    areas: Choices
    municipalities: Choices
    units: Choices
    safety_km: int
    """The safety distance in km of a danger point for which no distance is given."""


def area_choices(act: Act) -> Choices:
    """Returns the areas whose cases a coordinator sees; for other roles all current areas."""
    known = areas(act.session, act.day)
    own = act.actor.regions if act.actor.role.sees is Sees.REGIONS else known
    return sorted(((code, place.value.name) for code, place in known.items() if code in own), key=lambda one: one[1])


def places_of_form(act: Act) -> PlacesOfForm:
    return PlacesOfForm(
        area_choices(act),
        sorted((code, place.value.name) for code, place in municipalities(act.session, act.day).items()),
        sorted((code, place.value.name) for code, place in registrant_units(act.session, act.day).items()),
        safety_km(act.session, act.day),
    )
