"""Limits between settings, and suggestions for misspelt variables."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from types import MappingProxyType

PREFIX = "PLACEMENT_"

LONGEST_IDLE = timedelta(hours=24)
"""The time for which an unused session is kept (`placement/retention/kinds.py`)."""

KEY_BACKUPS_KEPT = timedelta(days=7)
"""The longest time for which a backup of the key store is kept. Such a backup still contains keys that were destroyed
after it was made.
"""

NOT_ABOVE: Mapping[str, tuple[str | timedelta | int, ...]] = MappingProxyType(
    {
        "fresh_within": ("stale_after",),
        "session_idle": ("session_lifetime", LONGEST_IDLE),
        "backup_keys_days": (KEY_BACKUPS_KEPT.days,),
    }
)
"""For each setting, its upper limits: names of other settings, or fixed values."""


def limit_shown(most: str | timedelta | int, variable_of: Callable[[str], str]) -> str:
    """Returns a limit as an operator would write it: the name of a variable, or a value."""
    if isinstance(most, str):
        return variable_of(most)
    return f"{most / timedelta(hours=1):g}" if isinstance(most, timedelta) else str(most)


def unknown(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Returns the unknown names that begin with `PLACEMENT_`. Each has the known name with the most similar spelling,
    or an empty text.
    """
    known = set(known)
    return {name: nearest(name, known) for name in sorted(names) if name.startswith(PREFIX) and name not in known}


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the known name with the most similar spelling. Returns an empty text if no name is similar."""
    near = get_close_matches(name.removeprefix(PREFIX), [one.removeprefix(PREFIX) for one in known], 1)
    return f"{PREFIX}{near[0]}" if near else ""
