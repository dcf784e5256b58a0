"""The environment of a practice room's processes."""

from collections.abc import Mapping

from placement.core.setting_files import practice_folder
from placement.core.setting_limits import PREFIX
from placement.core.settings import Environment, Settings, given_by_variable

_OWN = {str(one.validation_alias): one for one in Environment.model_fields.values()}
_SHARED = frozenset({"other rules", "a reverse proxy"})
"""The purposes of the real service's settings that the practice room takes over."""


def practice_variables(settings: Settings, address: str, given: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of the room's processes. It consists of:

    - `given`, except settings,
    - the organisation's rules from `settings`, which are the settings of the real service,
    - the variables of a practice room.

    Leaves out every setting by which the room could reach something outside.
    """
    folder = practice_folder(settings.var)
    return {
        **{name: value for name, value in given.items() if name not in _OWN and not name.startswith(PREFIX)},
        **{name: value for name, value in given_by_variable().items() if _needed_for(name) in _SHARED},
        "PLACEMENT_PRACTICE": "yes",
        "PLACEMENT_VAR": str(folder),
        "DATABASE_URL": settings.practice_database or f"sqlite:///{folder / 'placement.db'}",
        "PLACEMENT_ADDRESS": address,
        "PLACEMENT_PLAIN_HTTP": "yes" if address.startswith("http://") else "no",
        "PLACEMENT_WEBAUTHN": "off",
        "PLACEMENT_SESSION_IDLE_HOURS": "24",
        "PLACEMENT_SESSION_HOURS": "168",
    }


def _needed_for(variable: str) -> str:
    extra = _OWN[variable].json_schema_extra
    return str(extra["needed for"]) if isinstance(extra, dict) else ""
