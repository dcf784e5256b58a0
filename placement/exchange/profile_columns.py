"""The profile of a unit in a row: what its shelter says of it, and nobody else."""

from collections.abc import Mapping
from typing import Any

PROFILE = (
    "admits", "min_age", "max_age", "children_max_age", "boys_max_age", "languages", "interpreter_languages",
    "specialisms",
)  # fmt: skip
"""All of them are said, or none yet."""
LISTS = frozenset({"admits", "languages", "interpreter_languages", "specialisms"})


def profile_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a profile that a row gives."""
    profile = {name: list(values[name]) if name in LISTS else values[name] for name in PROFILE if name in values}
    if "children_max_age" in profile:
        profile.setdefault("boys_max_age", profile["children_max_age"])
    return profile
