"""The requests in a guide, in their order: blocks marked `http`, a method and an address, and a body below it."""

import json
import re
from textwrap import dedent
from typing import Any

from tests.support.paths import ROOT

_BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)
_REQUEST = re.compile(r"^(GET|POST|PATCH) /api/v1(\S+)\n?((?:[{ ].*\n?)*)", re.MULTILINE)


def requests_of(page: str) -> list[tuple[str, str, Any]]:
    """Returns the requests on a page of the guide: method, path below `/api/v1`, and body; of a file its text."""
    text = "\n".join(_BLOCK.findall((ROOT / "docs" / "guide" / page).read_text()))
    return [(method, path, _body(written)) for method, path, written in _REQUEST.findall(text)]


def _body(written: str) -> Any:
    if not written.strip():
        return None
    return json.loads(written) if written.startswith("{") else dedent(written)
