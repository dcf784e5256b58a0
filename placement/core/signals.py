"""Signals between packages within a transaction, without imports between the packages.

`publish` calls every reaction to the type of the signal, in order, in the same transaction.
`placement/jobs/reactions.py` declares all reactions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placement.core.context import Act


@dataclass(frozen=True, slots=True)
class CountConfirmed:
    """Signal: a shelter has reported its rooms, so its count is fresh. The shelter's row is locked."""

    shelter_id: str


Reactions = Mapping[type[object], Sequence[Callable[[Act, Any], None]]]
_REACTIONS: dict[type[object], Sequence[Callable[[Act, object], None]]] = {}


class NoReaction(RuntimeError):
    """A programming error: a signal was published before its reactions were declared."""


def react(reactions: Reactions) -> None:
    """Declares the reactions; called once, at the start of a process."""
    _REACTIONS.update(reactions)


def publish(act: Act, signal: object) -> None:
    """Calls the reactions to a signal; their errors propagate. Raises `NoReaction` if its type is not declared."""
    if type(signal) not in _REACTIONS:
        raise NoReaction(type(signal).__name__)
    for reaction in _REACTIONS[type(signal)]:
        reaction(act, signal)
