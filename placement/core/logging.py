"""The technical log of every process: lines of JSON on standard error."""

import io
import sys
from typing import TextIO, cast

import structlog


class LogLines(io.TextIOBase):
    """The output stream of the log. On a full disk, lines are lost. When the disk has space again, the number of lost
    lines is logged.
    """

    def __init__(self, out: TextIO) -> None:
        self._out, self._lost = out, 0

    def write(self, lines: str) -> int:
        notice = f'{{"event": "log.lines_lost", "lines": {self._lost}}}\n' if self._lost else ""
        try:
            self._out.write(notice + lines)
            self._out.flush()
        except OSError:
            self._lost += 1
        else:
            self._lost = 0
        return len(lines)

    def flush(self) -> None:
        """Does nothing, because each line is flushed when it is written."""


def set_up_logging() -> None:
    """Configures logging. Tracebacks leave out the values of variables, because these values may contain case data."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", LogLines(sys.stderr))),
        cache_logger_on_first_use=False,
    )
