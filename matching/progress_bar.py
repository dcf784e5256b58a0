"""A progress bar for long commands."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(words: str, patience: float = 0.0) -> Iterator[Callable[[int, int], None]]:
    """Yields a function that shows the number of finished items. A terminal shows the bar after `patience` seconds."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 - takes time to import, and only a terminal needs it
    from rich.progress import Progress  # noqa: PLC0415 - as above

    began = time.perf_counter()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None, visible=not patience)
        yield lambda done, total: bar.update(
            task, completed=done, total=total, visible=time.perf_counter() - began >= patience
        )
