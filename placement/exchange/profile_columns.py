"""The profile of a unit in an imported row. Only the unit's shelter may give it."""

from collections.abc import Mapping
from typing import Any, get_origin

from placement.tables.facts import ProfileFacts

_BY_THE_REGISTER = "high_care_limit"
_FIELDS = {name: field for name, field in ProfileFacts.model_fields.items() if name != _BY_THE_REGISTER}
PROFILE = (*_FIELDS, "children_max_age", "boys_max_age")
"""The columns of a profile. A row must contain either all of them or no column of them."""
LISTS = frozenset(name for name, field in _FIELDS.items() if get_origin(field.annotation) is list)


def profile_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the profile that a row gives, by column."""
    profile = {name: list(values[name]) if name in LISTS else values[name] for name in PROFILE if name in values}
    if "children_max_age" in profile:
        profile.setdefault("boys_max_age", profile["children_max_age"])
    return profile
