"""The check of a fresh second factor, which is a second factor that the user gave again a short time ago."""

from placement.core.context import Act
from placement.core.errors import NotAllowed


def require_fresh(act: Act) -> None:
    """Raises `NotAllowed` if the user has not given the second factor again recently, and always for an API key."""
    if not is_fresh(act):
        raise NotAllowed("second_factor_needed")


def is_fresh(act: Act) -> bool:
    """Checks whether the user gave the second factor again recently."""
    given = act.actor.verified_at
    return given is not None and act.at - given < act.settings.fresh_second_factor
