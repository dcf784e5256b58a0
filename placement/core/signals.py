"""Signals between packages within one transaction, without imports between them.

`publish` calls every reaction to the type of a signal, in order, in the transaction of the act. The reactions are
declared in one place (`placement/jobs/reactions.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placement.core.context import Act


@dataclass(frozen=True, slots=True)
class CountConfirmed:
    """A shelter, whose row is locked, has reported its rooms: its count is fresh."""

    shelter_id: str


Reactions = Mapping[type[object], Sequence[Callable[[Act, Any], None]]]
_REACTIONS: dict[type[object], Sequence[Callable[[Act, object], None]]] = {}


class NoReaction(RuntimeError):
    """A programming error: a signal was sent before any reaction was declared."""


def react(reactions: Reactions) -> None:
    """Declares the reactions; called once, at the start of a process."""
    _REACTIONS.update(reactions)


def publish(act: Act, signal: object) -> None:
    """Calls the reactions to a signal; passes their errors on. Raises `NoReaction` if no reaction was declared."""
    if type(signal) not in _REACTIONS:
        raise NoReaction(type(signal).__name__)
    for reaction in _REACTIONS[type(signal)]:
        reaction(act, signal)
