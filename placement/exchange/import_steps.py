"""The steps of an import in the register, row by row."""

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
    """The effect of a row. `sheet`, `row`: in the file. `facts`: columns that change, days, counts. `thing`: the id,
    empty if it does not exist before the file is carried out.
    """

    kind: StepKind
    what: str
    thing: str
    name: str
    sheet: str
    row: int
    facts: Mapping[str, Any] = field(default_factory=dict)


class Stop(Exception):
    """This row cannot be carried out. `column`: that of the service. Without a code, another finding has the reason."""

    def __init__(self, column: str = "", code: str = "", **facts: object) -> None:
        super().__init__(code)
        self.column = column
        self.code = code
        self.facts = facts
