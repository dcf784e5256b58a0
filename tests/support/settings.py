"""Settings that differ from others."""

from typing import Any

from placement.core.settings import Settings


def changed(settings: Settings, **facts: Any) -> Settings:
    """The same settings but for these, checked as any."""
    return Settings(**{**dict(settings), **facts})
