"""Whether lines of the log were removed, put back or held back between their act and the chain: by their lanes
(`placement/storage/log_buffer.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from placement.storage import log_buffer, row_ledger

_REMOVED = "missing before it: a line that was stored beside the chain was removed"
_AGAIN = "a line that was in the chain before"


class LaneCheck:
    """How far each lane was followed."""

    def __init__(self, *, from_the_start: bool) -> None:
        """`from_the_start`: every lane begins with its first line; else it goes on from somewhere."""
        self._from_the_start = from_the_start
        self._at: dict[str, int] = {}

    def fault_of(self, content: Mapping[str, Any]) -> str | None:
        """What is wrong with the place of a line in its lane, or with what it says of others; goes on to it."""
        if log_buffer.LANE not in content:
            return None
        lane, number = content[log_buffer.LANE]
        before = self._at.get(lane, 0 if self._from_the_start else number - 1)
        if number != before + 1:
            return _REMOVED if number > before else _AGAIN
        self._at[lane] = number
        for other, last in content.get(log_buffer.GIVEN_UP, {}).items():
            if self._at.get(other, 0 if self._from_the_start else last) < last:
                return _REMOVED
        return None

    def fault_beside(self, lines: Sequence[Row[Any]], key: bytes) -> tuple[str | None, dict[str, str | None]]:
        """The first fault of the lines beside the chain, and what they say last of each sealed row."""
        stated: dict[str, str | None] = {}
        for line in lines:
            content = log_buffer.content_of(line, key)
            fault = "changed: a line beside the chain" if content is None else self.fault_of(content)
            if fault is not None or content is None:
                return fault, stated
            stated |= content.get(row_ledger.ROWS, {}).get("changed", {})
        return None, stated
