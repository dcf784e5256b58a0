"""Limits between settings, and suggestions for misspelt variables."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

PREFIX = "PLACEMENT_"

LONGEST_IDLE = timedelta(hours=24)
"""The time for which an unused session is stored (`placement/retention/kinds.py`)."""

KEY_BACKUPS_KEPT = timedelta(days=7)
"""The longest time for which a backup of the key store is kept. Such a backup still contains keys that were destroyed
after it was made.
"""

NOT_ABOVE: Mapping[str, tuple[str | timedelta | int, ...]] = MappingProxyType(
    {
        "fresh_within": ("stale_after",),
        "session_idle": ("session_lifetime", LONGEST_IDLE),
        "session_on_duty": ("session_lifetime", LONGEST_IDLE),
        "backup_keys_days": (KEY_BACKUPS_KEPT.days,),
    }
)
"""The upper limits of each setting: names of other settings, or fixed values."""


_OUTWARD = {
    "smtp": "PLACEMENT_SMTP_HOST",
    "sms": "PLACEMENT_SMS_URL",
    "sso": "PLACEMENT_SSO_ISSUER",
    "syslog": "PLACEMENT_SYSLOG_HOST",
    "key_token": "PLACEMENT_KEY_TOKEN",
    "ladder_numbers": "PLACEMENT_LADDER_NUMBERS",
    "backup_data_for": "PLACEMENT_BACKUP_DATA_FOR",
    "backup_keys_for": "PLACEMENT_BACKUP_KEYS_FOR",
    "sheet_for": "PLACEMENT_SHEET_FOR",
    "public_telephone": "PLACEMENT_PUBLIC_TELEPHONE",
}
"""Settings that contain real addresses, numbers, keys or recipients, with their variables."""
_FOLDERS = {
    "run": "PLACEMENT_RUN",
    "key_store": "PLACEMENT_KEY_STORE",
    "audit_heads": "PLACEMENT_AUDIT_HEADS",
    "backup_folder": "PLACEMENT_BACKUP_FOLDER",
}


def outward_settings(var: Path, values: Mapping[str, object]) -> list[str]:
    """Returns the variables by which a practice room would reach something outside its own folder."""
    outside = [name for one, name in _FOLDERS.items() if not Path(str(values[one])).is_relative_to(var)]
    return [*(name for one, name in _OUTWARD.items() if values[one]), *outside]


def limit_shown(most: str | timedelta | int, variable_of: Callable[[str], str]) -> str:
    """Returns a limit as an operator would write it: the name of a variable, or a value."""
    if isinstance(most, str):
        return variable_of(most)
    return f"{most / timedelta(hours=1):g}" if isinstance(most, timedelta) else str(most)


def unknown(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Returns the unknown names that begin with `PLACEMENT_`. Each comes with the most similar known name, or with an
    empty text.
    """
    known = set(known)
    return {name: nearest(name, known) for name in sorted(names) if name.startswith(PREFIX) and name not in known}


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the known name with the most similar spelling. Returns an empty text if no name is similar."""
    near = get_close_matches(name.removeprefix(PREFIX), [one.removeprefix(PREFIX) for one in known], 1)
    return f"{PREFIX}{near[0]}" if near else ""
