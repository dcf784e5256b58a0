"""Checks that no page of the site asks another host for a script, a style or a picture.

`python .ci/site/foreign.py FOLDER` prints each page that does, and fails.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

_ASKS = re.compile(r"<(?:script|img|iframe|source)[^>]*\ssrc=\"?https?:|<link[^>]*\shref=\"?https?:|@import")


def faults(folder: Path) -> Iterator[str]:
    """Yields each page with the first such request in it."""
    for file in sorted(folder.rglob("*.html")):
        if found := _ASKS.search(file.read_text()):
            yield f"{file.relative_to(folder)} asks another host: {found[0]}"


if __name__ == "__main__":
    sys.exit("\n".join(faults(Path(sys.argv[1]))) or None)
