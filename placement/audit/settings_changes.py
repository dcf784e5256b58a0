"""The audit event of changed settings."""

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.settings import OF_A_GROUP, Settings
from placement.storage import log_index
from placement.storage.log_index import Wanted


def record_settings(act: Act) -> None:
    """Writes an audit event if the settings differ from the last recorded settings."""
    now = as_text(act.settings)
    last = log_index.find(act.session, Wanted(event=Event.SETTINGS_CHANGED.value), 1)
    if not last or last[0].facts != now:
        audit_log.write(act, Event.SETTINGS_CHANGED, **now)


def as_text(settings: Settings) -> dict[str, str]:
    """Returns every setting as text, by name. Leaves out settings that can contain a secret. Also leaves out settings
    that may differ between processes of one database, because each process would record the difference again.
    """
    shown = [name for name, field in Settings.model_fields.items() if field.repr and name not in OF_A_GROUP]
    return {name: _text(getattr(settings, name)) for name in shown}


def _text(value: object) -> str:
    """Returns a value as text, without its secret fields."""
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset | tuple) else str(value)
