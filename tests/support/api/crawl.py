"""Every page that an actor can come to by links."""

import html
import re
from collections import Counter, deque

from httpx import Response

from tests.support.api.empty_service import Begun

_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
_NO_PAGES = ("/static/", "/docs", "/changes", "/schema", "/health/", "/metrics", "/language")
VARIANTS = 3
"""So many of one address with other filters."""


def pages_of(begun: Begun, account: str, language: str, first: str = "/") -> dict[str, Response]:
    """Follows all links, and returns the answer to each by its address."""
    found: dict[str, Response] = {}
    known, variants, queue = {first}, Counter[str](), deque([first])
    while queue:
        path = queue.popleft()
        answer = found[path] = begun.page(account, path, language)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in map(html.unescape, _LINK.findall(answer.text)):
            address = link.partition("?")[0]
            if link in known or link.startswith(_NO_PAGES) or variants[address] >= VARIANTS:
                continue
            known.add(link)
            variants[address] += 1
            queue.append(link)
    return found
