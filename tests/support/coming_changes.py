"""Changes of rules and units: a rule of the day from tomorrow on, and a shelter's profile of its unit from now on."""

from datetime import timedelta

from placement.capacity import unit_profile
from placement.tables import DatedRule
from placement.tables.facts import PROFILE_FACTS
from tests.support.town import SHELTER_OF, TODAY, shelter

REFLECTION = ["reflection", "reflection_dublin"]


def says(town, kind, code, **value):
    """Adds a value of a dated rule that is valid from tomorrow on."""
    when = {"asked_at": town.at, "settled_at": town.at, "valid_from": TODAY + timedelta(days=1)}
    about = {"legal_ground": "-", "source": "-", "settled_by": "A-1"}
    with town.act() as act:
        act.session.add(DatedRule(id="Y-1", kind=kind, code=code, number=1, value=value, **when, **about))


def takes(town, unit, **profile):
    """Changes the profile of a unit for its shelter, from now on."""
    known = town.one("unit", unit)
    said = {name: getattr(known, name) for name in (*PROFILE_FACTS, "children_max_age", "boys_max_age")} | profile
    town.do(unit_profile.change_profile, unit, known.version, said, actor=shelter(SHELTER_OF[unit]))
