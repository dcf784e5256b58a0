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
    ASK = "ask"  # a second person must agree, because it is a postal address or an account


@dataclass(frozen=True, slots=True)
class Step:
    """A change that a row causes. `sheet`, `row`: the position in the file. `facts`: changed columns, days, counts, and
    values before and after. `thing`: the id of the changed object; empty for a new object in a trial.
    """

    kind: StepKind
    what: str
    thing: str
    name: str
    sheet: str
    row: int
    facts: Mapping[str, Any] = field(default_factory=dict)


class Stop(Exception):
    """Raised if a row cannot be imported. `code`: the reason; empty if another finding already states the reason."""

    def __init__(self, column: str = "", code: str = "", **facts: object) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.facts = facts
