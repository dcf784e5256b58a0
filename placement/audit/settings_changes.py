"""The settings in force, in the audit log: a change of settings has an audit event as every other change."""

from sqlmodel import col, select

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.settings import Settings
from placement.tables import AuditEvent


def record_settings(act: Act) -> None:
    """Writes an audit event where the settings differ from those in the last such audit event."""
    now = as_text(act.settings)
    query = select(AuditEvent.facts).where(AuditEvent.event == Event.SETTINGS_CHANGED.value)
    last = act.session.exec(query.order_by(col(AuditEvent.id).desc()).limit(1)).first()
    if last != now:
        audit_log.write(act, Event.SETTINGS_CHANGED, **now)


def as_text(settings: Settings) -> dict[str, str]:
    """Every setting by name, as text, without those that can hold a key or a password (as in its `repr`)."""
    return {name: _text(getattr(settings, name)) for name, field in Settings.model_fields.items() if field.repr}


def _text(value: object) -> str:
    """A record leaves out its own secret fields, as single sign-on does."""
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset | tuple) else str(value)
