"""Signals between packages within a transaction. Packages need no import of each other. `publish` calls each function
that reacts to the type of the signal, in order and in the same transaction. `placement/jobs/reactions.py` declares
these functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placement.core.context import Act


@dataclass(frozen=True, slots=True)
class CountConfirmed:
    """Signal: a shelter has reported its rooms, so its count is fresh. The transaction has locked the shelter's row."""

    shelter_id: str


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """Signal: a case is closed, by a person, by the end of a stay, or by a merger."""

    registration_id: str


@dataclass(frozen=True, slots=True)
class CaseReopened:
    """Signal: the closing of a case was reversed."""

    registration_id: str


Reactions = Mapping[type[object], Sequence[Callable[[Act, Any], None]]]
_REACTIONS: dict[type[object], Sequence[Callable[[Act, object], None]]] = {}


class NoReaction(RuntimeError):
    """A programming error: a signal was published before the reactions to it were declared."""


def react(reactions: Reactions) -> None:
    """Declares the reactions to signals. Called once, when a process starts."""
    _REACTIONS.update(reactions)


def publish(act: Act, signal: object) -> None:
    """Calls the functions that react to a signal, and raises their errors. Raises `NoReaction` if no reaction to this
    type of signal is declared.
    """
    if type(signal) not in _REACTIONS:
        raise NoReaction(type(signal).__name__)
    for reaction in _REACTIONS[type(signal)]:
        reaction(act, signal)
