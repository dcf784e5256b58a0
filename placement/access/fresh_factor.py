"""The check of a fresh second factor: given again shortly before."""

from placement.core.context import Act
from placement.core.errors import NotAllowed


def require_fresh(act: Act) -> None:
    """Raises `NotAllowed` unless the user gave the second factor again shortly before. An API key never can."""
    if not is_fresh(act):
        raise NotAllowed("second_factor_needed")


def is_fresh(act: Act) -> bool:
    """Returns whether the user gave the second factor again shortly before."""
    given = act.actor.verified_at
    return given is not None and act.at - given < act.settings.fresh_second_factor
