"""The audit event of changed settings."""

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.settings import OF_A_GROUP, Settings
from placement.storage import log_index
from placement.storage.log_index import Wanted


def record_settings(act: Act) -> None:
    """Writes an audit event if the settings differ from those in the last such audit event."""
    now = as_text(act.settings)
    last = log_index.find(act.session, Wanted(event=Event.SETTINGS_CHANGED.value), 1)
    if not last or last[0].facts != now:
        audit_log.write(act, Event.SETTINGS_CHANGED, **now)


def as_text(settings: Settings) -> dict[str, str]:
    """Returns every setting by name, as text. Leaves out settings that can contain a key or a password. Also leaves out
    settings of a group of processes: two groups on one database would log each other's values as changes.
    """
    shown = [name for name, field in Settings.model_fields.items() if field.repr and name not in OF_A_GROUP]
    return {name: _text(getattr(settings, name)) for name in shown}


def _text(value: object) -> str:
    """Returns a value as text. Secret fields of a composed value are left out."""
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset | tuple) else str(value)
