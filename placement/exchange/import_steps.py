"""What an import does to the register, row by row."""

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
    """What a row does. `sheet`, `row`: in the file; `thing`: the id, empty where it is given only when the file is
    carried out; `facts`: columns that change, days, counts."""

    kind: StepKind
    what: str
    thing: str
    name: str
    sheet: str
    row: int
    facts: Mapping[str, Any] = field(default_factory=dict)


class Stop(Exception):
    """This row cannot be carried out. `column`: of ours; without a code another finding says why already."""

    def __init__(self, column: str = "", code: str = "", **facts: Any) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.facts = facts
