"""The table of a trial: each step with its seconds and the writes that it lost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.paths import ROOT

FILE = ROOT / "build" / "two-hosts.md"


class Table:
    """Rows in the order of the steps, written to a file after each."""

    def __init__(self, file: Path = FILE) -> None:
        self.file = file
        self._rows = ["| step | seconds | acknowledged writes | lost writes |", "|---|---|---|---|"]

    def add(self, step: str, seconds: float, acknowledged: int | None = None, lost: int | None = None) -> None:
        shown = ["" if number is None else f"{number}" for number in (acknowledged, lost)]
        self._rows.append(f"| {step} | {seconds:.1f} | {shown[0]} | {shown[1]} |")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("\n".join(["# Two hosts", "", *self._rows, ""]))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Adds a row when the step has succeeded."""
        began = time.monotonic()
        yield
        self.add(name, time.monotonic() - began)

    def __str__(self) -> str:
        return "\n".join(self._rows)
