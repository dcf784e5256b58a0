"""Settings that differ from others."""

from typing import Any

from placement.core.settings import Settings


def changed(settings: Settings, **facts: Any) -> Settings:
    """Returns the same settings with these changes, checked as usual."""
    return Settings(**{**dict(settings), **facts})
