"""The check of the audit events that wait for the hash chain (*lines*). It detects lines that were removed, repeated or
held back. Each line has a number in a *lane*, a queue of one process (`placement/storage/log_buffer.py`).
"""

from collections.abc import Sequence

from placement.storage import log_buffer, row_ledger
from placement.storage.log_buffer import Line
from placement.storage.log_contents import Written

_REMOVED = "missing before it: a line that was stored beside the chain was removed"
_AGAIN = "a line that was in the chain before"


class LaneCheck:
    """The check that the numbers of the lines in each lane have no gap."""

    def __init__(self, *, from_the_start: bool) -> None:
        """Begins a check. `from_the_start`: every lane must begin with number 1."""
        self._from_the_start = from_the_start
        self._at: dict[str, int] = {}

    def fault_of(self, content: Written) -> str | None:
        """Checks that the number of a line follows the previous number of its lane. If the line records that other
        lanes were abandoned, also checks that their last lines were found. Returns the fault, or `None`.
        """
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

    def fault_beside(self, lines: Sequence[Line], key: bytes) -> tuple[str | None, dict[str, str | None]]:
        """Checks the waiting lines. Returns the first fault (or `None`), and the last recorded mark of each row."""
        stated: dict[str, str | None] = {}
        for line in lines:
            content = log_buffer.content_of(line, key)
            fault = "changed: a line beside the chain" if content is None else self.fault_of(content)
            if fault is not None or content is None:
                return fault, stated
            stated |= content.get(row_ledger.ROWS, {}).get("changed", {})
        return None, stated
