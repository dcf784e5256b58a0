"""What one package tells others within the same transaction, without importing them.

`tell` calls every reaction to an event's type, in order, in the transaction of the act: all of it is committed, or
none. Which reactions there are is declared in one place (`placement/jobs/reactions.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placement.core.context import Act


@dataclass(frozen=True, slots=True)
class CountConfirmed:
    """A shelter, whose row is locked, has reported its rooms: its count is fresh."""

    shelter_id: str


Reactions = Mapping[type[Any], Sequence[Callable[[Act, Any], None]]]
_REACTIONS: dict[type[Any], Sequence[Callable[[Act, Any], None]]] = {}


class NoReaction(RuntimeError):
    """A fault of ours: an event was told before anybody could react to it."""


def react(reactions: Reactions) -> None:
    """From now on these are called. Declared once, where the process is put together."""
    _REACTIONS.update(reactions)


def tell(act: Act, event: Any) -> None:
    """Raises `NoReaction` where nothing was declared for the event, and what a reaction raises."""
    if type(event) not in _REACTIONS:
        raise NoReaction(type(event).__name__)
    for reaction in _REACTIONS[type(event)]:
        reaction(act, event)
