"""The papers that have a generated part, and what makes it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.support.papers import processing
from tests.support.papers.requirements import FOLDER, LISTS, written

BEGIN, END = "<!-- made by: python -m tests.support.papers -->\n", "<!-- end of what is made -->\n"
PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "dpia.md": processing.written,
    "keys.md": processing.keys,
    **{page: partial(written, name) for name, page in LISTS.items()},
}


def page_of(name: str) -> Path:
    return FOLDER / name


def with_part(name: str, page: str) -> str:
    """Returns the page with its part made anew."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    lines = "\n".join(PARTS[name]())
    return f"{before}{BEGIN}{lines}\n{END}{after}"
