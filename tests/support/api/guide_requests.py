"""The requests in a guide, in their order: blocks marked `http`, a method and an address, and a body below it."""

import json
import re
from typing import Any

from tests.support.paths import ROOT

_BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)
_REQUEST = re.compile(r"^(GET|POST|PATCH) /api/v1(\S+)\n?((?:[{ ].*\n?)*)", re.MULTILINE)


def requests_of(page: str) -> list[tuple[str, str, Any]]:
    """Returns the requests on a page of the guide: method, path below `/api/v1`, and body."""
    text = "\n".join(_BLOCK.findall((ROOT / "docs" / "guide" / page).read_text()))
    return [(method, path, json.loads(body) if body.strip() else None) for method, path, body in _REQUEST.findall(text)]
