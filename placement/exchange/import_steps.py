"""The steps of an import, which are the changes that its rows cause in the register."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StepKind(StrEnum):
    MAKE = "make"
    CHANGE = "change"
    MOVE = "move"
    CLOSE = "close"
    ASK = "ask"  # a second person must grant it: a postal address, or an account


@dataclass(frozen=True, slots=True)
class Step:
    """A change that a row causes. `sheet`, `row`: the position in the file. `facts`: changed columns, days, counts, and
    values before and after. `thing`: the id of the changed thing; empty in a trial, if the import would make it.
    """

    kind: StepKind
    what: str
    thing: str
    name: str
    sheet: str
    row: int
    facts: Mapping[str, Any] = field(default_factory=dict)


class Stop(Exception):
    """Raised if a row cannot be imported. Without a code, another finding states the reason."""

    def __init__(self, column: str = "", code: str = "", **facts: object) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.facts = facts
