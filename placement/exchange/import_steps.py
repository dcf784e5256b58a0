"""Steps of an import in the register, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StepKind(StrEnum):
    MAKE = "make"
    CHANGE = "change"
    MOVE = "move"
    CLOSE = "close"
    ASK = "ask"  # for a postal address, or an account, which a second person grants


@dataclass(frozen=True, slots=True)
class Step:
    """The change that a row causes. `sheet`, `row`: the place in the file. `facts`: changed columns, days, counts, and
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
    """An error: a row cannot be imported. Without a code, another finding has the reason."""

    def __init__(self, column: str = "", code: str = "", **facts: object) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.facts = facts
